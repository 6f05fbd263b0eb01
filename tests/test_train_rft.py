"""Expert iteration: what is kept, what is learned from it, and that nothing kept is an error."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Prompt, TaskError, config
from avrgym.evaluate.suite import Evaluation
from trained import EASY, ONE, RFT, SFT, SPOKEN, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym.models.completion import Completion, Finish
from avrgym.models.tokens import ByteTable
from avrgym.prompts.format import Format
from avrgym.report.stages import role, stages
from avrgym.runs.record import Record
from avrgym.train import plan
from avrgym.train.positions import Positions
from avrgym.train.run import train
from avrgym.train.stages import Rft
from avrgym.train.trainers.heard import heard
from avrgym.train.trainers.kept import Rule, drawn
from avrgym.train.trainers.rft import SurvivingRft, beside

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

UNMEASURED = Evaluation(suite=())
PROMPTS = [
    Prompt(address, Format("text"))
    for task, level in ((TASK, "rung0"), (TASK, "rung2"), ("table_readout", "rung0"))
    for address in avrgym.Source(task, level).addresses(range(1))
]
SAMPLES = dict(zip(PROMPTS, avrgym.samples([each.address for each in PROMPTS]), strict=True))
LENGTHS = {
    each: avrgym.core.facts.features([each.address])[
        avrgym.core.facts.length(avrgym.Address.parse(each.address).task)
    ][0]
    for each in PROMPTS
}


def said(prompt: Prompt, how: str) -> bytes:
    """A reply that is right in all, in its answer alone, in nothing, or unreadable."""
    whole = SAMPLES[prompt].rationale.encode()
    lines = whole.split(b"\n")
    return {
        "whole": whole,
        "spaced": whole + b"\n",
        "bare": lines[-1],
        "repeated": b"\n".join([*lines[:-1], lines[-2], lines[-1]]),
        "unmarked": lines[-1].removeprefix(b"Answer: "),
        "wrong": b"\n".join(lines[:-1]) + b"\nAnswer: 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9",
        "broken": b"\xff" + whole,
    }[how]


HOWS = ("whole", "spaced", "bare", "repeated", "unmarked", "wrong", "broken")
ENDS: tuple[Finish, ...] = ("stop", "stop", "stop", "length")
REPLIES = st.tuples(st.sampled_from(PROMPTS), st.sampled_from(HOWS), st.sampled_from(ENDS))
RULES = st.builds(
    Rule, st.sampled_from(["answer", "steps"]), st.integers(1, 3), st.sampled_from([0, 3])
)
#: What is good enough by each rule, whatever a task makes of the others.
GOOD = {"answer": {"whole", "spaced", "bare", "repeated"}, "steps": {"whole", "spaced"}}


@given(st.lists(REPLIES, min_size=6, max_size=24), RULES)
def test_the_first_good_replies_to_a_prompt_are_kept_and_no_others(
    asked: list[tuple[Prompt, str, Finish]], rule: Rule
) -> None:
    completions = [Completion(said(p, how), (), finish, 0.0) for p, how, finish in asked]
    found = drawn(heard([prompt for prompt, _, _ in asked], completions), rule)
    wanted: list[bool] = []
    had: dict[Prompt, set[bytes]] = {}
    for (prompt, how, finish), completion in zip(asked, completions, strict=True):
        mine = had.setdefault(prompt, set())
        good = how in GOOD[rule.keep] and finish == "stop" and LENGTHS[prompt] > rule.above
        wanted.append(good and len(mine) < rule.most and completion.reply not in mine)
        if wanted[-1]:
            mine.add(completion.reply)
    assert [each.kept for each in found] == wanted
    for each, (prompt, how, _) in zip(found, asked, strict=True):
        assert each.prompt == prompt
        if how not in ("unmarked", "broken"):  # which tasks may read or not
            assert each.correct == (how != "wrong")


def test_problems_that_are_not_longer_than_asked_are_left_out() -> None:
    completions = [Completion(said(prompt, "whole"), (), "stop", 0.0) for prompt in PROMPTS]
    for above in sorted({0, *map(int, LENGTHS.values())}):
        kept = [
            each.prompt
            for each in drawn(heard(PROMPTS, completions), Rule("steps", 1, above))
            if each.kept
        ]
        assert kept == [prompt for prompt in PROMPTS if LENGTHS[prompt] > above]


class Learned:
    """What a run's trainer was given, a reply with what was asked a row, by step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[list[tuple[bytes, bool]]] = []
        own: Any = SurvivingRft.compute_loss

        def compute(trainer: Any, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
            table = ByteTable(trainer.processing_class.tokenizer)
            end = trainer.processing_class.tokenizer.eos_token_id
            step = []
            for labels in inputs["labels"]:
                ids = labels[labels != -100].tolist()
                assert ids[-1] == end or end in ids
                step.append((table.text(ids[: ids.index(end)]), "position_ids" in inputs))
            self.steps.append(step)
            return own(trainer, model, inputs, *rest, **more)

        monkeypatch.setattr(SurvivingRft, "compute_loss", compute)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Learned]:
    """A run that speaks, and then climbs."""
    with pytest.MonkeyPatch.context() as patch:
        learned = Learned(patch)
        rft = replace(RFT, positions=Positions(9))
        run = trained.run(SPOKEN, rft, evaluation=UNMEASURED)
        record = train(run, folder=tmp_path_factory.mktemp("rft"))
    return record, learned


