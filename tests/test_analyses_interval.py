"""Intervals, held to scipy, to other formulas, and to how often they cover the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym.analyses.interval import (
    bootstrap,
    cluster_error,
    mcnemar,
    mean,
    per_problem,
    percentiles,
    ratio,
    share,
    sums,
)

stats = pytest.importorskip("scipy.stats")


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_of_independent_flags_is_wilsons(right: int, total: int) -> None:
    right = min(right, total)
    found = share(np.arange(total) < right)
    wanted = stats.binomtest(right, total).proportion_ci(method="wilson")
    assert found.value == right / total and found.n == total
    # 1.96 for 1.959964
    assert found.low == pytest.approx(wanted.low, abs=2e-5)
    assert found.high == pytest.approx(wanted.high, abs=2e-5)


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_binomial_test_of_one_half(first: int, second: int) -> None:
    n = first + second
    wanted = stats.binomtest(first, n, 0.5).pvalue if n else 1.0
    assert mcnemar(first, second) == pytest.approx(wanted, rel=1e-9)


def test_mcnemar_of_a_great_many() -> None:
    assert mcnemar(50_000, 50_700) == pytest.approx(
        stats.binomtest(50_000, 100_700, 0.5).pvalue, rel=1e-6
    )
    assert mcnemar(0, 5_000) == 0.0


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 10))
def test_the_error_of_a_mean_allows_for_clusters(seed: int, n: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    values, clusters = rng.normal(size=n), rng.integers(groups, size=n)
    names = sorted(set(clusters.tolist()))
    strayed = [sum(values[clusters == g] - values.mean()) for g in names]
    found = cluster_error(values, clusters)
    if len(names) < 2:
        assert math.isnan(found)
        return
    wanted = math.sqrt(len(names) / (len(names) - 1) * sum(s * s for s in strayed)) / n
    assert found == pytest.approx(wanted)
    alone = cluster_error(values, np.arange(n))
    assert alone == pytest.approx(float(stats.sem(values)))


@given(st.integers(0, 2**32 - 1))
def test_a_share_says_less_the_more_its_flags_are_alike(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flags = rng.random(60) < rng.random()
    one, each = share(flags), share(np.repeat(flags, 5), np.repeat(np.arange(60), 5))
    assert each.value == pytest.approx(one.value)
    assert each.high - each.low == pytest.approx(one.high - one.low, rel=0.02)
    free = share(np.repeat(flags, 5))
    assert free.high - free.low < each.high - each.low


def test_shares_and_means_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    covered, tried = np.zeros(3), 160
    for _ in range(tried):
        chance = np.clip(rng.normal(0.7, 0.25, 80), 0, 1)  # problems differ
        clusters = np.repeat(np.arange(80), 4)
        flags = rng.random(320) < chance[clusters]
        truth = float(np.clip(rng.normal(0.7, 0.25, 200_000), 0, 1).mean())
        covered += [
            truth in share(flags, clusters),
            truth in mean(flags.astype(float), clusters),
            truth in bootstrap(ratio, per_problem(clusters, flags, np.ones(320)), resamples=500),
        ]
    assert (np.abs(covered / tried - 0.95) < 0.05).all(), covered / tried


def test_nothing_is_an_estimate_without_a_value() -> None:
    none = share(np.zeros(0, bool))
    assert math.isnan(none.value) and (none.low, none.high, none.n) == (0.0, 1.0, 0)
    assert math.isnan(mean(np.zeros(0)).value)
    assert mean(np.ones(1)).low == -math.inf
    assert percentiles(0.5, np.full(3, np.nan), 2).high == math.inf


@pytest.mark.parametrize("kinds", [2, 300], ids=["drawn by their number", "drawn one by one"])
def test_resampled_sums_have_the_moments_of_drawing_with_replacement(kinds: int) -> None:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(kinds, 2))[rng.integers(kinds, size=300)]
    drawn = sums(columns, resamples=20_000, seed=3)
    assert drawn.shape == (20_000, 2)
    error = np.sqrt(300) * columns.std(0)
    assert (np.abs(drawn.mean(0) - columns.sum(0)) < 5 * error / math.sqrt(20_000)).all()
    assert np.cov(drawn.T) == pytest.approx(300 * np.cov(columns.T, bias=True), rel=0.1, abs=5)
    assert (sums(columns, resamples=50, seed=3) == sums(columns, resamples=50, seed=3)).all()


@given(st.integers(0, 2**32 - 1))
def test_a_paired_bootstrap_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random(120) < 0.8, rng.random(120) < 0.5
    columns = np.stack([first, second, np.ones(120)], axis=1).astype(float)
    found = bootstrap(lambda t: (t[:, 0] - t[:, 1]) / t[:, 2], columns, seed=seed)
    wanted = stats.bootstrap(
        (first, second),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        paired=True,
        vectorized=True,
        n_resamples=4_000,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert found.low == pytest.approx(wanted.low, abs=0.017)
    assert found.high == pytest.approx(wanted.high, abs=0.017)
