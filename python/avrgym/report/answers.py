"""All questions asked of all rows, and the answers as JSON and as Markdown."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from avrgym.analyses.interval import Estimate
from avrgym.report.cells import plain
from avrgym.report.inquiry import Inquiry
from avrgym.report.section import Analysis, Cell, Section, Sheet
from avrgym.report.sections import ANALYSES


@dataclass(frozen=True, slots=True)
class Answers:
    """What rows say.

    Attributes:
        sections: The questions that they answer, in order.
        open: Those that they cannot.
    """

    sections: tuple[tuple[Analysis, Section], ...]
    open: tuple[Analysis, ...]


def answers(inquiry: Inquiry, analyses: Sequence[Analysis] = ANALYSES) -> Answers:
    """Asks all questions.

    Args:
        inquiry: The rows, and how they are looked at.
        analyses: What is asked.
    """
    measured = bool(inquiry.models)
    asked = {each: each.ask(inquiry) if measured or not each.rows else None for each in analyses}
    return Answers(
        tuple((each, section) for each, section in asked.items() if section is not None),
        tuple(each for each, section in asked.items() if section is None),
    )


def as_json(inquiry: Inquiry, found: Answers) -> str:
    """The numbers of all sections, for programs; what is infinite or not a number is null."""
    made = {
        "sources": [
            {"name": source.name, "folder": str(source.folder), "run": source.is_run}
            for source in inquiry.gathered.sources
        ],
        "subjects": list(inquiry.models),
        "baselines": list(inquiry.baselines),
        "compared": [list(pair) for pair in inquiry.pairs],
        "replies": len(inquiry.gathered.table),
        "sections": [
            {
                "name": analysis.name,
                "title": analysis.title,
                "words": section.words,
                "note": section.note,
                "tables": [_table(sheet) for sheet in section.tables],
            }
            for analysis, section in found.sections
        ],
        "unanswered": [{"name": each.name, "needs": each.needs} for each in found.open],
    }
    return json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False)


def _table(sheet: Sheet) -> dict[str, Any]:
    names: list[str] = []
    for head in sheet.heads:  # a folder may be called like a column
        names.append(head.text if head.text not in names else f"{head.text} ({len(names) + 1})")
    return {
        "title": sheet.title,
        "units": {name: head.unit for name, head in zip(names, sheet.heads, strict=True)},
        "rows": [
            {name: _value(cell) for name, cell in zip(names, row, strict=True)}
            for row in sheet.rows
        ],
    }


def _value(cell: Cell) -> Any:
    if isinstance(cell, Estimate):
        ends = {"value": cell.value, "low": cell.low, "high": cell.high}
        return {name: _finite(end) for name, end in ends.items()} | {"n": cell.n}
    return _finite(cell) if isinstance(cell, float) else cell


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_markdown(inquiry: Inquiry, found: Answers) -> str:
    """All tables for a paper, with the sentences above them; shares are per cent."""
    return "\n".join(_lines(inquiry, found))


def _lines(inquiry: Inquiry, found: Answers) -> Iterator[str]:
    names = ", ".join(source.name for source in inquiry.gathered.sources)
    yield f"# {_escaped(names)}: {len(inquiry.gathered.table):,} replies"
    for analysis, section in found.sections:
        yield f"\n## {analysis.title}\n"
        if section.words:
            yield _escaped(section.words)
        for sheet in section.tables:
            yield f"\n**{_escaped(sheet.title)}**\n"
            yield _row([head.text for head in sheet.heads])
            yield _row(["---" if head.unit == "words" else "---:" for head in sheet.heads])
            for row in sheet.rows:
                cells = zip(row, sheet.heads, strict=True)
                yield _row([plain(cell, head.unit) for cell, head in cells])
        if section.note:
            yield f"\n{_escaped(section.note)}"
    if found.open:
        yield f"\n{_escaped(unanswered(found))}"


def unanswered(found: Answers) -> str:
    """What the rows cannot say, and what it would take, in a sentence."""
    lacks = "; ".join(f"{each.title.lower()} ({each.needs})" for each in found.open)
    return f"Not answered by these rows, and what it takes: {lacks}."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    for letter in "\\|*_`<":
        text = text.replace(letter, f"\\{letter}")
    return " ".join(text.split())
