"""Sides on the same items: gaps, SIMPLE to HARD, what supervision recovers, pass@k, failures."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answered import CUT, Row, drawn, row
from avrgym import TaskError
from avrgym.analyses.failures import failures
from avrgym.analyses.paired import cells, compare, means
from avrgym.analyses.passes import pass_at, passes
from avrgym.analyses.s2h import generalized, recovered, trained_by_tested
from avrgym.core.score import wilson

SEEDS = st.integers(0, 2**32 - 1)


def side(chances: list[float], seeds: int = 1, items: int = 200, seed: int = 0) -> list[Row]:
    """Replies to problems of runs whose seeds are right this often."""
    rng = np.random.default_rng(seed)
    return [
        row(item, bool(rng.random() < chance), run=run)
        for run, chance in enumerate(itertools.islice(itertools.cycle(chances), seeds))
        for item in range(items)
    ]


@given(SEEDS)
def test_a_comparison_is_of_the_items_that_both_were_asked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = {item: bool(rng.random() < 0.7) for item in range(40) if rng.random() < 0.8}
    second = {item: bool(rng.random() < 0.4) for item in range(40) if rng.random() < 0.8}
    found = compare(*([row(i, r) for i, r in of.items()] for of in (first, second)), resamples=200)
    common = first.keys() & second.keys()
    assert found.gap.n == len(common)
    assert found.first.value == pytest.approx(np.mean([first[i] for i in common]))
    assert found.gap.value == pytest.approx(np.mean([first[i] - second[i] for i in common]))
    assert found.won == sum(first[i] > second[i] for i in common)
    assert found.lost == sum(first[i] < second[i] for i in common)
    assert found.gap.low <= found.gap.value <= found.gap.high


def test_draws_are_averaged_and_seeds_are_drawn_too() -> None:
    rows = [row(0, True, draw=0), row(0, False, draw=1), row(1, True)]
    held = cells([rows, rows[2:]])
    assert len(held.items) == 1 and held.sides[0].tolist() == [[1.0]]
    assert cells([rows, rows[1:]]).sides[0].tolist() == [[0.5], [1.0]]
    assert compare(rows, rows).p is None
    # Runs that differ are less sure than as many replies of one.
    apart = compare(side([0.2, 0.8], 6), side([0.5], 6), seeds="run", together=False)
    alike = compare(side([0.5], 6), side([0.5], 6), seeds="run", together=False)
    assert apart.gap.high - apart.gap.low > 3 * (alike.gap.high - alike.gap.low)
    with pytest.raises(TaskError, match=r"sides have \[2, 3\] seeds"):
        compare(side([0.5], 2), side([0.5], 3), seeds="run")


def test_a_cell_that_was_not_asked_counts_for_nothing() -> None:
    rows = [row(0, True, run=0), row(1, False, run=0), row(0, True, run=1)]
    values, drawn_ = means(cells([rows], seeds="run"), together=True, resamples=50)
    assert values.tolist() == [pytest.approx(2 / 3)] and set(drawn_[np.isfinite(drawn_)]) <= {
        0,
        1 / 2,
        2 / 3,
        3 / 4,
        1,
    }


def test_sides_without_a_common_item_are_refused() -> None:
    with pytest.raises(TaskError, match="2 sides have no item of address, format, decoding"):
        compare([row(0)], [row(1)])


def levels(simple: float, hard: float, items: int = 300, seed: int = 0) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [
        row(item, bool(rng.random() < chance), level=f"maze/{level}?style=terse")
        for level, chance in (("simple", simple), ("hard", hard))
        for item in range(items)
    ]


def test_simple_hard_and_their_ratio() -> None:
    [(key, found)] = generalized(levels(0.8, 0.4), "task").items()
    assert key == ("maze",) and found.ratio.value is not None
    assert found.ratio.value.value == pytest.approx(found.hard.value / found.simple.value)
    assert 0.5 in found.ratio.value and found.ratio.value.low < found.ratio.value.high
    assert not generalized(levels(0.8, 0.4), "level")
    # Nothing right on SIMPLE: there is no ratio, and why is said.
    [none] = generalized(levels(0.0, 0.4)).values()
    assert none.ratio.value is None and none.ratio.reason.startswith("SIMPLE is 0.000 (0.000")
    table = trained_by_tested({"simple": levels(0.8, 0.4), "hard": levels(0.7, 0.6, seed=1)})
    assert [(of, key[0]) for of, key in table] == [
        (of, f"maze/{level}?style=terse")
        for of in ("simple", "hard")
        for level in ("simple", "hard")
    ]


def test_what_is_recovered_covers_the_truth() -> None:
    """(0.6 - 0.2) / (0.8 - 0.2) is two thirds."""
    covered = 0
    for seed in range(20):
        easy, none, hard = (
            side([chance], 3, seed=3 * seed + k) for k, chance in enumerate((0.6, 0.2, 0.8))
        )
        found = recovered(easy, none, hard, seeds="run", resamples=1000).recovered.value
        assert found is not None and abs(found.value - 2 / 3) < 0.15
        covered += 2 / 3 in found
    assert covered >= 16


def test_nothing_is_recovered_where_hard_supervision_gains_nothing() -> None:
    found = recovered(side([0.5]), side([0.5], seed=1), side([0.5], seed=2))
    assert found.recovered.value is None
    assert found.recovered.reason.startswith("what hard supervision gains is")
    assert 0.0 in found.gap


@given(st.integers(1, 9), st.integers(0, 9), st.integers(1, 9))
def test_pass_at_k_is_the_share_of_choices_with_a_right_one(n: int, right: int, k: int) -> None:
    right, k = min(right, n), min(k, n)
    chosen = list(itertools.combinations(range(n), k))
    wanted = sum(min(choice) < right for choice in chosen) / len(chosen)
    assert pass_at(k, np.array([n]), np.array([right]))[0] == pytest.approx(wanted)


def test_pass_at_k_is_a_mean_over_items() -> None:
    rows = [row(item, draw < item, draw=draw) for item in range(4) for draw in range(3)]
    found = passes(rows, 2, "stage")["start",]
    assert found.value == pytest.approx(np.mean([0, 2 / 3, 1, 1])) and found.n == 4
    assert found.low < found.value < found.high <= 1
    assert passes(rows, 1)[()].value == pytest.approx(np.mean([r["correct"] for r in rows]))
    with pytest.raises(TaskError, match="maze/simple#test:0:0 has 3 replies, too few for pass@4"):
        passes(rows, 4)
    many = pass_at(500, np.array([100_000]), np.array([300]))[0]
    assert many == pytest.approx(1 - math.prod(1 - 500 / (100_000 - i) for i in range(300)))


@given(SEEDS)
def test_every_reply_fails_in_one_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = drawn(rng, 40, 9)
    for each in rows:
        each["finish"] = str(rng.choice(["stop", CUT]))
        if not each["correct"]:
            each["outcome"] = str(rng.choice(["wrong", "ambiguous", "unparsed"]))
            each["parsed"] = each["outcome"] == "wrong"
    found = failures(rows)[()]
    every = [found.right, found.wrong, found.ambiguous, found.unparsed, found.cut]
    assert sum(each.value for each in every) == pytest.approx(1)
    assert found.cut.value == np.mean([r["finish"] == CUT and not r["correct"] for r in rows])
    for name in ("wrong", "ambiguous", "unparsed"):
        stopped = [r["outcome"] == name and r["finish"] != CUT for r in rows]
        assert getattr(found, name).value == pytest.approx(np.mean(stopped))


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_items_that_all_agree_leave_a_difference_open(first: bool, second: bool) -> None:
    sides = [[row(problem, right) for problem in range(40)] for right in (first, second)]
    found = compare(*sides)
    off = wilson(0.0, 40)[1]
    gap = float(first) - float(second)
    assert (found.gap.value, found.gap.low) == (gap, max(-1.0, gap - off))
    assert found.gap.high == min(1.0, gap + off)
    assert (found.first.low, found.first.high) == pytest.approx(wilson(float(first), 40))
