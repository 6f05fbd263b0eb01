"""One score of a reply from the scores of its steps."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import named

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Of a reply without steps, below all that a step can have.
NOTHING = -1.0


def _last(scores: Floats, starts: Ints, ends: Ints) -> Floats:
    return np.asarray(scores[ends - 1], np.float64)


def _least(scores: Floats, starts: Ints, ends: Ints) -> Floats:
    return np.minimum.reduceat(scores, starts)


def _mean(scores: Floats, starts: Ints, ends: Ints) -> Floats:
    return np.asarray(np.add.reduceat(scores, starts) / (ends - starts), np.float64)


def _product(scores: Floats, starts: Ints, ends: Ints) -> Floats:
    return np.multiply.reduceat(scores, starts)


#: By name. ``last`` is what REBASE's code has by default, ``min`` and ``product`` are those of
#: Lightman et al. 2023 and Sun et al. 2024. None is best everywhere: choose on ``val``.
AGGREGATIONS: Mapping[str, Callable[[Floats, Ints, Ints], Floats]] = {
    "last": _last,
    "min": _least,
    "mean": _mean,
    "product": _product,
}


def aggregate(name: str, scores: Floats, offsets: Ints) -> Floats:
    """One score for each of n replies.

    Args:
        name: One of ``AGGREGATIONS``.
        scores: Of all steps, 0 to 1, float (s,).
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.

    Returns:
        float64 (n,); ``NOTHING`` where a reply has no steps.

    Raises:
        TaskError: There is no such aggregation.
    """
    rule = AGGREGATIONS[named("aggregation", name, AGGREGATIONS)]
    found = np.full(len(offsets) - 1, NOTHING)
    has = np.flatnonzero(np.diff(offsets))
    if len(has):
        # Between the steps of replies that have some there are none of others.
        found[has] = rule(np.asarray(scores, np.float64), offsets[has], offsets[has + 1])
    return found
