"""What changed from one subject to another, on the items that both were asked."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.beside import beside
from avrgym.analyses.paired import Compared
from avrgym.analyses.table import Column, Key, Table
from avrgym.report.cells import chance, points
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry

#: By subject, what it is compared to, and a group of rows.
Changes: TypeAlias = Mapping[tuple[str, str, Key], Compared]


def changes(inquiry: Inquiry, table: Table, *by: str) -> Changes:
    """All pairs of an inquiry, group by group; those without an item in common are left out.

    Args:
        inquiry: Says the pairs.
        table: Of the inquiry's rows.
        by: Columns.
    """
    sides = {who: mine for (who,), mine in table.groups(WHO)}
    return {
        (first, second, key): each.compared
        for first, second in inquiry.pairs
        if first in sides and second in sides
        for key, each in beside(sides[first], sides[second], *by, item=inquiry.item).items()
        if each.compared is not None
    }


def counted(table: Table, flags: NDArray[np.bool_]) -> Table:
    """Rows that count as right where a flag is set: what is compared is the share of flags."""
    column = Column(flags.astype(np.int64), (False, True))
    return Table({**table.columns, "correct": column}, table.steps)


def against(second: str, compared: Compared) -> str:
    """A change within a sentence: ``8 points more (5 to 11, p < 0.001) than before``."""
    if 0.0 in compared.gap:
        gap = (compared.gap.value, compared.gap.low, compared.gap.high)
        value, low, high = (f"{100 * each:+.0f}".replace("-", "\u2212") for each in gap)
        return f"not told from {second} ({value} points, {low} to {high})"
    return f"{points(compared.gap)[:-1]}{said(compared.p)}) than {second}"


def said(p: float | None) -> str:
    """A p-value within a sentence, behind a comma; nothing where there is none."""
    if p is None:
        return ""
    return f", p {chance(p)}" if p < 0.001 else f", p = {chance(p)}"


def compared_to(inquiry: Inquiry) -> Sequence[str]:
    """What the subject that the page is about is compared to."""
    return [second for first, second in inquiry.pairs if first == inquiry.of]
