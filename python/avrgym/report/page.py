"""A run's record as one self-contained page: curves, tables, and replies beside their pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.length import by_length
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.prompts.format import Format
from avrgym.report import figures
from avrgym.report.names import format_name, level_name, task_name
from avrgym.report.rollouts import rollouts
from avrgym.report.seconds import spent
from avrgym.report.stages import Rows, Told, role, stages
from avrgym.runs.record import Record, write

with needs("train"):
    import jinja2

TEMPLATE = Path(__file__).with_name("page.html.jinja")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a level under one decoding, one score per stage."""

    level: str
    role: str
    decoding: str
    scores: list[Score | None]


@dataclass(frozen=True, slots=True)
class Section:
    """What a page says of one task.

    Attributes:
        name: The task in words.
        about: One sentence about it.
        shown: The format of the tiles and of the lengths, in words.
        tiles: Greedy accuracy in that format, level by level.
        climb: A figure; empty where nothing was measured.
        sampled: A figure; empty where no stage drew replies.
        tables: Lines by format, in words.
        length: What says how long a sample is.
        lengths: Accuracy by level and length after the last stage, greedy.
    """

    name: str
    about: str
    shown: str
    tiles: list[Line]
    climb: str
    sampled: str
    tables: dict[str, list[Line]]
    length: str
    lengths: dict[str, dict[int, Score]]


def write_report(record: Record) -> Path:
    """Writes ``report.html`` from whatever the record holds so far; nothing is judged anew."""
    events, rows = list(record.events()), list(record.results())
    settings = record.settings()
    told = stages(events, rows)
    measured = [event for event in events if event["event"] in ("probe", "sampled")]
    tasks = dict.fromkeys(task_of(each["level"]) for each in [*rows, *measured])
    names = {row["stage"] for row in rows}
    evaluated = [stage for stage in told if stage.name in names]
    sections = [_section(task, told, evaluated, events, rows) for task in tasks]
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    page = environment.from_string(TEMPLATE.read_text("utf-8")).render(
        name=settings.get("name", record.folder.name),
        settings=settings,
        sections=sections,
        stages=told,
        evaluated=evaluated,
        rollouts=rollouts(rows, told, settings.get("picture", {})),
        logged=figures.logged(told, [event for event in events if event["event"] == "log"]),
        spent=spent(told, events),
        short=level_name,
        titled=level_name if len(tasks) < 2 else str,
    )
    write(record.report, page)
    return record.report


def _section(
    task: str, told: Sequence[Told], evaluated: Sequence[Told], events: Rows, rows: Rows
) -> Section:
    mine = [row for row in rows if task_of(row["level"]) == task]
    formats = list(dict.fromkeys(row["format"] for row in mine))
    tables = {name: table(mine, name, told, evaluated) for name in formats}
    # A picture is what the model is for; where none was shown, the first of the others.
    first = next((name for name in formats if Format.parse(name).pictured), (*formats, "")[0])
    last = evaluated[-1].name if evaluated else ""
    shown = [
        row
        for row in mine
        if (row["stage"], row["format"], row["decoding"]) == (last, first, "greedy")
    ]
    return Section(
        name=task_name(task),
        about=facts.about(task),
        shown=format_name(first) if first else "",
        tiles=[line for line in tables.get(first, ()) if line.decoding == "greedy"],
        climb=figures.climb(task, told, [e for e in events if e["event"] == "probe"], rows),
        sampled=figures.sampled(task, told, [e for e in events if e["event"] == "sampled"]),
        tables={format_name(name): lines for name, lines in tables.items()},
        length=facts.length(task).replace("_", " "),
        lengths=by_length(shown),
    )


def table(rows: Rows, format: str, told: Sequence[Told], evaluated: Sequence[Told]) -> list[Line]:
    """Scores in one format: a line per decoding and level, a column per evaluated stage.

    Args:
        rows: Of results, of one task.
        format: Its name.
        told: The stages of the run.
        evaluated: Those of them that were measured.
    """
    mine = [row for row in rows if row["format"] == format]
    scores = accuracy(mine, "level", "decoding", "stage")
    levels = dict.fromkeys(row["level"] for row in mine)
    return [
        Line(
            level_name(level),
            role(level, format, told),
            decoding,
            [scores.get((level, decoding, stage.name)) for stage in evaluated],
        )
        for decoding in dict.fromkeys(row["decoding"] for row in mine)
        for level in levels
    ]
