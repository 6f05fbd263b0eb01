"""Values as people read them: one way for the page, for Markdown and within sentences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avrgym.analyses.interval import Estimate
from avrgym.report.section import Cell, Unit

NOTHING = "\u2013"  # where there is no value
_MINUS = "\u2212"
_NARROW = 0.02  # a share's interval whose ends whole per cents would hardly tell apart
# Of each unit: how a value is multiplied, its form and that of the ends of its interval.
_FORMS: Mapping[str, tuple[float, str, str]] = {
    "share": (100, ".1f", ".0f"),
    "points": (100, "+.1f", "+.1f"),
    "change": (100, "+.1f", "+.1f"),
    "ratio": (1, ".2f", ".2f"),
    "logits": (1, "+.2f", "+.2f"),
    "slope": (1, "+.3f", "+.3f"),
    "number": (1, "", ""),
    "count": (1, ",.0f", ",.0f"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A value in words.

    Attributes:
        value: The figure, or the words.
        interval: Its interval; empty where it has none.
        sign: ``ok`` of a difference that is told from 0 and above it, ``bad`` of one below; else
            empty.
    """

    value: str
    interval: str = ""
    sign: str = ""


def written(cell: Cell, unit: Unit) -> Written:
    """A cell of a table in words."""
    if cell is None:
        return Written(NOTHING)
    if isinstance(cell, str):
        return Written(cell)
    if unit == "p":
        return Written(chance(cell.value if isinstance(cell, Estimate) else cell))
    times, form, ends = _FORMS.get(unit, _FORMS["number"])
    if not isinstance(cell, Estimate):
        return Written(_number(times * cell, form))
    if not (math.isfinite(cell.low) and math.isfinite(cell.high)):
        return Written(_number(times * cell.value, form))
    if unit == "share" and cell.high - cell.low < _NARROW:
        ends = ".1f"
    low, high = (_number(times * end, ends) for end in (cell.low, cell.high))
    interval = f"{low} to {high}" if "+" in ends else f"{low}\u2013{high}"
    sign = ""
    if unit == "change" and 0.0 not in cell and math.isfinite(cell.value):
        sign = "ok" if cell.value > 0 else "bad"
    return Written(_number(times * cell.value, form), interval, sign)


def plain(cell: Cell, unit: Unit) -> str:
    """A cell of a table as one text."""
    said = written(cell, unit)
    return f"{said.value} ({said.interval})" if said.interval else said.value


def inline(cell: Estimate, unit: Unit) -> str:
    """A figure within a sentence: ``0.43 (0.31 to 0.55)``."""
    return plain(cell, unit).replace("\u2013", " to ")


def percent(share: Estimate) -> str:
    """A share within a sentence: ``31 % (28 to 34)``."""
    if not math.isfinite(share.value):
        return "nothing"
    low, value, high = (f"{100 * each:.0f}" for each in (share.low, share.value, share.high))
    return f"{value} % ({low} to {high})"


def points(difference: Estimate) -> str:
    """A difference of shares within a sentence: ``8 points more (5 to 11)``."""
    value, low, high = (100 * each for each in (difference.value, difference.low, difference.high))
    if value < 0:
        value, low, high = -value, -high, -low
    more = "fewer" if difference.value < 0 else "more"
    ends = " to ".join(_number(end, ".0f") for end in (low, high))
    return f"{value:.0f} points {more} ({ends})"


def chance(p: float) -> str:
    """A p-value."""
    if not math.isfinite(p):
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.2g}" if p < 0.0995 else f"{p:.2f}"


def capital(text: str) -> str:
    """A sentence with a capital at its front, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentences(parts: Sequence[str]) -> str:
    """Parts as one text, a line each, with a capital at its front and a full stop."""
    return "\n".join(f"{capital(part)}." for part in parts if part)


def _number(value: float, form: str) -> str:
    if not math.isfinite(value):
        return NOTHING
    if not form:
        form = ",.0f" if abs(value) >= 100 or value == int(value) else ".3g"
    text = f"{value:{form}}"
    if float(text.replace(",", "")) == 0:  # no "-0"
        text = text.replace("-", "").replace("+", "")
    return text.replace("-", _MINUS)
