"""How far a judge agrees with the verifier, for programs and for people."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avrgym.analyses.calibration import Agreement, agreement, agreement_by
from avrgym.analyses.difficulty import features
from avrgym.analyses.interval import Estimate
from avrgym.analyses.table import Table
from avrgym.cli.accuracies import aligned
from avrgym.core import facts
from avrgym.evaluate.opinions import Opinions

_FIGURES = ("accuracy", "kappa", "accepted", "refused")
_SAID = ("agreement", "κ", "wrong accepted", "right refused")


@dataclass(frozen=True, slots=True)
class Line:
    """Agreement in a group of replies.

    Attributes:
        group: Its level and format, and its lengths where they are told apart.
        found: None where the judge said nothing that can be read.
        judged: How many replies.
        unread: Of how many the judge's words do not say one thing.
    """

    group: tuple[str, str, str]
    found: Agreement | None
    judged: int
    unread: int


def of(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Agreement of all, by level and format, and by length of the sample within each task.

    Args:
        rows: Of results, with what the judge said as ``judge``.
    """
    table = Table.of(rows)
    if not len(table):
        return []
    lines = [_line(("all", "", ""), table)]
    groups = list(table.groups("level", "format"))
    if len(groups) > 1:
        lines += [_line((str(level), str(format), ""), mine) for (level, format), mine in groups]
    for (task,), mine in table.groups("task"):
        name = facts.length(str(task))
        lengths = features(mine)[name]
        for (low, high), found in agreement_by(mine, lengths, bins=4):
            within = (lengths >= low) & (lengths <= high)
            words = f"{name.replace('_', ' ')} {low:g} to {high:g}"
            lines.append(_counted((str(task), "", words), mine.only(within), found))
    return lines


def _line(group: tuple[str, str, str], table: Table) -> Line:
    return _counted(group, table, agreement(table).get(()))


def _counted(group: tuple[str, str, str], table: Table, found: Agreement | None) -> Line:
    unread = int(np.isnan(table["judge"].numbers()).sum())
    return Line(group, found, len(table), unread)


def as_table(found: list[Line]) -> str:
    """A table for people."""
    rows: list[tuple[str, ...]] = [("level", "format", "length", *_SAID, "judged", "unread")]
    for line in found:
        held = line.found
        figures = [None if held is None else getattr(held, name) for name in _FIGURES]
        cells = ("" if each is None else _cell(each) for each in figures)
        rows.append((*line.group, *cells, f"{line.judged:,}", f"{line.unread:,}"))
    return "\n".join(aligned(rows, 3))


def _cell(each: Estimate) -> str:
    if math.isnan(each.value):
        return ""
    return f"{each.value:.2f} ({each.low:.2f} to {each.high:.2f})"


def as_json(found: list[Line], opinions: Opinions, file: Path) -> str:
    """The same as JSON."""
    groups = [
        {
            **dict(zip(("level", "format", "length"), line.group, strict=True)),
            **{"judged": line.judged, "unread": line.unread},
            **({} if line.found is None else _plain(line.found)),
        }
        for line in found
    ]
    made = {**asdict(opinions), "file": str(file), "groups": groups}
    return json.dumps(made, ensure_ascii=False, indent=1)


def _plain(found: Agreement) -> dict[str, Any]:
    figures = {name: getattr(found, name) for name in _FIGURES}
    return {
        name: {"value": each.value, "interval": [each.low, each.high]}
        for name, each in figures.items()
        if each is not None
    }
