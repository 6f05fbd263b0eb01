"""How far figures of judges can be off: problems are drawn anew, with all their replies."""

import math

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Estimate, bootstrap, per_problem, percentiles
from avrgym.prm.measure import auc, first_error_f1

RESAMPLES = 400


def auc_estimate(
    score: NDArray[np.floating],
    good: NDArray[np.bool_],
    problems: NDArray[np.int64],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """:func:`avrgym.prm.measure.auc` with the percentiles of resampled problems.

    Args:
        score: (s,), of steps.
        good: bool (s,).
        problems: Whose steps they are, codes of 0 or more, int64 (s,).
        resamples: How many.
        seed: Of the draws.

    Returns:
        NaN, and an interval of everything, where all steps are good, or none.
    """
    value = auc(score, good)
    if math.isnan(value):
        return Estimate(math.nan, -math.inf, math.inf, len(score))
    _, code = np.unique(score, return_inverse=True)
    kinds, whose = int(code.max()) + 1, np.unique(problems, return_inverse=True)[1]
    count, rng = int(whose.max()) + 1, np.random.default_rng(seed)
    drawn = np.empty(resamples)
    for at in range(resamples):
        weight = np.bincount(rng.integers(count, size=count), minlength=count)[whose]
        right = np.bincount(code, weight * good, kinds)
        wrong = np.bincount(code, weight * ~good, kinds)
        above = right.sum() - np.cumsum(right) + right / 2  # ties count half
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn[at] = wrong @ above / (right.sum() * wrong.sum())
    return percentiles(value, drawn, len(score))


def f1_estimate(
    named: NDArray[np.int64], truth: NDArray[np.int64], problems: NDArray[np.int64]
) -> Estimate:
    """F1 of :func:`avrgym.prm.measure.first_error_f1`, with percentiles of resampled problems.

    Args:
        named: int64 (n,), the step that is called the first error, -1 for none.
        truth: int64 (n,), likewise.
        problems: Whose replies they are, codes of 0 or more, int64 (n,).
    """
    bad, hit = truth >= 0, named == truth
    value = first_error_f1(named, truth)[2]
    if math.isnan(value):
        return Estimate(math.nan, -math.inf, math.inf, len(truth))
    counts = per_problem(problems, hit & bad, bad, hit & ~bad, ~bad)
    found = bootstrap(_f1, counts)
    return Estimate(value, found.low, found.high, len(truth))


def _f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    found, clean = sums[:, 0] / sums[:, 1], sums[:, 2] / sums[:, 3]
    both = found + clean
    return np.asarray(np.where(both == 0, 0.0, 2 * found * clean / both), np.float64)
