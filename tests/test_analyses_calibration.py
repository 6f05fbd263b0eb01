"""Confidence, judges, the number of items: held to other formulas, and to simulation."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answered import row
from avrgym import TaskError
from avrgym.analyses.calibration import (
    agreed,
    agreement,
    agreement_by,
    calibrated,
    calibration,
    sequence,
)
from avrgym.analyses.interval import mcnemar
from avrgym.analyses.power import independent, paired, shown, unpaired

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.integers(1, 60), st.integers(1, 6))
def test_errors_of_confidence_are_those_of_a_loop(seed: int, n: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    said, right = rng.random(n), rng.random(n) < 0.5
    found = calibrated(said, right, rng.integers(9, size=n), bins)
    far = 0.0
    for bar in found.bars:
        mine = (said >= bar.low) & (said <= bar.high)
        assert bar.right.n == mine.sum() and bar.right.value == pytest.approx(right[mine].mean())
        assert bar.confidence == pytest.approx(said[mine].mean())
        far += abs(said[mine].mean() - right[mine].mean()) * mine.sum() / n
    assert sum(bar.right.n for bar in found.bars) == n
    assert found.error.value == pytest.approx(far)
    assert found.brier.value == pytest.approx(((said - right) ** 2).mean())


def test_confidence_that_is_due_is_told_from_confidence_that_is_not() -> None:
    rng = np.random.default_rng(0)
    said = rng.random(4000)
    due = calibrated(said, rng.random(4000) < said, np.arange(4000))
    assert due.error.value < 0.03 and 1 / 6 in due.brier
    assert all(bar.right.low - 0.05 < bar.confidence < bar.right.high + 0.05 for bar in due.bars)
    vain = calibrated(np.full(200, 0.9), rng.random(200) < 0.5, np.arange(200))
    assert 0.4 in vain.error and vain.error.low > 0.25


def test_rows_without_confidence_are_left_out() -> None:
    rows = [row(at, at % 2 == 0, confidence=c) for at, c in enumerate((0.9, 0.2, None))]
    [found] = calibration(rows, "level").values()
    assert found.brier.n == 2 and found.brier.value == pytest.approx((0.01 + 0.04) / 2)
    assert not calibration([row(confidence=None)])
    with pytest.raises(TaskError, match=r"confidence 1\.5 is no probability; give 0 to 1"):
        calibration([row(confidence=1.5)])
    with pytest.raises(TaskError, match="rows have no column 'confidence'"):
        calibration([row()])


def test_the_probability_of_a_reply_is_a_confidence() -> None:
    probabilities = ((0.5, 0.5), (0.9, 0.1, 0.3), (1.0,), ())
    rows = [
        row(at, at % 2 == 0, tokens=len(each), logprob=sum(map(math.log, each)))
        for at, each in enumerate(probabilities)
    ]
    rows += [row(8, tokens=3, logprob=None), row(9, tokens=None, logprob=-1.0)]
    due = [0.5, (0.9 * 0.1 * 0.3) ** (1 / 3), 1.0]
    said = sequence(rows)
    assert said[:3] == pytest.approx(due) and np.isnan(said[3:]).all()
    [found] = calibration(rows, confidence="sequence").values()
    by_hand = calibration(
        [each | {"mine": p} for each, p in zip(rows, due, strict=False)], confidence="mine"
    )
    assert str(found) == str(by_hand[()])
    with pytest.raises(TaskError, match="rows have no column 'logprob'"):
        calibration([row()], confidence="sequence")


@given(SEEDS, st.integers(1, 60))
def test_a_judges_agreement_is_that_of_a_loop(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < rng.random()
    judge = np.where(rng.random(n) < 0.8, truth, ~truth)
    found = agreed(judge, truth, rng.integers(9, size=n))
    same = float((judge == truth).mean())
    assert found.accuracy.value == pytest.approx(same)
    chance = judge.mean() * truth.mean() + (1 - judge.mean()) * (1 - truth.mean())
    assert (found.kappa is None) == (chance == 1)
    if found.kappa is not None:
        assert found.kappa.value == pytest.approx((same - chance) / (1 - chance))
    assert (found.accepted is None) == truth.all()
    if found.accepted is not None:
        assert found.accepted.value == pytest.approx(judge[~truth].mean())
    if found.refused is not None:
        assert found.refused.value == pytest.approx((~judge[truth]).mean())


def test_kappas_interval_is_that_of_its_large_sample_error() -> None:
    """Fleiss, Cohen and Everitt 1969, at p both, judge, truth, neither."""
    rng = np.random.default_rng(1)
    truth = rng.random(2000) < 0.4
    judge = np.where(rng.random(2000) < 0.85, truth, ~truth)
    found = agreed(judge, truth, np.arange(2000)).kappa
    assert found is not None
    table = np.array([[np.mean((judge == a) & (truth == b)) for b in (0, 1)] for a in (0, 1)])
    rows, cols = table.sum(1), table.sum(0)
    seen, due = np.trace(table), float(rows @ cols)
    k = (seen - due) / (1 - due)
    first = sum(table[a, a] * (1 - (rows[a] + cols[a]) * (1 - k)) ** 2 for a in (0, 1))
    off = (1 - k) ** 2 * sum(
        table[a, b] * (cols[a] + rows[b]) ** 2 for a in (0, 1) for b in (0, 1) if a != b
    )
    error = np.sqrt((first + off - (k - due * (1 - k)) ** 2) / (2000 * (1 - due) ** 2))
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.06)


def test_agreement_by_length() -> None:
    rows = [
        row(at, at % 2 == 0, judge=None if at == 100 else (at % 2 == 0) == (at < 50))
        for at in range(101)
    ]
    assert agreement(rows)[()].accuracy.n == 100
    (low, short), (high, long) = agreement_by(rows, np.arange(101.0), bins=2)
    assert (low, high) == ((0.0, 49.0), (50.0, 99.0))
    assert (short.accuracy.value, long.accuracy.value) == (1.0, 0.0)
    assert agreement_by(rows, np.full(101, np.nan)) == []


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.6), (0.05, 0.12), (0.9, 0.8)])
def test_unpaired_sides_of_that_many_items_find_the_difference(first: float, second: float) -> None:
    n = unpaired(first, second)
    rng = np.random.default_rng(2)
    a, b = (np.arcsin(np.sqrt(rng.binomial(n, p, 40_000) / n)) for p in (first, second))
    found = float((np.abs(a - b) * np.sqrt(2 * n) > 1.96).mean())
    assert found == pytest.approx(0.8, abs=0.015)


@pytest.mark.parametrize(
    ("difference", "disagreement"), [(0.05, 0.2), (0.1, 0.5), (0.1, 0.15), (-0.2, 0.3)]
)
def test_paired_sides_of_that_many_items_find_the_difference(
    difference: float, disagreement: float
) -> None:
    n = paired(difference, disagreement)
    rng = np.random.default_rng(3)
    d = abs(difference)
    chances = [(disagreement + d) / 2, (disagreement - d) / 2, 1 - disagreement]
    found = np.mean(
        [mcnemar(a, b) < 0.05 for a, b, _ in rng.multinomial(n, chances, 4000).tolist()]
    )
    assert 0.775 < found < 0.86
    half = rng.multinomial(n // 2, chances, 2000).tolist()
    assert np.mean([mcnemar(a, b) < 0.05 for a, b, _ in half]) < 0.7


def test_pairs_need_fewer_items_and_nonsense_is_refused() -> None:
    assert independent(0.5, 0.6) == pytest.approx(0.5)
    assert paired(0.1, 0.2) < paired(0.1, independent(0.5, 0.6))
    assert paired(0.1, 0.5, power=0.9) > paired(0.1, 0.5) > paired(0.2, 0.5)
    refused: list[tuple[Callable[[], int], str]] = [
        (lambda: paired(0, 0.5), "difference 0; give"),
        (lambda: paired(0.3, 0.2), "disagreement 0.2 with a difference of 0.3; give 0.3 to 1"),
        (lambda: paired(0.1, 0.2, power=1), "power 1 is no chance"),
        (lambda: unpaired(0.5, 0.5), "both sides at 0.5"),
        (lambda: unpaired(0.5, 1.5), "second 1.5 is no share"),
    ]
    for call, said in refused:
        with pytest.raises(TaskError, match=said):
            call()


@given(st.integers(1, 20_000), st.floats(0.01, 0.99))
def test_what_shows_is_what_needs_no_more_items(items: int, disagreement: float) -> None:
    least = shown(items, disagreement)
    if least is None:
        assert items < paired(disagreement, disagreement)
        return
    assert 0 < least <= disagreement + 1e-4
    held = min(least, disagreement)
    assert paired(held, disagreement) <= items
    if least > 2e-4:
        assert paired(least - 1e-4, disagreement) >= items
