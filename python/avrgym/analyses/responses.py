"""Who was right how often on what: the table that models of difficulty are fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avrgym.analyses.interval import Floats
from avrgym.analyses.table import Key, Rows, Table

#: Columns that tell subjects apart: a model in a format is one, so that formats have abilities.
SUBJECT: tuple[str, ...] = ("stage", "format")


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Replies of j subjects to i items.

    Attributes:
        subjects: By their values in the columns asked for.
        items: Addresses.
        right: Right ones, float64 (j, i).
        tried: All of them, float64 (j, i), 0 where a subject was not asked.
    """

    subjects: list[Key]
    items: list[str]
    right: Floats
    tried: Floats


def responses(rows: Rows, subject: Sequence[str] = SUBJECT) -> Responses:
    """Counts the replies of each subject to each address.

    Args:
        rows: Of results.
        subject: Names of columns.

    Raises:
        TaskError: The rows lack a column.
    """
    held = Table.of(rows)
    subjects, who = held.by(*subject)
    items, what = held.by("address")
    size = len(who) * len(what)
    cell = subjects * len(what) + items
    tried = np.bincount(cell, minlength=size).astype(np.float64)
    right = np.bincount(cell, held.correct, minlength=size).astype(np.float64)
    shape = len(who), len(what)
    return Responses(who, [key[0] for key in what], right.reshape(shape), tried.reshape(shape))
