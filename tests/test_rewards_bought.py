"""No reward can be bought: what replies earn that were put together for the points alone."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Sample, Source, rewards, verify
from constant import BOUNDED, best, bounds
from sources import EVERY_LEVEL, every_source

#: Rewards of replies that answer a question: a transcription has no answer, and tags no contents.
ANSWERED = [name for name in rewards.REWARDS if name not in ("transcription", "tags")]
SIDES = ("up", "down", "left", "right")
#: All levels in the long run, a few of each task otherwise.
SEARCHED = [
    (task, level)
    for task, level in EVERY_LEVEL
    if os.environ.get("AVRGYM_CONSTANTS") or level in ("rung0", "rung3", "simple")
]


def paid(name: str, sample: Sample, replies: list[str]) -> list[float]:
    points: list[float] = rewards.score(
        verify([sample.address] * len(replies), replies), name
    ).tolist()
    return points


def right(sample: Sample) -> str:
    """The line that gives the right answer."""
    return sample.rationale.splitlines()[-1]


@st.composite
def pieces(draw: st.DrawFn, sample: Sample, other: Sample) -> str:
    """Lines that a policy may have learned to say, the sample's own or another's, some often."""
    lines = [
        line
        for text in (sample.rationale, sample.twin, sample.question, other.rationale, other.twin)
        for line in text.splitlines()
        if not line.startswith("Answer:")
    ]
    lines += [text for text in (body(sample), body(other), sample.twin, "so", "1.") if text]
    parts = draw(
        st.lists(
            st.tuples(st.sampled_from(lines), st.sampled_from([1, 1, 1, 2, 3, 100])), max_size=12
        )
    )
    return "\n".join("\n".join([line] * times) for line, times in parts)


def body(sample: Sample) -> str:
    """A rationale without its answer."""
    return sample.rationale.rpartition("\n")[0]


def lost(sample: Sample, other: Sample) -> st.SearchStrategy[str]:
    """An answer that is not right, or none at all."""
    hedges = [f"{right(sample)}{more}" for more in (", 1", " or 1", ", up")]
    hidden = [f"<think>{right(sample)}</think>", f"<think>\n{right(sample)}"]
    plain = ["", "Answer:", "Answer: 9, 9", "Answer: No path exists", f"Answer: {other.answer}"]
    return st.sampled_from([*plain, *hedges, *hidden])


@given(st.data(), every_source(), st.integers(0, 2**40))
def test_no_wrong_reply_earns_what_a_right_one_with_its_rationale_does(
    data: st.DataObject, source: Source, index: int
) -> None:
    sample, other = source[index], source[index + 1]
    said, wrong = pieces(sample, other), lost(sample, other)
    bad = [f"{data.draw(said)}\n{data.draw(wrong)}\n{data.draw(said)}" for _ in range(8)]
    good = [f"{data.draw(said)}\n{sample.rationale}" for _ in range(4)]
    verdicts = verify([sample.address] * 12, bad + good)
    for name in ANSWERED:
        points = rewards.score(verdicts, name)
        won, failed = points[8:][verdicts.correct[8:]], points[~verdicts.correct]
        assert not len(won) or not len(failed) or failed.max() < won.min(), name


@given(st.data(), every_source(), st.integers(0, 2**40))
def test_a_right_answer_never_earns_less_than_the_same_words_with_a_wrong_one(
    data: st.DataObject, source: Source, index: int
) -> None:
    sample, other = source[index], source[index + 1]
    ahead, after = (data.draw(pieces(sample, other)) for _ in range(2))
    lines = [right(sample), data.draw(lost(sample, other))]
    replies = [f"{ahead}\n{line}\n{after}" for line in lines]
    verdicts = verify([sample.address] * 2, replies)
    if verdicts.correct.tolist() == [True, False]:
        for name in rewards.REWARDS:
            won, failed = rewards.score(verdicts, name)
            assert won >= failed, name


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_no_line_said_again_and_again_pays(task: str, level: str) -> None:
    for sample in Source(task, level, split="val").samples(range(2)):
        lines = {*sample.rationale.splitlines()[:-1], *sample.twin.splitlines()}
        lines |= set(sample.question.splitlines())
        once = sorted(lines)
        often = [f"{line}\n" * 100 for line in once]
        for name in ANSWERED:
            [whole] = paid(name, sample, [sample.rationale])
            assert whole == 1.0
            points = np.array(paid(name, sample, often))
            assert np.all(points <= paid(name, sample, once))
            assert points.max() <= (0.5 if name == "progress" else 0.02), name
            assert max(paid(name, sample, [f"{text}Answer: 9, 9" for text in often])) <= 0.52, name
        assert max(paid("transcription", sample, often)) <= 0.35
        assert paid("transcription", sample, [sample.twin]) == [1.0]


@given(every_source(), st.integers(0, 2**40), st.integers(2, 50))
def test_saying_it_again_adds_nothing(source: Source, index: int, times: int) -> None:
    sample = source[index]
    text = body(sample)
    [once, often] = paid("steps", sample, [text, "\n".join([text] * times)])
    assert often <= once


@given(every_source(), st.integers(0, 2**40))
def test_a_step_more_is_worth_more_and_a_false_one_less(source: Source, index: int) -> None:
    sample = source[index]
    lines = sample.rationale.splitlines()
    points = paid("steps", sample, ["\n".join(lines[:n]) for n in range(len(lines) + 1)])
    assert points == sorted(points)
    assert points[0] == 0.0 and points[-1] == 1.0


def test_pacing_to_and_fro_earns_one_move() -> None:
    for sample in Source("grid_navigation", "rung5", split="val").samples(range(20)):
        first = next(line for line in sample.rationale.splitlines() if line.split()[1] in SIDES)
        start, side, end = first.split()[:3]
        back = {"up": "down", "down": "up", "left": "right", "right": "left"}[side]
        pacing = "\n".join([f"{start} {side} {end}", f"{end} {back} {start}"] * 40)
        [points] = paid("steps", sample, [pacing])
        assert points < 0.05


def test_steps_in_thoughts_count_where_that_is_asked_for() -> None:
    for task in avrgym.TASKS:
        for sample in Source(task, "simple", split="val").samples(range(3)):
            reply = f"<think>\n{body(sample)}\n</think>\n{right(sample)}"
            verdicts = verify([sample.address], [reply])
            [bare] = paid("steps", sample, [right(sample)])
            assert rewards.score(verdicts, "steps").tolist() == [bare]
            assert rewards.score(verdicts, "steps", thoughts=True).tolist() == [1.0]
            asked = rewards.weighted({"steps": 1.0}, thoughts=True)
            assert asked(completions=[reply], address=[sample.address]) == [1.0]


def test_format_pays_the_marked_forms_alone_and_a_wrong_answer_half() -> None:
    [sample] = Source("visual_analogy", "simple").samples([0])
    wrong_option = "2" if sample.answer == "1" else "1"
    replies = [f"Answer: {sample.answer}", f"\\boxed{{{wrong_option}}}", sample.answer, ""]
    assert paid("format", sample, replies) == [1.0, 0.5, 0.0, 0.0]
    strict = rewards.weighted({"correctness": 1.0}, strict=True)
    weak = [f"The answer is {sample.answer}.", f"Answer: {sample.answer}"]
    assert strict(completions=weak, address=[sample.address] * 2) == [0.0, 1.0]
    assert rewards.correctness(weak, address=[sample.address] * 2) == [1.0, 1.0]


@pytest.mark.parametrize(("task", "level"), SEARCHED)
def test_the_best_constant_reply_stays_below_its_bound(task: str, level: str) -> None:
    limit = bounds(task, level)
    assert set(limit) == set(BOUNDED)
    for name in BOUNDED:
        found = best(task, level, name, seen=48, pieces=6, rounds=2, tried=400)
        assert found.mean <= limit[name], (name, found.reply)
