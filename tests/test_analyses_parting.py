"""Where score and truth part: by its definition, and in no order of numbers by chance."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym.analyses.interval import Estimate
from avrgym.analyses.parting import SCORE, SEES, THINKS, Span, parted, spans

SHARES = st.floats(0, 1)
_DRAWN = st.integers(1, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def span(at: int, score: float, right: float, off: float = 0.02) -> Span:
    share = Estimate(right, max(0.0, right - off), min(1.0, right + off), 100)
    return Span(10 * at + 1, 10 * at + 10, score, share, math.nan, math.nan)


def some(*pairs: tuple[float, float]) -> list[Span]:
    """Spans of a score and a share right each."""
    return [span(at, *pair) for at, pair in enumerate(pairs)]


def logged(steps: list[tuple[float, int, int]], every: int = 1) -> list[dict[str, Any]]:
    """Events of a stage: of each step the score, how many were right, and of how many."""
    found: list[dict[str, Any]] = []
    for at in range(0, len(steps), every):
        part = steps[at : at + every]
        for place, (_, right, total) in enumerate(part):
            counts = {"level": "l", "format": "image", "right": right, "total": total}
            found.append({"event": "sampled", "step": at + place + 1, **counts})
        score = sum(score for score, _, _ in part) / len(part)
        found.append({"event": "log", "step": at + len(part), SCORE: score, "loss": 0.0})
    return found


def test_they_part_where_the_score_rises_and_what_is_right_falls() -> None:
    told = some((0.70, 0.30), (0.72, 0.31), (0.75, 0.30), (0.78, 0.20), (0.80, 0.12))
    found = parted(told)
    assert found == (told[1], told[3])
    # Neither where the score falls with it, nor where it is right again in the end.
    assert parted(some((0.70, 0.31), (0.65, 0.20), (0.60, 0.12))) is None
    assert parted(some((0.70, 0.31), (0.75, 0.20), (0.80, 0.32))) is None
    assert parted(some((0.70, 0.31), (0.75, 0.20), (0.80, 0.30))) is None
    # Within their intervals nothing is told apart.
    assert parted(some((0.70, 0.31), (0.75, 0.28))) is None
    assert parted([]) is None and parted(some((0.5, 0.5))) is None


@given(st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=12))
def test_what_is_said_is_so_to_the_end_and_not_before(pairs: list[tuple[float, float]]) -> None:
    told = some(*pairs)
    best = max(told, key=lambda each: each.right.value)

    def apart(each: Span) -> bool:
        fell = each.right.high < best.right.low
        return each.first > best.first and fell and each.score > best.score

    found = parted(told)
    if found is None:
        assert not apart(told[-1])
        return
    assert found[0] == best
    assert all(apart(each) for each in told[told.index(found[1]) :])
    assert not apart(told[told.index(found[1]) - 1])


@given(
    st.lists(st.tuples(SHARES, _DRAWN), min_size=1, max_size=40),
    st.integers(1, 7),
    st.integers(1, 12),
)
def test_spans_hold_every_step_once(
    drawn: list[tuple[float, tuple[int, int]]], every: int, count: int
) -> None:
    steps = [(score, *counts) for score, counts in drawn]
    found = spans(logged(steps, every), count)
    lines = math.ceil(len(steps) / every)
    size = math.ceil(lines / count)
    assert len(found) == math.ceil(lines / size) <= count
    assert all(each.last == each.first + size * every - 1 for each in found[:-1])
    assert [each.first for each in found] == [1, *(each.last + 1 for each in found[:-1])]
    assert found[-1].last == len(steps)
    for each in found:
        mine = steps[each.first - 1 : each.last]
        assert each.score == pytest.approx(sum(score for score, _, _ in mine) / len(mine))
        total = sum(total for _, _, total in mine)
        assert each.right.value == pytest.approx(sum(right for _, right, _ in mine) / total)
        assert each.right.n == total
        assert each.right.low <= each.right.value <= each.right.high
        assert math.isnan(each.seeing) and math.isnan(each.thinking)


def test_steps_are_what_the_interval_counts() -> None:
    """The same replies, even from step to step and lumped: these say less."""
    even = [(0.5, 15 + 2 * (at % 2), 32) for at in range(8)]
    lumped = [(0.5, 32 * (at % 2), 32) for at in range(8)]
    [narrow], [wide] = spans(logged(even), 1), spans(logged(lumped), 1)
    assert narrow.right.value == wide.right.value == 0.5
    assert wide.right.high - wide.right.low > 2 * (narrow.right.high - narrow.right.low)


def test_what_no_judge_scored_is_left_out_and_first_errors_are_told_where_they_are_logged() -> None:
    events = logged([(0.5, 1, 4)] * 6, 2)
    del events[2][SCORE]  # of the first two steps
    events[-1] |= {SEES: 0.25, THINKS: 0.5}
    found = spans(events)
    assert [(each.first, each.last) for each in found] == [(3, 4), (5, 6)]
    assert math.isnan(found[0].seeing) and (found[1].seeing, found[1].thinking) == (0.25, 0.5)
    assert [each.seeing for each in spans(events, 1)] == [0.25]
    silent = [{k: v for k, v in event.items() if k != SCORE} for event in events]
    assert spans(silent) == [] and spans([]) == []
    none = [event | {SCORE: math.nan} if event["event"] == "log" else event for event in events]
    assert spans(none) == []


def test_noise_alone_seldom_parts() -> None:
    """A policy that stands still under a judge that wanders: 2 of 100 at most."""
    rng = np.random.default_rng(0)
    many = 0
    for _ in range(100):
        steps = [(float(rng.uniform()), int(rng.binomial(64, 0.3)), 64) for _ in range(100)]
        many += parted(spans(logged(steps, 10))) is not None
    assert many <= 2
