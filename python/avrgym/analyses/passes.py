"""Whether one of k replies is right, without drawing k: pass@k."""

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, Floats, share
from avrgym.analyses.table import Key, Rows, Table


def passes(rows: Rows, k: int, *by: str) -> dict[Key, Estimate]:
    """Mean of pass@k over items, by columns; an item is an address in a format.

    Args:
        rows: Of results, sampled; an item has ``k`` of them or more in each group.
        k: Replies, 1 or more.
        by: Names of columns, e.g. ``stage``, ``level``.

    Raises:
        TaskError: An item has fewer than ``k`` replies, or rows lack a column.
    """
    found: dict[Key, Estimate] = {}
    for key, mine in Table.of(rows).groups(*by):
        items, names = mine.by("address", "format")
        drawn = np.bincount(items)
        if drawn.min() < k:
            address = names[int(drawn.argmin())][0]
            raise TaskError(
                f"{address} has {drawn.min()} replies, too few for pass@{k}; "
                f"sample {k} draws or more"
            )
        right = np.bincount(items, mine.correct.astype(np.float64)).astype(np.int64)
        problems = np.zeros(len(names), np.int64)
        problems[items] = mine.problems
        found[key] = share(pass_at(k, drawn, right), problems)
    return found


def pass_at(k: int, drawn: NDArray[np.int64], right: NDArray[np.int64]) -> Floats:
    """The unbiased estimate of pass@k of items: 1 - C(n - c, k) / C(n, k), Chen et al. 2021, eq. 1.

    Args:
        k: Replies, 1 or more.
        drawn: n, ``k`` or more each, (items,).
        right: c, 0 to n each, (items,).
    """
    logs = np.append(0.0, np.cumsum(np.log(np.arange(1, int(drawn.max(initial=1)) + 1))))
    left = np.maximum(drawn - right, k)  # fewer wrong ones than k: one of any k is right
    ways = logs[left] - logs[left - k] - logs[drawn] + logs[drawn - k]
    return np.where(drawn - right < k, 1.0, 1.0 - np.exp(ways))
