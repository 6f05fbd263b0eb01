"""Whether preferences help a model that was reinforced already: writes a page of results.

A quickstart's model goes on in several ways, each of which draws as many further replies: GRPO
longer, rounds of imitating what the verifier accepts, rounds of preferences. Of one seed all begin
with the same weights. Finished runs are not run again: interrupt and go on as you like.

    python scripts/preferences.py --seeds 0 1 2
    python scripts/preferences.py --before sft --to imitated.md
"""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import tyro
from study import share

from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.seeds import entry
from avrgym.core.score import Score
from avrgym.report.names import format_name, level_name
from avrgym.runs.record import Record, write
from avrgym.train.pairing import Pairing
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Dpo, Grpo, Rft, Sft, Sppo, Stage

LAST = "further"  # what the stage is called in which runs differ
_NONE = Score(0, 0)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What to run."""

    task: str = "grid_navigation"
    config: Path | None = None
    """A run's file that imitates and then reinforces; the quickstart of the task if left out."""
    seeds: tuple[int, ...] = (0, 1, 2)
    before: Literal["grpo", "sft"] = "grpo"
    """What the model was trained by that goes on."""
    reinforced: int = 250
    """Steps of the reinforcement that comes before."""
    steps: int = 40
    """Optimiser steps of every way."""
    rounds: int = 2
    """In which replies are drawn, but by GRPO, which draws them step by step."""
    direct: bool = False
    """Whether answers alone are imitated and asked for too, in the same stages."""
    ways: tuple[str, ...] = ("grpo", "rft", "first", "outcome", "ches", "sppo")
    """Of those that there are, which go on."""
    probes: int = 0
    """Steps between quick checks, and looks at displacement; 0: none but at the ends of rounds."""
    items: int = 256
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``."""
    runs: Path = Path("runs/preferences")
    to: Path = Path("docs/results/preferences.md")


def main(asked: Preferences, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    base = begun(load(asked.config or quickstart(asked.task)), asked)
    variants = {"nothing": base} | {
        way: replace(base, stages=(*base.stages, stage)) for way, stage in ways(base, asked).items()
    }
    records: dict[str, list[Record]] = {way: [] for way in variants}
    for seed in asked.seeds:
        first: Record | None = None
        for way, variant in variants.items():
            planned = replace(variant, name=f"{asked.task}-{asked.before}-{seed}-{way}", seed=seed)
            if first:
                share(first, planned, asked.runs / planned.name)
            record = train(planned, folder=asked.runs)
            records[way].append(record)
            first = first or record
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    write(asked.to, "\n".join(page(base, asked, records, given)) + "\n")
    print(asked.to)


def begun(run: Run, asked: Preferences) -> Run:
    """The run before the stage in which ways differ.

    Raises:
        TaskError: It does not imitate and then reinforce.
    """
    match run.stages:
        case (Sft() as sft, Grpo() as grpo):
            pass
        case _:
            raise TaskError(f"{run.name} is not of an sft and a grpo; give such a run's file")
    if asked.direct:
        sft, grpo = (replace(each, curriculum=_both(each.curriculum)) for each in (sft, grpo))
    stages: tuple[Stage, ...] = (sft, replace(grpo, steps=asked.reinforced))
    formats = ("image", "image-direct") if asked.direct else ("image",)
    measured = replace(run.evaluation, split=asked.split, items=asked.items, formats=formats)
    return replace(run, stages=stages[: 1 + (asked.before == "grpo")], evaluation=measured)


def _both(curriculum: Any) -> Any:
    """Levels of which answers alone are asked for as often as worked ones."""
    formats = {**curriculum.formats, "image-direct": curriculum.formats["image"]}
    return replace(curriculum, formats=formats)


def ways(base: Run, asked: Preferences) -> dict[str, Stage]:
    """The stages that go on, by the way's name; all draw as many replies.

    Raises:
        TaskError: A way is asked for that there is not.
    """
    grpo = load(asked.config or quickstart(asked.task)).stages[-1]
    assert isinstance(grpo, Grpo)  # as ``begun`` has looked
    curriculum = _both(grpo.curriculum) if asked.direct else grpo.curriculum
    drawn = asked.steps * grpo.prompts // asked.rounds  # prompts of a round
    common: dict[str, Any] = {
        "name": LAST,
        "steps": asked.steps,
        "curriculum": curriculum,
        "probe_every": asked.probes,
    }
    own = {"rounds": asked.rounds, "replies": grpo.replies}
    slow = {"learning_rate": 1e-4, "adam_beta2": 0.98, "logging_steps": 5}
    prefer = Dpo(samples=drawn, trl=slow, **common, **own)
    whole = Pairing(cut="none")
    found: dict[str, Stage] = {
        "grpo": replace(grpo, **common),
        "rft": Rft(prompts=drawn, trl={**slow, "learning_rate": 2.5e-4}, **common, **own),
        "first": prefer,
        "outcome": replace(prefer, pairs=whole),
        "ches": replace(prefer, drop_top_ches=0.3),
        "sppo": Sppo(samples=drawn, trl=slow, **common, **own),
    }
    if unknown := [way for way in asked.ways if way not in found]:
        raise TaskError(f"no way {unknown[0]}; give some of {', '.join(found)}")
    return {way: found[way] for way in asked.ways}


_TITLES = {
    "nothing": "nothing",
    "grpo": "GRPO longer",
    "rft": "RFT",
    "first": "DPO, first-error pairs",
    "outcome": "DPO, whole replies",
    "ches": "DPO, first-error pairs, 30 % of the highest CHES left out",
    "sppo": "SPPO",
}


def page(
    base: Run, asked: Preferences, records: Mapping[str, Sequence[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    grpo = load(asked.config or quickstart(asked.task)).stages[-1]
    assert isinstance(grpo, Grpo)
    replies = asked.steps * grpo.prompts * grpo.replies
    trained = {"grpo": f"{asked.reinforced} steps of GRPO", "sft": "imitation alone"}[asked.before]
    yield f"# {asked.task}: what preferences add to a model\n"
    yield (
        f"The quickstart's model after {trained}, then {asked.steps} optimiser steps in each way "
        f"on {replies:,} further replies to its training levels: GRPO draws them step by step, the "
        f"others in {asked.rounds} rounds. Split `{asked.split}`, up to {asked.items} samples of "
        "distinct content a level; none of their contents occurs in training. Per cent of answers "
        "right: mean over seeds ± half the 95 % interval over seeds (Student), then seed by seed "
        f"(seeds {' '.join(map(str, asked.seeds))}); rows but the first say the difference from "
        "doing nothing, pair by pair.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/preferences.py', *given])}`.\n"
    for name in base.evaluation.formats:
        for decoding in base.evaluation.decodings:
            yield f"\n## {format_name(name).capitalize()}, {decoding}\n"
            yield from _accuracy(base, records, name, decoding)
    yield "\n## What moved\n"
    yield (
        "Log-probabilities of watched pairs at the end of each round against its begin, all seeds "
        "together: mean change, share that fell; and the right greedy answers to their prompts.\n"
    )
    yield "| then | round | chosen | fell | rejected | fell | right before | right after |"
    yield "|---|---|---|---|---|---|---|---|"
    for way, runs in records.items():
        yield from _moved(_TITLES[way], runs)
    yield "\n## Seconds of CPU time of the last stage, evaluation included\n"
    yield f"| then | {' | '.join(f'seed {seed}' for seed in asked.seeds)} |"
    yield "|---|" + "---|" * len(asked.seeds)
    for way, runs in records.items():
        if way != "nothing":
            spent = [
                sum(e.get("cpu_seconds", 0.0) for e in run.events("done") if e["stage"] == LAST)
                for run in runs
            ]
            yield f"| {_TITLES[way]} | {' | '.join(f'{seconds:.0f}' for seconds in spent)} |"


def _accuracy(
    base: Run, records: Mapping[str, Sequence[Record]], name: str, decoding: str
) -> Iterator[str]:
    levels = base.evaluation.settings(base.wording)
    yield f"| then | {' | '.join(map(level_name, levels))} |"
    yield "|---|" + "---|" * len(levels)
    plain = [_scores(run, base.planned()[-1].name) for run in records["nothing"]]
    for way, runs in records.items():
        mine = plain if way == "nothing" else [_scores(run, LAST) for run in runs]
        cells = []
        for level in levels:
            key = (level, name, decoding)
            rates = [100 * each.get(key, _NONE).accuracy for each in mine]
            others = [100 * each.get(key, _NONE).accuracy for each in plain]
            if way == "nothing":
                cells.append(entry(rates))
            else:
                gains = [a - b for a, b in zip(rates, others, strict=True)]
                cells.append(entry(gains, sign=True))
        yield f"| {_TITLES[way]} | {' | '.join(cells)} |"


def _scores(run: Record, stage: str) -> Mapping[Any, Score]:
    rows = [row for row in run.results() if row["stage"] == stage]
    return accuracy(rows, "level", "format", "decoding")


def _moved(title: str, runs: Sequence[Record]) -> Iterator[str]:
    ends: dict[int, list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for run in runs:
        looks: dict[int, list[dict[str, Any]]] = {}
        for event in run.events("displacement"):
            looks.setdefault(event["round"], []).append(event)
        for round, mine in looks.items():
            ends.setdefault(round, []).append((mine[0], mine[-1]))
    for round, pairs in sorted(ends.items()):
        mean = {
            key: sum(after[key] for _, after in pairs) / len(pairs)
            for key in ("chosen", "chosen_fell", "rejected", "rejected_fell")
        }
        right = [sum(each["right"] for each in side) for side in zip(*pairs, strict=True)]
        total = sum(after["total"] for _, after in pairs)
        yield (
            f"| {title} | {round + 1} | {mean['chosen']:+.2f} | {mean['chosen_fell']:.0%} | "
            f"{mean['rejected']:+.2f} | {mean['rejected_fell']:.0%} | {right[0]} of {total} | "
            f"{right[1]} of {total} |"
        )


if __name__ == "__main__":
    main(tyro.cli(Preferences, description=__doc__), sys.argv[1:])
