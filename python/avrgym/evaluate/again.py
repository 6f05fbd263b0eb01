"""Stored replies judged again: what a judge that changed says otherwise of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avrgym.core.generator import generator
from avrgym.evaluate.folder import PACKED, SETTINGS, Folder
from avrgym.evaluate.results import said, verdicts
from avrgym.files import jsonl, storage
from avrgym.prompts.format import Format
from avrgym.runs.record import RESULTS, Record


@dataclass(slots=True)
class Moved:
    """What is otherwise than it was.

    Attributes:
        rows: How many were judged.
        outcomes: How many went from one outcome to another, or stayed, by (before, after).
        inside: How many have other steps, components or form, the outcome being the same.
        judges: The generators that had judged them, by how many rows.
    """

    rows: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    inside: int = 0
    judges: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        """Rows of which anything is otherwise."""
        return self.inside + sum(n for (old, new), n in self.outcomes.items() if old != new)


def again(rows: Iterable[dict[str, Any]], moved: Moved) -> Iterator[dict[str, Any]]:
    """Rows with the verdicts of the judge at hand, in order.

    Args:
        rows: Of results.
        moved: Counts what is otherwise.

    Raises:
        TaskError: An address names nothing.
    """
    for part in jsonl.parts(rows):
        judged = verdicts(
            [row["address"] for row in part],
            [said(row) for row in part],
            [Format.parse(row["format"]) for row in part],
        )
        for row, verdict in zip(part, judged, strict=True):
            plain = verdict | {"steps": [list(step) for step in verdict["steps"]]}
            moved.rows += 1
            moved.judges[row["generator"]] += 1
            moved.outcomes[row["outcome"], plain["outcome"]] += 1
            if row["outcome"] == plain["outcome"]:
                moved.inside += _differs(row, plain)
            yield {**row, **plain}


def _differs(row: Mapping[str, Any], plain: Mapping[str, Any]) -> bool:
    """Whether a verdict says otherwise than a row, as far as the row says anything."""
    old, new = row["steps"], plain["steps"]
    if len(old) != len(new):
        return True
    # Older rows do not say of steps whether they were thought.
    if any(step != now[: len(step)] for step, now in zip(old, new, strict=True)):
        return True
    beside = plain.keys() - {"steps", "generator"}
    return any(row[name] != plain[name] for name in beside)


def rewritten(folder: Path) -> Moved:
    """Puts the new verdicts in the place of the old ones, all at once.

    Args:
        folder: Of an evaluation, or of a run, with ``results.jsonl`` in it; ``results.parquet`` is
            rewritten too where there is one.

    Raises:
        TaskError: An address names nothing, or another process is at the folder; the old ones stay.
    """
    moved = Moved()
    held = Folder(folder) if (folder / SETTINGS).exists() else None
    file = folder / RESULTS
    with held.alone() if held else Record(folder).alone():
        Record(folder).join()  # of several processes that were stopped
        with storage.aside(file, folder) as part:
            for rows in jsonl.parts(again(Folder(folder).rows(), moved)):
                jsonl.append(part, rows)
            part.touch()
        if (folder / PACKED).exists():
            Folder(folder).pack()
        if held:  # else it could not be gone on with
            held.note(held.settings() | {"generator": generator()})
    return moved