def test_a_round_imitates_what_it_kept_beside_demonstrations(
    spoken: tuple[Record, Learned],
) -> None:
    record, learned = spoken
    lines = [line for line in record.rollouts() if line["stage"] == "rft"]
    assert Counter((line["round"], line["step"]) for line in lines) == {(0, 1): 64, (1, 4): 64}
    verdicts = avrgym.verify([line["address"] for line in lines], [line["reply"] for line in lines])
    assert [line["correct"] for line in lines] == [verdict.correct for verdict in verdicts]
    assert all(line["correct"] and line["finish"] == "stop" for line in lines if line["kept"])
    for step, rows in enumerate(learned.steps):
        kept = {
            line["reply"].encode() for line in lines if line["kept"] and line["round"] == step // 3
        }
        # One move is a kept reply, and two are a demonstration.
        own = [reply for reply, _ in rows if b"," not in reply]
        assert len(rows) == 4 and len(own) == 2 and set(own) <= kept
    assert len(learned.steps) == 6


def test_the_record_counts_what_was_drawn_right_and_kept(spoken: tuple[Record, Learned]) -> None:
    record, _ = spoken
    counted = [event for event in record.events("sampled") if event["stage"] == "rft"]
    for round, event in enumerate(counted):
        lines = [line for line in record.rollouts() if line.get("round") == round]
        assert event["total"] == len(lines) == RFT.prompts
        assert event["right"] == sum(line["correct"] for line in lines)
        assert event["kept"] == sum(line["kept"] for line in lines) > 0
    assert len(counted) == 2
    told = stages(record.events(), [])
    level = f"{TASK}/rung0?answers=0&length="
    assert role(level + "2", "text-direct", told[-1:]) == "imitated"
    assert role(level + "1", "text-direct", told[-1:]) == "only judged"


def test_gaps_are_put_between_positions_of_kept_replies_too(spoken: tuple[Record, Learned]) -> None:
    assert [spread for rows in spoken[1].steps for _, spread in rows] == [True] * 24


def test_nothing_kept_is_one_clear_error_before_imitation(tmp_path: Path) -> None:
    """An untrained model never answers right. What it said can be looked at."""
    said = r"stage rft: 64 replies, 0 right, 0 kept \(round 1 of 2\): nothing to imitate; give"
    with pytest.raises(TaskError, match=said):
        train(trained.run(RFT, evaluation=UNMEASURED), folder=tmp_path)
    record = Record(tmp_path / "tiny")
    assert not list(record.events("log")) and len(list(record.rollouts())) == 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"share": 1.0}, "share 1.0 leaves no kept replies; give 0 to less than 1"),
        ({"steps": 1}, "steps 1 are of 2 rounds together.*give 2 or more, or fewer rounds"),
        ({"temperature": 0.0}, "temperature 0.0 is not above 0"),
        ({"keep": "all"}, "keep: expected one of answer, steps, got 'all'"),
        ({"most": 0}, "most=0 is out of range"),
        (
            {
                "demonstrations": {
                    **{"kind": "mixture", "name": "align-mix+", "task": TASK, "examples": 12},
                    **{"simple": "rung0", "hard": "rung1"},
                }
            },
            "demonstrations have several phases; name one of them, phase = 'align'",
        ),
    ],
)
def test_a_wrong_setting_is_told_with_the_remedy(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        config.build(Rft, {**config.table(RFT), **change})


def test_demonstrations_are_looked_at_as_the_curriculum_is(tmp_path: Path) -> None:
    """Their pictures must fit, and their words are in the vocabulary of a model from nothing."""
    small = replace(ONE, task="visual_analogy", params={}, formats={"image": 1.0})
    with pytest.raises(TaskError, match=r"stages\[1\] \(rft\): .*112 x 112 pixels is too small"):
        train(trained.run(SPOKEN, replace(RFT, demonstrations=small)), folder=tmp_path)
    assert not list(tmp_path.iterdir())
    words = replace(ONE, task="table_readout", params={}, formats={"text": 1.0})
    text = plan.describe(trained.run(SFT, replace(RFT, demonstrations=words), mixed_styles=True))
    assert "rft (rft): 6 steps, 128 prompts, 0 pictures" in text


def test_demonstrations_are_other_problems_than_those_asked() -> None:
    run = trained.run(SFT, RFT, replace(RFT, name="more"))
    drawn_from = [run.occasion(place, stage) for place, stage in enumerate(run.planned())]
    every = [*drawn_from, *map(beside, drawn_from)]
    found = [{prompt.address for prompt in EASY.made(each).draw(200)} for each in every]
    assert len(set.union(*found)) == sum(map(len, found))
