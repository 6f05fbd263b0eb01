"""What holds of every instance, through the package: on a thousand addresses a level.

``rust_core/tests/promises.rs`` asks the core the same of five thousand, or of as many as one likes.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import avrgym
from avrgym import Sample, Source, verify
from avrgym.core import facts

ADDRESSES = 1000
CHUNK = 500
EVERY_LEVEL = [(task, level) for task in avrgym.TASKS for level in avrgym.levels(task)]


def chunks(task: str, level: str, count: int = ADDRESSES) -> Iterator[list[Sample]]:
    source = Source(task, level, split="test", seed=11)
    for start in range(0, count, CHUNK):
        yield source.samples(range(start, min(start + CHUNK, count)))


def wrong(samples: list[Sample], reply: Callable[[Sample], str]) -> None:
    """No such reply is correct."""
    verdicts = verify([s.address for s in samples], [reply(s) for s in samples])
    if verdicts.correct.any():
        at = int(np.flatnonzero(verdicts.correct)[0])
        pytest.fail(f"{samples[at].address} takes {reply(samples[at])!r}")


def off_by_one(sample: Sample) -> str:
    """The answer with its last part changed to its neighbour."""
    parts = sample.answer.split(", ")
    if parts[-1].isdigit():
        parts[-1] = str((int(parts[-1]) + 1) % 10)
    else:
        del parts[-1]
    return f"Answer: {', '.join(parts) or 'none'}"


def everything(answers: list[str]) -> str:
    """All that some answers are made of in one list, a part said twice: nobody's answer."""
    lists = [answer.split(", ") for answer in answers if ", " in answer]
    parts = sorted({part for parts in lists for part in parts} or set(answers))
    return ", ".join([*parts, parts[0]])


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_own_words_are_right_and_nothing_else_is(task: str, level: str) -> None:
    for samples in chunks(task, level):
        addresses = [s.address for s in samples]
        rationales = verify(addresses, [s.rationale for s in samples])
        assert rationales.correct.all(), addresses[int(np.argmin(rationales.correct))]
        assert (rationales.step_state == 0).all()
        assert (rationales.first_error == -1).all()
        assert verify(addresses, [f"Answer: {s.answer}" for s in samples]).correct.all()

        wrong(samples, lambda s: "")
        wrong(samples, lambda s: f"{s.question}\n\n{s.twin}")
        wrong(samples, lambda s: f"I see {s.answer}")  # an answer that nothing marks as one
        wrong(samples, lambda s: f"Answer: {s.answer} or none")
        wrong(samples, lambda s: f"Answer: {s.answer} <answer>no idea</answer>")
        wrong(samples, lambda s: f"Answer: not {s.answer}")
        wrong(samples, off_by_one)
        listed = everything([s.answer for s in samples])
        wrong(samples, dict.fromkeys(samples, f"Answer: {listed}").__getitem__)


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_answers_to_other_instances_are_wrong(task: str, level: str) -> None:
    for samples in chunks(task, level):
        foreign = [*samples[1:], samples[0]]
        verdicts = verify([s.address for s in samples], [f"Answer: {f.answer}" for f in foreign])
        for sample, other, correct in zip(samples, foreign, verdicts.correct.tolist(), strict=True):
            if facts.has_one_answer(task) or sample.answer == other.answer:
                assert correct == (sample.answer == other.answer), sample.address


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_every_shortcut_stays_within_its_bound(task: str, level: str) -> None:
    bounds = facts.bounds(task, level)
    count = 2000
    source = Source(task, level, split="val", seed=3)
    chances = facts.shortcuts(source.addresses(range(count)))
    assert sorted([*chances, "lookup"]) == sorted(bounds), (
        "a shortcut without a bound, or a bound without one"
    )
    for name, column in chances.items():
        # Four standard errors of a share near one half.
        assert column.mean() <= bounds[name] + 2 / count**0.5, (name, column.mean())


@pytest.mark.parametrize(("task", "level"), EVERY_LEVEL)
def test_a_guesser_without_the_problem_scores_at_chance(task: str, level: str) -> None:
    """It knows all training answers and gives the most frequent one.

    A table of answers that is looked up by nothing gives the same, so it has that table's bound.
    """
    train = Source(task, level, split="train", seed=5).samples(range(4000))
    held = Source(task, level, split="test", seed=5).samples(range(2000))
    [(guess, _)] = Counter(s.answer for s in train).most_common(1)
    verdicts = verify([s.address for s in held], [f"Answer: {guess}"] * len(held))
    chance = facts.bounds(task, level)["lookup"]
    assert verdicts.correct.mean() <= chance + 4 * (chance * (1 - chance) / len(held)) ** 0.5
