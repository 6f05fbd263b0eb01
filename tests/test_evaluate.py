"""Scores, their intervals, and accuracy by length."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym.core.score import Score
from avrgym.evaluate.score import by_feature, by_length, pooled, score

ADDRESSES = [f"grid_navigation/rung2#test:0:{i}" for i in range(40)]


@given(st.integers(0, 200), st.integers(0, 200))
def test_an_interval_holds_its_share_and_stays_inside(right: int, wrong: int) -> None:
    made = Score(right, right + wrong)
    low, high = made.interval()
    assert 0 <= low < high <= 1
    if made.total:
        assert low - 1e-9 <= made.accuracy <= high + 1e-9
    else:
        assert math.isnan(made.accuracy)


def test_wilson_as_in_the_books() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    assert Score(81, 263).interval() == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_worked_replies_score_and_empty_ones_do_not() -> None:
    worked = [sample.rationale for sample in avrgym.samples(ADDRESSES)]
    assert score(ADDRESSES, worked) == Score(40, 40)
    assert score(ADDRESSES, [""] * 40) == Score(0, 40)
    assert pooled([Score(1, 2), Score(3, 4)]) == Score(4, 6)


def test_lengths_split_the_whole() -> None:
    worked = [sample.rationale for sample in avrgym.samples(ADDRESSES)]
    whole = by_feature(ADDRESSES, [True] * 40, "length")
    assert pooled(whole.values()) == Score(40, 40)
    event = {"addresses": ADDRESSES, "replies": worked, "level": "rung2"}
    asked = [event | {"modality": m, "decoding": "greedy"} for m in ("image", "text")]
    assert by_length(asked) == {"rung2": whole}
