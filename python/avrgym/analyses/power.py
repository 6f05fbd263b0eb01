"""How many items a difference needs before it shows, asked before the run.

Items are independent problems with one reply each. Several draws of a problem are worth less than
as many problems, so they are no way round these numbers.
"""

import math
from statistics import NormalDist

from avrgym._core import TaskError

_NORMAL = NormalDist()
_FINE = 10_000  # parts of 1 by which differences are told apart


def unpaired(first: float, second: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Items on each side, where sides are asked different ones, by the arcsine (Cohen 1988, ch. 6).

    Args:
        first: Share right that one side is expected to have, 0 to 1.
        second: That of the other; a different one.
        power: Chance that the difference is found if it is there.
        alpha: Chance, two-sided, that one is found that is not there.

    Raises:
        TaskError: A share or a chance is out of range, or there is no difference.
    """
    for name, value in (("first", first), ("second", second)):
        _within(name, value, closed=True)
    apart = 2 * abs(math.asin(math.sqrt(first)) - math.asin(math.sqrt(second)))
    if apart == 0:
        raise TaskError(f"both sides at {first}: no number of items shows that; give a difference")
    return math.ceil(2 * (_points(alpha, power) / apart) ** 2)


def paired(
    difference: float, disagreement: float, *, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Items that both sides are asked, for McNemar's exact test (Connor 1987).

    With the correction for what is counted in whole items, as Fleiss (1981) has it, since the exact
    test is strict where few items tell the sides apart.

    Args:
        difference: Of the shares right, in (-1, 1); 0.05 is five points.
        disagreement: Share of items that only one side is right on: from the difference (one side
            is never right alone) to 1. Sides that err independently have p (1 - q) + q (1 - p), and
            models that are alike much less; :func:`independent` says it.
        power: Chance that the difference is found if it is there.
        alpha: Chance, two-sided, that one is found that is not there.

    Raises:
        TaskError: A share or a chance is out of range, or there is no difference.
    """
    d = abs(difference)
    if not 0 < d < 1:
        raise TaskError(f"difference {difference}; give one of -1 to 1 that is not 0")
    if not d <= disagreement <= 1:
        raise TaskError(
            f"disagreement {disagreement} with a difference of {difference}; give {d} to 1"
        )
    _within("power", power)
    _within("alpha", alpha)
    at_null = _NORMAL.inv_cdf(1 - alpha / 2) * math.sqrt(disagreement)
    at_truth = _NORMAL.inv_cdf(power) * math.sqrt(disagreement - d * d)
    n = ((at_null + at_truth) / d) ** 2
    return math.ceil(n / 4 * (1 + math.sqrt(1 + 4 / (n * d))) ** 2)


def shown(
    items: int, disagreement: float, *, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """The smallest difference that so many items show, by :func:`paired`, to a ten-thousandth.

    Args:
        items: That both sides are asked, 1 or more.
        disagreement: Share of them that only one side is right on, above 0 to 1.
        power: Chance that the difference is found if it is there.
        alpha: Chance, two-sided, that one is found that is not there.

    Returns:
        None where they are too few for any: not even one side never right alone would show.

    Raises:
        TaskError: A share or a chance is out of range.
    """
    _within("disagreement", disagreement)
    least, most = 0, round(disagreement * _FINE)
    if items < paired(disagreement, disagreement, power=power, alpha=alpha):
        return None
    while most - least > 1:
        middle = (least + most) // 2
        enough = items >= paired(middle / _FINE, disagreement, power=power, alpha=alpha)
        least, most = (least, middle) if enough else (middle, most)
    return most / _FINE


def independent(first: float, second: float) -> float:
    """Share of items that only one of two sides is right on, if they err independently.

    Args:
        first: Share right of one, 0 to 1.
        second: Of the other.
    """
    return first * (1 - second) + second * (1 - first)


def _points(alpha: float, power: float) -> float:
    _within("power", power)
    _within("alpha", alpha)
    return _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)


def _within(name: str, value: float, *, closed: bool = False) -> None:
    if not (0 <= value <= 1 if closed else 0 < value < 1):
        raise TaskError(f"{name} {value} is no {'share' if closed else 'chance'}; give 0 to 1")
