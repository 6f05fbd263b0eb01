"""Accuracy by length: an average over lengths hides where a reader stops reading."""

from collections.abc import Iterable, Mapping
from typing import Any

from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.score import Score


def by_length(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, Score]]:
    """Scores by level, and by what says in the level's task how long a sample is.

    Args:
        rows: Of results, see :class:`avrgym.evaluate.results.Result`; several runs may be taken
            together.
    """
    held = list(rows)
    found: dict[str, dict[int, Score]] = {}
    features = facts.features([row["address"] for row in held])
    for place, row in enumerate(held):
        length = int(features[facts.length(task_of(row["level"]))][place])
        mine = found.setdefault(row["level"], {})
        mine[length] = mine.get(length, Score(0, 0)) + Score(int(row["correct"]), 1)
    return {level: dict(sorted(scores.items())) for level, scores in found.items()}
