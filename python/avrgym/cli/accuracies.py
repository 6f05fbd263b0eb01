"""Accuracies of judged replies, for programs and for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from avrgym.core.address import task_of
from avrgym.core.verdicts import OUTCOMES
from avrgym.data.judge import Judged, Outcomes

_COUNTS = tuple(reversed(OUTCOMES))


def as_json(file: Path, judged: Judged, strict: bool) -> str:
    """What was judged, as JSON."""

    def counted(outcomes: Outcomes) -> dict[str, Any]:
        score = outcomes.score
        return {
            "replies": score.total,
            **asdict(outcomes),
            "accuracy": score.accuracy,
            "interval": score.interval(),
        }

    made = {
        "file": str(file),
        "address": judged.address,
        "reply": judged.reply,
        "strict": strict,
        "problems": judged.problems,
        "overall": counted(judged.overall),
        "levels": {name: counted(each) for name, each in judged.levels.items()},
        "formats": {name: counted(each) for name, each in judged.formats.items()},
        "written": None if judged.written is None else str(judged.written),
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def as_table(judged: Judged) -> str:
    """What was judged, as a table for people."""
    shown = {"all": judged.overall}
    tasks: dict[str, list[str]] = {}
    for level in judged.levels:
        tasks.setdefault(task_of(level), []).append(level)
    for task, levels in tasks.items():
        if len(levels) > 1 and len(tasks) > 1:
            shown[task] = Outcomes(
                *(sum(getattr(judged.levels[each], name) for each in levels) for name in _COUNTS)
            )
        shown |= {level: judged.levels[level] for level in levels}
    if len(judged.formats) > 1:
        shown |= {f"format {name or '(none)'}": each for name, each in judged.formats.items()}
    rows = [("", "accuracy", "95 % interval", "replies", *_COUNTS)]
    for name, outcomes in shown.items():
        score = outcomes.score
        low, high = score.interval()
        counts = (score.total, *(getattr(outcomes, each) for each in _COUNTS))
        rows.append(
            (
                name,
                f"{score.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}",
                *(f"{count:,}" for count in counts),
            )
        )
    lines = aligned(rows)
    lines.append(f"addresses: {judged.address}, replies: {judged.reply}")
    if judged.problems < judged.overall.score.total:
        lines[-1] += f"; {judged.problems:,} problems, intervals as if each reply had its own"
    if judged.written is not None:
        lines.append(f"verdicts: {judged.written}")
    return "\n".join(lines)


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows of cells as lines: the first ``left`` columns begin together, the others end so."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def folded(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The same in ``width`` columns of characters, with the first column before each part."""
    first, *others = zip(*rows, strict=True)
    room = width - max(map(len, first))
    parts: list[list[tuple[str, ...]]] = [[]]
    used = 0
    for column in others:
        wide = 2 + max(map(len, column))
        if parts[-1] and used + wide > room:
            parts.append([])
            used = 0
        parts[-1].append(column)
        used += wide
    told = [aligned(list(zip(first, *part, strict=True))) for part in parts]
    return "\n\n".join("\n".join(lines) for lines in told).split("\n")
