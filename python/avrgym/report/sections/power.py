"""Which differences the replies at hand could have shown."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from avrgym._core import TaskError
from avrgym.analyses.paired import cells
from avrgym.analyses.power import independent, shown
from avrgym.report.cells import sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name
from avrgym.report.section import Analysis, Head, Section, Sheet


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sides in a format, and what their items show."""

    first: str
    second: str
    format: str
    items: int
    apart: float
    least: float | None


def _compared(inquiry: Inquiry) -> Iterator[_Pair]:
    """Those that the page compares, by what they were seen to differ on."""
    sides = dict(inquiry.rows.groups(WHO, "format"))
    for first, second in inquiry.pairs:
        for (format,) in inquiry.rows.by("format")[1]:
            if (first, format) not in sides or (second, format) not in sides:
                continue
            try:
                held = cells([sides[who, format] for who in (first, second)], inquiry.item)
            except TaskError:  # nothing in common
                continue
            a, b = (side[:, 0] for side in held.sides)
            apart = float(abs(a - b).mean())
            yield _Pair(first, second, format_name(format), len(a), apart, _least(len(a), apart))


def _alone(inquiry: Inquiry) -> Iterator[_Pair]:
    """Each model beside one that is right as often and errs on items of its own."""
    for (who, format), mine in inquiry.rows.groups(WHO, "format"):
        if who in inquiry.models:
            share = float(mine.correct.mean())
            apart, items = independent(share, share), len(np.unique(mine.problems))
            least = _least(items, apart)
            yield _Pair(who, "another like it", format_name(format), items, apart, least)


def _least(items: int, apart: float) -> float | None:
    """None too where the sides differ on nothing, or on everything."""
    return shown(items, apart) if 0 < apart < 1 else None


def _ask(inquiry: Inquiry) -> Section | None:
    heads = (
        *(Head("subject"), Head("compared to"), Head("format"), Head("items", "count")),
        *(Head("only one right", "share"), Head("shows a difference of", "share")),
    )
    found = list(_compared(inquiry)) or list(_alone(inquiry))
    said = [
        f"{each.items:,} items as {each.format} show a difference of {100 * each.least:.1f} points "
        f"between {each.first} and {each.second} four times of five"
        for each in found
        if each.first == inquiry.of and each.least is not None
    ]
    rows = tuple((e.first, e.second, e.format, e.items, e.apart, e.least) for e in found)
    return Section(
        sentences(said[:1]) or "No difference would show with so few items.",
        (Sheet("Smallest difference that shows", heads, rows),),
        note="McNemar's test at 5 %, power 80 % (Connor 1987), with the share of items on which "
        "the two were seen to differ; beside another like it, as if both erred independently.",
    )


POWER = Analysis("power", "What so many items can show", "replies", _ask)
