"""Choices among replies, against what a few plain lines of Python choose."""

from collections import defaultdict
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.core.verdicts import answers
from avrgym.search import BestOfN, Majority, WeightedVote
from avrgym.search.aggregation import AGGREGATIONS, NOTHING, aggregate
from avrgym.search.beam import Beam
from avrgym.search.rebase import Rebase
from avrgym.search.sample import Sample
from avrgym.search.voting import votes
from avrgym.search.widths import widths

SCORES = st.floats(0, 1, allow_nan=False)
REPLIES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=1)


def plain_vote(replies: list[tuple[int, float]]) -> int:
    """What a vote takes, reply by reply."""
    total: dict[int, float] = defaultdict(float)
    for answer, weight in replies:
        if answer:
            total[answer] += weight
    if not total:
        return 0
    said = [answer for answer, _ in replies if answer]
    chosen = max(dict.fromkeys(said), key=lambda answer: total[answer])
    mine = [at for at, (answer, _) in enumerate(replies) if answer == chosen]
    return max(mine, key=lambda at: (replies[at][1], -at))


@given(REPLIES)
def test_a_vote_is_the_sum_of_what_equal_answers_weigh(replies: list[tuple[int, float]]) -> None:
    said = np.array([[answer for answer, _ in replies]], np.uint64)
    weights = np.array([[weight for _, weight in replies]])
    assert votes(said, weights)[0] == plain_vote(replies)
    assert WeightedVote().pick(said, weights)[0] == plain_vote(replies)
    even = [(answer, 1.0) for answer, _ in replies]
    assert Majority().pick(said, weights)[0] == plain_vote(even)


@given(REPLIES)
def test_the_best_has_an_answer_if_any_has(replies: list[tuple[int, float]]) -> None:
    said = np.array([[answer for answer, _ in replies]], np.uint64)
    weights = np.array([[weight for _, weight in replies]])
    at = BestOfN().pick(said, weights)[0]
    readable = [weight for answer, weight in replies if answer]
    if readable:
        assert said[0, at] != 0
        assert weights[0, at] == max(readable)
    else:
        assert at == 0


def test_problems_are_chosen_for_one_by_one() -> None:
    said = np.array([[1, 2, 2, 0], [5, 0, 5, 7]], np.uint64)
    weights = np.array([[0.9, 0.5, 0.3, 1.0], [0.1, 1.0, 0.2, 0.2]])
    assert Majority().pick(said, weights).tolist() == [1, 0]
    assert WeightedVote().pick(said, weights).tolist() == [0, 2]
    assert BestOfN().pick(said, weights).tolist() == [0, 2]


@given(st.lists(st.lists(SCORES, max_size=5), max_size=6), st.sampled_from(sorted(AGGREGATIONS)))
def test_steps_become_one_score(replies: list[list[float]], name: str) -> None:
    flat = np.array([score for steps in replies for score in steps])
    offsets = np.cumsum([0, *map(len, replies)])
    plain: Any = {
        "last": lambda steps: steps[-1],
        "min": min,
        "mean": lambda steps: sum(steps) / len(steps),
        "product": np.prod,
    }[name]
    wanted = [plain(steps) if steps else NOTHING for steps in replies]
    assert aggregate(name, flat, offsets) == pytest.approx(wanted)


def test_an_aggregation_that_is_not_there_is_named() -> None:
    with pytest.raises(TaskError, match='unknown aggregation "maximum"; known: last'):
        aggregate("maximum", np.zeros(0), np.zeros(1, np.int64))


@given(
    st.lists(SCORES, min_size=1, max_size=40),
    st.integers(0, 200),
    st.sampled_from([1e-3, 0.05, 0.2, 1.0, 100.0]),
)
def test_widths_spend_the_budget_and_the_best_first(
    scores: list[float], budget: int, temperature: float
) -> None:
    given_scores = np.array(scores)
    found = widths(given_scores, budget, temperature)
    assert found.sum() == budget
    assert found.min() >= 0
    order = np.argsort(-given_scores, kind="stable")
    assert (np.diff(found[order]) <= 0).all()


def test_widths_go_by_the_scores() -> None:
    assert widths(np.array([0.5, 0.5, 0.5, 0.5]), 16).tolist() == [4, 4, 4, 4]
    assert widths(np.array([1.0, 0.0]), 100, 0.2).tolist() == [100, 0]  # e^-5 is less than one
    assert widths(np.array([0.0, 1.0]), 100, 1.0).tolist() == [26, 74]
    assert widths(np.zeros(0), 0).tolist() == []


@given(st.lists(SCORES, min_size=1, max_size=12), st.integers(1, 64))
def test_every_growth_spends_what_is_left(scores: list[float], left: int) -> None:
    for growth in (Rebase(n=64), Beam(n=64, ways=4), Beam(n=64, ways=1)):
        found = growth.widths(np.array(scores), left)
        assert found.sum() == left
        assert found[int(np.argmax(scores))] > 0
    assert Sample().widths(np.array(scores), left).tolist() == [1] * len(scores)


def test_a_beam_keeps_the_best() -> None:
    assert Beam(n=8, ways=4).widths(np.array([0.1, 0.9, 0.5]), 8).tolist() == [0, 4, 4]
    assert Beam(n=8, ways=4).widths(np.array([0.1, 0.9, 0.5]), 6).tolist() == [0, 4, 2]
    with pytest.raises(TaskError, match="n = 6 is no multiple of ways = 4"):
        Beam(n=6, ways=4)


def test_equal_answers_are_one_however_they_are_said() -> None:
    for task in avrgym.TASKS:
        source = avrgym.Source(task, "rung1", split="val")
        first, other = source[0], source[1]
        ways = ["Answer: {}", "<answer>{}</answer>", "So it is.\n\\boxed{{{}}}", "**Answer:** {}"]
        said = [way.format(each.answer) for way, each in product(ways, (first, other))]
        found = answers([first.address] * len(said), said)
        assert (found != 0).all()
        assert len(set(found[::2].tolist())) == 1
        if first.answer != other.answer:
            assert not set(found[::2].tolist()) & set(found[1::2].tolist())
    nothing = answers([first.address] * 2, ["", "Answer: 1 or 2"])
    assert nothing.tolist() == [0, 0]
    walk = next(
        each
        for each in avrgym.Source("grid_navigation", "rung2", split="val")
        if "up, up" in each.answer
    )
    same = walk.answer.replace("up, up", "up x2", 1)
    one, two = answers([walk.address] * 2, [f"Answer: {walk.answer}", f"Answer: {same}"])
    assert one == two != 0
