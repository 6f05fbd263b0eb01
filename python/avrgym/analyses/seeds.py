"""What runs that differ by their seed alone have in common: a mean, and how far it can be off."""

import math
import statistics
from collections.abc import Sequence

# Two-sided 95 % points of Student's t by degrees of freedom; the normal one from there on.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
_NORMAL = 1.96


def half_width(values: Sequence[float]) -> float | None:
    """Half the 95 % interval of the mean over seeds, by Student; None of fewer than two."""
    degrees = len(values) - 1
    if degrees < 1:
        return None
    point = _STUDENT[degrees - 1] if degrees <= len(_STUDENT) else _NORMAL
    return point * statistics.stdev(values) / math.sqrt(len(values))


def entry(values: Sequence[float], *, sign: bool = False) -> str:
    """Mean, interval over seeds, and the values themselves, as a cell of a table."""
    form = "{:+.0f}" if sign else "{:.0f}"
    each = ", ".join(form.format(value) for value in values)
    half = half_width(values)
    if half is None:
        return each
    return f"**{form.format(statistics.mean(values))}** ± {half:.0f} ({each})"
