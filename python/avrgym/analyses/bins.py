"""Bins that hold about as many rows each."""

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Floats


def quantile_bins(values: Floats, bins: int) -> tuple[NDArray[np.int64], list[tuple[float, float]]]:
    """The bin of each number, and the least and greatest number of each bin.

    Equal numbers share a bin, so that there may be fewer; of no more numbers than bins each has its
    own.

    Args:
        values: Finite, float64 (n,), n of 1 or more.
        bins: How many at most, 1 or more.

    Returns:
        int64 (n,), and (low, high) by bin, rising.
    """
    own, codes = np.unique(values, return_inverse=True)
    if len(own) > bins:
        edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
        codes = np.unique(np.searchsorted(edges, values), return_inverse=True)[1]
    count = int(codes.max()) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    return codes.astype(np.int64), list(zip(low.tolist(), high.tolist(), strict=True))
