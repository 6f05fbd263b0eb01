"""How far a figure can be off: errors of means over problems, and resamples of problems.

Rows that share a problem (several draws, formats or decodings) are not independent, so problems are
what is counted, and what is drawn anew.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym.core.score import wilson

Floats: TypeAlias = NDArray[np.float64]

#: Two-sided 95 % point of the normal distribution.
Z = 1.96
#: Resamples of a bootstrap.
RESAMPLES = 10_000

_CELLS = 2_000_000  # weights that are held at a time, 16 MB


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval.

    Attributes:
        value: The figure; NaN of nothing.
        low: Lower end.
        high: Upper end.
        n: Of how many it was counted.
    """

    value: float
    low: float
    high: float
    n: int

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def normal(value: float, error: float, n: int) -> Estimate:
    """A figure of a known standard error, taken as normal."""
    return Estimate(value, value - Z * error, value + Z * error, n)


def cluster_error(values: Floats, clusters: NDArray[np.int64]) -> float:
    """Standard error of a mean whose values are alike within clusters (Liang and Zeger 1986).

    With g / (g - 1) for the number of clusters, as CR1 has it; of clusters of one it is the usual
    one. NaN of fewer than two clusters.

    Args:
        values: float (n,).
        clusters: Codes of 0 or more, int (n,).
    """
    there = np.bincount(clusters) > 0
    count = int(there.sum())
    if count < 2:
        return math.nan
    strayed = np.bincount(clusters, values - values.mean())[there]
    return math.sqrt(count / (count - 1) * float(strayed @ strayed)) / len(values)


def mean(values: Floats, clusters: NDArray[np.int64] | None = None) -> Estimate:
    """The mean of numbers, by its cluster-robust error; every value is its own cluster if None."""
    if not len(values):
        return Estimate(math.nan, -math.inf, math.inf, 0)
    error = cluster_error(values, np.arange(len(values)) if clusters is None else clusters)
    value = float(values.mean())
    if math.isnan(error):
        return Estimate(value, -math.inf, math.inf, len(values))
    return normal(value, error, len(values))


def share(flags: NDArray[np.bool_] | Floats, clusters: NDArray[np.int64] | None = None) -> Estimate:
    """The share of flags that are set, by Wilson on as many as they are worth.

    They are worth as many independent ones as have the cluster-robust error, and no more than there
    are (Korn and Graubard 1998); where all are alike, as many as there are clusters: nothing tells
    then that flags of one problem differ.

    Args:
        flags: bool (n,), or shares of 0 to 1, float64 (n,).
        clusters: Codes of 0 or more, int (n,); every flag is its own if None.
    """
    n = len(flags)
    if not n:
        return Estimate(math.nan, 0.0, 1.0, 0)
    value = float(flags.mean())
    worth = float(n)
    if clusters is not None:
        count = int((np.bincount(clusters) > 0).sum())
        error = cluster_error(flags.astype(np.float64), clusters)
        spread = value * (1 - value)
        alike = spread == 0.0 or not error > 0.0
        worth = float(count) if alike else min(n, n * spread / ((n - 1) * error**2))
    return Estimate(value, *wilson(value, worth, Z), n)


def mcnemar(first: int, second: int) -> float:
    """Two-sided exact p of McNemar (1947): pairs that only the first, only the second got right."""
    n, few = first + second, min(first, second)
    if first == second:
        return 1.0
    i = np.arange(few)
    logs = np.append(0.0, np.cumsum(np.log(n - i) - np.log(i + 1))) - n * math.log(2)
    top = float(logs.max())
    return min(1.0, 2 * math.exp(top) * float(np.exp(logs - top).sum()))


def sums(columns: Floats, *, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Sums of columns over rows drawn with replacement, float64 (resamples, c).

    Rows that are equal are drawn together by their number, which is the same distribution, and what
    makes ten thousand resamples of ones and zeros cheap. Memory is bounded by pieces.

    Args:
        columns: float64 (n, c), a row for each problem.
        resamples: How many.
        seed: Of the draws.
    """
    n = len(columns)
    rng = np.random.default_rng(seed)
    kinds, counts = np.unique(columns, axis=0, return_counts=True)
    few = 4 * len(kinds) < n
    held = kinds if few else columns
    drawn = np.empty((resamples, columns.shape[1]))
    size = max(1, _CELLS // max(1, len(held)))
    for start in range(0, resamples if n else 0, size):
        rows = min(size, resamples - start)
        if few:
            weights = rng.multinomial(n, counts / n, rows)
        else:
            places = rng.integers(n, size=(rows, n)) + np.arange(rows)[:, None] * n
            weights = np.bincount(places.ravel(), minlength=rows * n).reshape(rows, n)
        drawn[start : start + rows] = weights.astype(np.float64) @ held
    if not n:
        drawn[:] = 0.0
    return drawn


def percentiles(value: float, drawn: Floats, n: int) -> Estimate:
    """The middle 95 % of what resamples gave; what is not finite among them is dropped."""
    kept = drawn[np.isfinite(drawn)]
    if not len(kept):
        return Estimate(value, -math.inf, math.inf, n)
    low, high = np.percentile(kept, (2.5, 97.5)).tolist()
    return Estimate(value, low, high, n)


def widened(found: Estimate, least: float, problems: int) -> Estimate:
    """A figure whose resamples all agree, with how far off problems that agree leave it (Wilson).

    Args:
        found: By resamples.
        least: What such a figure cannot be below; 1 is what it cannot be above.
        problems: How many there are.
    """
    if found.low < found.high:
        return found
    _, off = wilson(0.0, problems, Z)
    low, high = max(least, found.value - off), min(1.0, found.value + off)
    return Estimate(found.value, low, high, found.n)


def bootstrap(
    statistic: Callable[[Floats], Floats],
    columns: Floats,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """A figure made of sums over problems, by the percentiles of resamples (Efron 1979).

    Args:
        statistic: Of sums, float64 (b, c), what they give, float64 (b,).
        columns: float64 (n, c), a row for each problem.
        resamples: How many.
        seed: Of the draws.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        value = float(statistic(columns.sum(0)[None])[0])
        drawn = statistic(sums(columns, resamples=resamples, seed=seed))
    return percentiles(value, drawn, len(columns))


def ratio(totals: Floats) -> Floats:
    """The first column by the second: a statistic for :func:`bootstrap`."""
    return np.asarray(totals[:, 0] / totals[:, 1], np.float64)


def per_problem(problems: NDArray[np.int64], *columns: NDArray[np.generic]) -> Floats:
    """Sums of columns over the rows of each problem, float64 (problems that occur, columns).

    Args:
        problems: Codes of 0 or more, int (n,).
        columns: Each (n,).
    """
    there = np.bincount(problems) > 0
    held = [np.bincount(problems, column.astype(np.float64))[there] for column in columns]
    return np.stack(held, axis=1)
