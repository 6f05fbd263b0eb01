"""How many replies were right, by any columns of their rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.table import Key, Rows, Table
from avrgym.core.score import Score


def accuracy(rows: Iterable[Mapping[str, Any]], *by: str) -> dict[tuple[str, ...], Score]:
    """Scores by the values of columns, in the order in which they come up.

    Args:
        rows: Of results, see :class:`avrgym.evaluate.results.Result`.
        by: Names of columns, e.g. ``stage``, ``level``.
    """
    found: dict[tuple[str, ...], Score] = {}
    for row in rows:
        key = tuple(row[name] for name in by)
        found[key] = found.get(key, Score(0, 0)) + Score(int(row["correct"]), 1)
    return found


def shares(rows: Rows, *by: str) -> dict[Key, Estimate]:
    """The share right by columns, with intervals that count problems.

    Of one reply a problem they are those of :func:`accuracy`; several draws, formats or decodings
    of one say less than as many problems.

    Args:
        rows: Of results.
        by: Names of columns, e.g. ``stage``, ``level``, ``format``.

    Raises:
        TaskError: The rows lack a column.
    """
    return {key: share(mine.correct, mine.problems) for key, mine in Table.of(rows).groups(*by)}


def pooled(scores: Iterable[Score]) -> Score:
    """All replies of several sets taken as one."""
    return sum(scores, Score(0, 0))
