"""Two sides group by group: what both were asked is compared, and what only one was is counted."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from avrgym.analyses.paired import ITEM, Compared, compare
from avrgym.analyses.table import Key, Rows, Table


@dataclass(frozen=True, slots=True)
class Beside:
    """A group of two sides.

    Attributes:
        both: Items that both were asked.
        first: Items that only the first was asked.
        second: Items that only the second was.
        compared: On what both were asked; None where that is nothing. Its ``p`` is None also where
            several items are about one problem, since the test takes them as independent.
    """

    both: int
    first: int
    second: int
    compared: Compared | None


def beside(
    first: Rows, second: Rows, *by: str, item: Sequence[str] = ITEM, seed: int = 0
) -> dict[Key, Beside]:
    """Two sides by columns, in the order of the first; groups that only one has are there too.

    See :func:`avrgym.analyses.paired.compare`.

    Args:
        first: Rows of results.
        second: Rows of results.
        by: Names of columns, e.g. ``level``, ``format``; of none there is one group.
        item: Columns that tell items apart, ``address`` among them.
        seed: Of the draws of the bootstrap.

    Raises:
        TaskError: The rows lack a column.
    """
    one, other = (dict(Table.of(side).groups(*by)) for side in (first, second))
    return {
        key: _beside(one.get(key), other.get(key), item, seed)
        for key in dict.fromkeys((*one, *other))
    }


def _beside(first: Table | None, second: Table | None, item: Sequence[str], seed: int) -> Beside:
    mine, theirs = (set(_items(side, item)) for side in (first, second))
    common = mine & theirs
    counts = len(common), len(mine - theirs), len(theirs - mine)
    if first is None or second is None or not common:
        return Beside(*counts, None)
    # What only one was asked has no say, nor how many replies it has.
    one, other = (_only(side, item, common) for side in (first, second))
    found = compare(one, other, item=item, seed=seed)
    at = list(item).index("address")
    if len({key[at] for key in common}) < len(common):
        found = replace(found, p=None)
    return Beside(*counts, found)


def _items(side: Table | None, item: Sequence[str]) -> list[Key]:
    return [] if side is None else side.by(*item)[1]


def _only(side: Table, item: Sequence[str], kept: Set[Key]) -> Table:
    codes, keys = side.by(*item)
    return side.only(np.array([key in kept for key in keys], bool)[codes])
