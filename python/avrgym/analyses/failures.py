"""Why replies are not right: a wrong answer, none, several, or no room for one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.table import Key, Rows, Table

#: What becomes of a reply, the attributes of :class:`Failures`.
KINDS: tuple[str, ...] = ("right", "wrong", "ambiguous", "unparsed", "cut")


@dataclass(frozen=True, slots=True)
class Failures:
    """Shares of replies; they sum to 1.

    Attributes:
        right: Of right ones.
        wrong: One answer could be read, and is wrong.
        ambiguous: Answers that disagree.
        unparsed: The reply ended, and no answer could be read: a failure of form.
        cut: Not right, and cut for its length: unsolved, whatever stood there.
    """

    right: Estimate
    wrong: Estimate
    ambiguous: Estimate
    unparsed: Estimate
    cut: Estimate


def failures(rows: Rows, *by: str) -> dict[Key, Failures]:
    """What became of replies, by columns; each is counted once.

    Args:
        rows: Of results.
        by: Names of columns, e.g. ``stage``, ``level``, ``format``.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, Failures] = {}
    for key, mine in Table.of(rows).groups(*by):
        became = kinds(mine)
        each = (share(became == kind, mine.problems) for kind in range(len(KINDS)))
        found[key] = Failures(*each)
    return found


def kinds(table: Table) -> NDArray[np.int64]:
    """What became of each reply, int64 (n,), codes into :data:`KINDS`.

    Raises:
        TaskError: The rows lack a column.
    """
    right = table.correct
    cut = ~right & _is(table, "finish", "length")
    ambiguous = ~right & ~cut & _is(table, "outcome", "ambiguous")
    unparsed = ~right & ~cut & ~ambiguous & ~(table["parsed"].numbers() > 0)
    flags = (right, ambiguous, unparsed, cut)
    codes = [KINDS.index(name) for name in ("right", "ambiguous", "unparsed", "cut")]
    return np.select(flags, codes, KINDS.index("wrong")).astype(np.int64)


def _is(table: Table, name: str, value: str) -> NDArray[np.bool_]:
    column = table[name]
    return np.array([held == value for held in column.values], bool)[column.codes]
