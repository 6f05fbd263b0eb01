"""Climbs in the trainers: two steps of each, groups drawn anew, what is refused before any work."""

import io
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import avrgym
import trained
from avrgym import Picture, Prompt, TaskError, config
from avrgym.core.address import setting_of
from avrgym.evaluate.suite import Evaluation
from trained import DPO, EASY, GRPO, SFT, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from trl import GRPOTrainer

from avrgym.models.load import restore
from avrgym.models.spec import Tiny
from avrgym.models.tokens import ByteTable
from avrgym.runs.record import Record
from avrgym.train import checks, plan
from avrgym.train.clock import Clock
from avrgym.train.curricula import CLIMBS, Levels
from avrgym.train.curricula.gate import Gate
from avrgym.train.curricula.gaussian import Gaussian
from avrgym.train.curricula.learnability import Learnability
from avrgym.train.curricula.occasion import Occasion, Seen
from avrgym.train.curricula.window import Window
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.processes import Processes
from avrgym.train.run import train
from avrgym.train.screen import Screen
from avrgym.train.spec import Run
from avrgym.train.stages import Grpo
from avrgym.train.trainers.grpo import noise
from avrgym.train.trainers.judge import Judge
from avrgym.train.trainers.refilling import Refill
from avrgym.train.trainers.surviving import Watch

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

QUIET = Evaluation(suite=())
RUNGS = replace(EASY, levels="rung0..rung2")


def test_every_climb_takes_two_steps_and_a_gate_spends_its_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []  # rows that TRL drew replies to
    generate = GRPOTrainer._generate

    def counted(self: Any, prompts: list[Any]) -> Any:
        asked.append(len(prompts))
        return generate(self, prompts)

    monkeypatch.setattr(GRPOTrainer, "_generate", counted)
    stages = [
        replace(GRPO, name=each().kind, curriculum=replace(RUNGS, climb=each())) for each in CLIMBS
    ]
    # Of an untrained model every reply is wrong: each drawing of 2 is refilled with 2, twice.
    gated = replace(GRPO, name="gated", steps=6, refill=2, curriculum=stages[4].curriculum)
    run = trained.run(*stages, gated, evaluation=QUIET)
    record = train(run, folder=tmp_path)
    assert sum(asked) == GRPO.replies * (2 * 2 * len(stages) + 12)  # no more than the budgets
    for stage in [*stages, gated]:
        logged = [event for event in record.events("log") if event["stage"] == stage.name]
        assert [event["step"] for event in logged] == [1, 2]
        drawn = [event for event in record.events("sampled") if event["stage"] == stage.name]
        total = 6 if stage is gated else 2
        for step in (1, 2):
            now = [event for event in drawn if event["step"] == step]
            assert sum(event["total"] for event in now) == total * GRPO.replies
        told = logged[-1]["curriculum"]
        shares = {name[6:]: share for name, share in told.items() if name.startswith("share/")}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        assert set(shares) == {event["level"] for event in drawn}
        assert all(told[f"success/{level}"] == 0 for level in shares)
        assert len(list(record.rollouts())) == 2 * 2 * GRPO.replies * (len(stages) + 1)
    assert [event["left_out"] for event in record.events("log") if "left_out" in event] == [4, 4]
    # Cosine over the budget: a third of it is gone with the first step, not a sixth.
    rates = [event["learning_rate"] for event in record.events("log") if event["stage"] == "gated"]
    assert rates == pytest.approx([0.01, 0.01 * (1 + np.cos(np.pi / 2)) / 2])
    warned = {event["stage"] for event in record.events("warning")}
    assert "window" in warned and "uniform" not in warned
    last = restore(run.model, record.model("gated")).model
    assert all(weight.isfinite().all() for weight in last.parameters())


@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.floats(0, 1)), min_size=1, max_size=16),
    st.floats(0, 0.6),
)
def test_noise_is_a_group_all_wrong_and_paid_alike(
    replies: list[tuple[int, bool, float]], least: float
) -> None:
    told = [{"place": at, "correct": good, "reward": paid} for at, good, paid in replies]
    found = noise(told, least)
    for place in {at for at, _, _ in replies}:
        right = any(good for at, good, _ in replies if at == place)
        spread = statistics.pstdev(paid for at, _, paid in replies if at == place)
        if right or spread > least + 1e-9:
            assert place not in found
        elif spread < least - 1e-9:
            assert place in found


