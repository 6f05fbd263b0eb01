"""Accuracy by what makes samples hard: every feature that a level's task tells of them."""

from dataclasses import dataclass

import numpy as np

from avrgym.analyses.bins import quantile_bins
from avrgym.analyses.interval import Estimate, Floats, share
from avrgym.analyses.table import Key, Rows, Table
from avrgym.core import facts


@dataclass(frozen=True, slots=True)
class Bin:
    """Replies about samples whose feature lies from ``low`` to ``high``, both within."""

    low: float
    high: float
    right: Estimate


def by_feature(rows: Rows, *by: str, bins: int = 5) -> dict[Key, dict[str, list[Bin]]]:
    """Share right by each feature in bins that hold about as many replies each, by columns.

    Args:
        rows: Of results.
        by: Names of columns; ``level`` if none are given.
        bins: How many at most, 1 or more.

    Returns:
        By group, by feature, those that vary within the group.

    Raises:
        TaskError: The rows lack a column, or an address names nothing.
    """
    found: dict[Key, dict[str, list[Bin]]] = {}
    held = Table.of(rows)
    columns = features(held)
    groups, keys = held.by(*(by or ("level",)))
    for place, key in enumerate(keys):
        group = np.flatnonzero(groups == place)
        right, problems = held.correct[group], held.problems[group]
        mine: dict[str, list[Bin]] = {}
        for name, column in columns.items():
            values = column[group]
            known = np.isfinite(values)
            if not known.any() or values[known].min() == values[known].max():
                continue
            codes, ends = quantile_bins(values[known], bins)
            mine[name] = [
                Bin(*end, share(right[known][codes == at], problems[known][codes == at]))
                for at, end in enumerate(ends)
            ]
        found[key] = mine
    return found


def features(table: Table) -> dict[str, Floats]:
    """Each feature of each row's sample, float64 (n,), NaN where its task has none of the name.

    Raises:
        TaskError: An address names nothing.
    """
    column = table["address"]
    occur, codes = np.unique(column.codes, return_inverse=True)
    told = facts.features([column.values[code] for code in occur])
    return {name: values[codes] for name, values in told.items()}
