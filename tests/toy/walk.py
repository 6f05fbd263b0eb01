"""Takes the toy task through all that a task goes through; run with a package that has it.

Takes the folder to write to.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gymnasium as gym
import numpy as np

import avrgym
from avrgym import Prompt, Source, mixtures, rewards, verify
from avrgym.core import facts


def walked(folder: Path) -> None:
    """Asks every room for the task."""
    source = Source("tally", "hard", split="test")
    samples = source.samples(range(40))
    addresses = [sample.address for sample in samples]
    told(addresses)
    judged(addresses, [sample.rationale for sample in samples], [s.answer for s in samples])
    assert source.images(range(4), 224).std() > 0
    env = gym.make("avrgym/Tally-v0", level="simple")
    _, info = env.reset(seed=1)
    [asked] = avrgym.samples([info["address"]])
    assert asked.task == "tally" and env.step(asked.rationale)[1] == 1.0
    assert not [name for name in gym.registry if name.startswith("avrgym/Tally-Board")]
    mixture = mixtures.named("mix+", "tally", 24)
    [phase] = mixture.phases
    prompts = mixtures.items(mixture, phase.name, 0, phase.size)
    assert len(prompts) == 24 and all(prompt.address.startswith("tally/") for prompt in prompts)
    measured(folder / "run")
    looked_at(folder, addresses[0])


def told(addresses: list[str]) -> None:
    """What it says of itself and of samples."""
    assert "tally" in avrgym.TASKS and avrgym.levels("tally")[0] == "simple"
    assert facts.about("tally").startswith("Add") and facts.length("tally") == "marked"
    assert facts.partial("tally") == "near" and facts.faults("tally") == ()
    assert facts.has_one_answer("tally") and facts.picture("tally") == (448, 448)
    other = Source("visual_analogy", "simple").address(0)
    columns = facts.features([*addresses, other])
    assert np.isnan(columns["marked"][-1]) and not np.isnan(columns["marked"][:-1]).any()
    assert facts.shortcuts(addresses)["everything"].max() <= 1
    assert facts.step_counts(addresses).tolist() == [len(s) for s in facts.steps(addresses)]


def judged(addresses: list[str], rationales: list[str], answers: list[str]) -> None:
    """Every reward pays it."""
    right = verify(addresses, rationales)
    assert right.correct.all() and (right.step_state == 0).all()
    near = verify(addresses, [f"Answer: {int(answer) + 1}" for answer in answers])
    for name in rewards.REWARDS:
        assert name in ("transcription", "tags") or (rewards.score(right, name) == 1).all(), name
    # Partial credit: one off earns more than nothing, and less than half.
    paid = rewards.score(near, "progress")
    assert np.allclose(paid, near.component("near") / 2) and (paid > 0.4).all() and paid.max() < 0.5
    twins = verify(addresses, [sample.twin for sample in avrgym.samples(addresses)])
    assert (rewards.score(twins, "transcription") == 1).all()


@dataclass(frozen=True, slots=True)
class Said:
    """A reply."""

    reply: bytes
    tokens: int = 0
    finish: str = "stop"
    seconds: float = 0.0
    logprob: float | None = None
    ids: tuple[int, ...] = ()


def half(prompts: Sequence[Prompt], /, *_: object, **__: object) -> list[Said]:
    """A policy that knows every second answer."""
    asked = avrgym.samples(prompt.address for prompt in prompts)
    replies = (sample.rationale if at % 2 else "" for at, sample in enumerate(asked))
    return [Said(reply.encode()) for reply in replies]


def measured(folder: Path) -> None:
    """An evaluation, and the report of what it wrote."""
    from avrgym.analyses.length import by_length
    from avrgym.evaluate.run import measure
    from avrgym.evaluate.suite import Evaluation
    from avrgym.report.page import write_report
    from avrgym.runs.record import RESULTS, Record

    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"name": "walk", "picture": {"size": 224}}', "utf-8")
    record = Record(folder)
    drawn = {"settings": ["tally/rung0"], "steps": 5, "role": "imitated"}
    record.append({"event": "stage", "stage": "sft", "kind": "sft", **drawn})
    suite = Evaluation(suite=("tally/rung0..rung1",), items=8, batch=8)
    levels = suite.settings()
    for stage in ("start", "sft"):
        count = measure(
            half,
            suite,
            stage,
            lambda rows: record.extend(rows, to=RESULTS),
            (),
            settings=levels,
            held_out=2,
            picture=avrgym.Picture(224),
        )
        assert count == 2 * 8 * 2 * 2
    rows = list(record.results())
    assert sum(row["correct"] for row in rows) == len(rows) / 2
    assert set(rows[0]["components"]) == set(facts.components("tally"))
    marked = by_length(rows)["tally/rung0"]
    assert sum(score.total for score in marked.values()) == len(rows) / 2
    page = write_report(record).read_text("utf-8")
    assert facts.about("tally") in page and "never seen" in page and "50.0" in page


def looked_at(folder: Path, address: str) -> None:
    """The gallery and the command line."""
    from avrgym.report.gallery import write_gallery

    page = write_gallery(folder / "gallery.html", tasks=["tally"], levels=["simple"], size=224)
    assert facts.about("tally") in page.read_text("utf-8")
    for verb in (["list"], ["list", "tally/rung3"], ["show", address, "--no-picture"]):
        assert command(*verb) == 0, verb


def command(*args: str) -> object:
    """The exit code of the command line."""
    from avrgym.cli import main

    try:
        main(args)
    except SystemExit as ended:
        return ended.code
    return None


if __name__ == "__main__":
    walked(Path(sys.argv[1]))