def paid_by_length(completions: Sequence[Any], **_: Any) -> list[float]:
    """What tells replies apart whatever they say."""
    return [float(len(str(each))) for each in completions]


def test_noise_is_not_learned_from(tmp_path: Path) -> None:
    """Of an untrained model every reply is wrong; what is paid differs all the same."""
    paid = {"test_train_climbing:paid_by_length": 1.0}
    stages = [
        replace(GRPO, name=name, rewards=paid, min_spread=least)
        for name, least in (("none", 1e6), ("all", 0.0))
    ]
    record = train(trained.run(*stages, evaluation=QUIET), folder=tmp_path)
    norms = {
        stage: [event["grad_norm"] for event in record.events("log") if event["stage"] == stage]
        for stage in ("none", "all")
    }
    assert set(norms["none"]) == {0.0} and all(norms["all"])
    logged = [event for event in record.events("log") if "noise" in event]
    assert [event["noise"] for event in logged] == [2, 2]


class Asked:
    """A curriculum of which one knows what was drawn last and what it was told."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.last, self.seen = inner, list[Prompt](), list[Seen]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def draw(self, count: int, pictured: bool | None = None) -> list[Prompt]:
        self.last = self.inner.draw(count, pictured)
        return self.last

    def observe(self, seen: Sequence[Seen]) -> None:
        self.seen += seen
        self.inner.observe(seen)


@pytest.mark.parametrize("tries", [1, 3])
def test_groups_without_signal_are_drawn_anew_until_there_is_some(
    tmp_path: Path, tries: int
) -> None:
    """A learner that is simulated, before the verifier as it is."""
    loaded = trained.model()
    tokenizer = loaded.processor.tokenizer
    plan = Levels(task=TASK, levels="rung0..rung2", formats={"text": 1}, climb=Learnability())
    occasion = Occasion(rows=40, together=4)
    curriculum = Asked(plan.made(occasion))
    lot = np.random.default_rng(0)

    def generate(asked: list[Any]) -> tuple[Any, ...]:
        prompts = [prompt for prompt in curriculum.last for _ in range(4)]
        assert len(asked) == len(prompts)
        said = []
        for i, sample in enumerate(avrgym.samples(prompt.address for prompt in prompts)):
            chance = [1.0, 0.5, 0.0][int(sample.address.partition("rung")[2][0])]
            said.append(sample.rationale if lot.random() < chance else f"Answer: {i}")
        ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in said]
        return [[1]] * len(ids), ids, None, [[text] for text in said], None, {}, None, []

    desk = Desk(
        name="grpo",
        steps=10,
        seed=0,
        picture=Picture(112, "compact"),
        curriculum=curriculum,
        occasion=occasion,
        record=Record(tmp_path),
        processes=Processes(),
        common={},
        adapter=False,
        origin=tmp_path,
        reference=lambda: None,
        first=tmp_path,
        model=Tiny(),
        loads=lambda folder: loaded,
        probe=lambda step: None,
        say=lambda text: None,
        folder=tmp_path,
    )
    gate = Gate(tries, together=4, budget=40, rounds=1)
    refill = Refill(gate, desk, Judge(ByteTable(tokenizer), Clock()), generate, 4)
    kept: list[Seen] = []
    left = 0
    while not gate.spent(0, curriculum.drawn):
        made = refill.through(curriculum.draw(4))
        assert len(made.prompts) == len(made.groups) == 4
        for prompt, group in zip(made.prompts, made.groups, strict=True):
            replies = [judged.words[0] for judged in group]
            verdicts = avrgym.verify([prompt.address] * 4, replies)
            assert [judged.right for judged in group] == verdicts.correct.tolist()
            kept.append(Seen(prompt, sum(judged.right for judged in group), 4))
        left += len(made.left_out)
        whole = made.share(0, 1)
        halves = [made.share(rank, 2) for rank in (0, 1)]
        assert [*halves[0][1], *halves[1][1]] == whole[1]
        assert whole[1] == [judged.reply for group in made.groups for judged in group]
    # It was told of every group, learned from or left out; neither counts for nothing.
    assert len(curriculum.seen) == curriculum.drawn == len(kept) + left <= 40
    assert {each.prompt.address for each in kept} <= {s.prompt.address for s in curriculum.seen}
    share = sum(each.mixed for each in kept) / len(kept)
    planned = sum(each.mixed for each in curriculum.seen) / len(curriculum.seen)
    assert share > planned


def test_checkpoints_by_time_fall_where_replies_are_drawn(tmp_path: Path) -> None:
    desk: Any = SimpleNamespace(clock=Clock(), processes=Processes())
    watch = Watch(desk, Pace(seconds=1e-9), 0, rounds=3)
    kept = []
    for step in range(1, 10):
        state: Any = SimpleNamespace(global_step=step, max_steps=9)
        control: Any = SimpleNamespace(should_save=False)
        watch.on_step_end(None, state, control)  # type: ignore[arg-type]
        kept += [step] * control.should_save
    assert kept == [3, 6]  # the last step's model is saved by the run


def test_the_terminal_says_where_a_climb_stands(tmp_path: Path) -> None:
    said = Console(file=io.StringIO(), record=True, width=100)
    screen = Screen(Record(tmp_path), said)
    screen.climbed("grpo", 5, 50, {})  # nothing was drawn
    screen.climbed("grpo", 50, 400, {f"{TASK}/rung0": (0.25, 1.0), f"{TASK}/rung1": (0.75, 0.5)})
    [line] = said.export_text().splitlines()
    assert line.endswith("grpo  50/400 drawn  rung0 25 % ▅▅▅▅ 100  rung1 75 % ▅▅▁▁  50")


def test_imitation_and_preference_climb_by_time_and_by_nothing_else(tmp_path: Path) -> None:
    bell = replace(RUNGS, climb=Gaussian(sigma=0.1))
    sft = replace(SFT, steps=4, curriculum=bell)
    run = trained.run(sft, evaluation=QUIET)
    record = train(run, folder=tmp_path)
    assert len(list(record.events("log"))) == 4
    made: Any = bell.made(run.occasion(0, run.planned()[0]))
    rungs = [setting_of(prompt.address)[-1] for prompt in made.at(range(16))]
    assert rungs[0] == "0" and rungs[-1] == "2"
    for stage in (SFT, DPO):
        with pytest.raises(TaskError, match=r"stages\[0\] .* climb that goes by time, such as"):
            checks.settings(trained.run(replace(stage, curriculum=replace(RUNGS, climb=Window()))))
    checks.settings(trained.run(replace(DPO, curriculum=bell)))


def test_a_climb_is_read_planned_and_refused_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    text = """
        name = "climb"
        picture = { size = 112, theme = "compact" }
        model = { kind = "tiny", hidden = 16, heads = 2, layers = 1 }
        evaluation = { suite = ["grid_navigation/rung0"], items = 4, max_reply = 40 }
        [[stages]]
        kind = "grpo"
        steps = 4
        prompts = 2
        replies = 2
        refill = 2
        max_reply = 60
        [stages.curriculum]
        kind = "levels"
        task = "grid_navigation"
        levels = "rung0..rung2"
        climb = { kind = "window", promote = 0.5 }
        """
    file.write_text(text)
    run = config.read(Run, file)
    [stage] = run.stages
    assert isinstance(stage, Grpo) and isinstance(stage.curriculum, Levels)
    assert stage.curriculum.climb == Window(promote=0.5)
    assert config.build(Run, config.table(run)) == run
    assert "4 steps, 8 prompts, 8 pictures" in plan.describe(run)
    with pytest.raises(TaskError, match="max_reply = 20 cuts whole rationales"):
        plan.describe(config.read(Run, file, {"stages.0.max_reply": "20"}))  # of rung2 too
    for key, value, words in (
        ("promote", "1.5", r"promote is 1.5; give a share from 0 to 1"),
        ("kind", "windows", r"unknown kind windows \(did you mean window\?\)"),
        ("width", "0", r"width=0 is out of range; give 1 to"),
    ):
        with pytest.raises(TaskError, match=words):
            config.read(Run, file, {f"stages.0.curriculum.climb.{key}": value})
    mixture = {
        "kind": "mixture",
        "name": "mix",
        "task": TASK,
        "examples": 40,
        "simple": "rung0",
        "hard": "rung1",
    }
    bounded: Any = config.build(Grpo, {**config.table(stage), "curriculum": mixture})
    with pytest.raises(TaskError, match=r"refill draws further prompts, and the curriculum has 40"):
        checks.settings(replace(run, stages=(bounded,)))
