"""Runs and evaluations as one self-contained page: answers in words, tables and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avrgym.analyses.accuracy import shares
from avrgym.analyses.interval import Estimate
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.extras import needs
from avrgym.report import answers, palette
from avrgym.report.browser import browse
from avrgym.report.cells import written
from avrgym.report.drawing import apart
from avrgym.report.gathered import WHO, Source, gather
from avrgym.report.inquiry import Inquiry, inquire
from avrgym.report.names import START, format_name, level_name, task_name
from avrgym.report.section import Analysis, Section
from avrgym.report.sections.lines import trained
from avrgym.report.stages import role
from avrgym.runs.record import Record, write

with needs("train"):
    import jinja2

_FOLDER = Path(__file__).parent
_TILES = 24  # at most: of more levels there is a tile for each task


@dataclass(frozen=True, slots=True)
class Tile:
    """One level, or one task.

    Attributes:
        name: What it is called.
        role: What training saw of it; empty where there was none.
        now: Share right of the subject that the page is about.
        path: (label, share) of the models, and of the baselines.
    """

    name: str
    role: str
    now: Estimate | None
    path: list[tuple[str, Estimate]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A section as the page shows it.

    Attributes:
        analysis: The question.
        section: The answer.
        figures: (title, SVG) of those that have something to show.
    """

    analysis: Analysis
    section: Section
    figures: list[tuple[str, str]]


def write_report(record: Record) -> Path:
    """Writes ``report.html`` from whatever the record holds so far; nothing is judged anew."""
    inquiry = inquire(gather([record.folder]))
    return write_page(inquiry, answers.answers(inquiry), record.report)


def write_page(inquiry: Inquiry, found: answers.Answers, to: Path) -> Path:
    """Writes the page of runs and evaluations; the file is replaced at once.

    Args:
        inquiry: Rows, and how they are looked at.
        found: What they say.
        to: The file; its folder is there.

    Returns:
        The file.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    sources = inquiry.gathered.sources
    tasks = inquiry.tasks
    page = environment.get_template("page.html.jinja").render(
        title=task_name(tasks[0]) if len(tasks) == 1 else ", ".join(s.name for s in sources),
        leads=[_lead(source) for source in sources],
        replies=len(inquiry.gathered.table),
        tasks=[(task_name(task), facts.about(task)) for task in tasks],
        shown=format_name(inquiry.shown) if inquiry.shown else "",
        of=inquiry.of if inquiry.models else "",
        greedy=bool(inquiry.models) and "greedy" in {k for (k,) in inquiry.rows.by("decoding")[1]},
        tiles=_tiles(inquiry, tasks) if inquiry.models else [],
        sections=[_drawn(analysis, section) for analysis, section in found.sections],
        unanswered=answers.unanswered(found) if found.open and inquiry.models else "",
        trained=any(source.is_run for source in sources),
        browser=browse(inquiry.gathered),
        written=written,
        light=palette.declared(dark=False),
        dark=palette.declared(dark=True),
    )
    write(to, page)
    return to


def _drawn(analysis: Analysis, section: Section) -> Drawn:
    figures = [
        (figure.title, apart(svg, f"{analysis.name}-{place}"))
        for place, figure in enumerate(section.figures)
        if (svg := figure.draw())
    ]
    return Drawn(analysis, section, figures)


def _lead(source: Source) -> str:
    """What a source is, in a sentence."""
    settings = source.settings
    if not source.is_run:
        suite = settings.get("suite") or "of a file"
        return f"{source.name}: {settings.get('policy', '')} asked suite {suite}."
    model = settings.get("model") or {}
    begun = (
        [f"from {model['path']}" if model.get("path") else "a model made from nothing"]
        if model
        else []
    )
    seed = [f"seed {settings['seed']}"] if "seed" in settings else []
    stages = [stage for stage in source.stages if stage.name != START]
    steps = ", ".join(
        f"{stage.label} ({stage.last - stage.first:,} steps)"
        if stage.last > stage.first
        else stage.label
        for stage in stages
    )
    said = ", ".join([f"Run {settings.get('name', source.name)}", *seed, *begun])
    return f"{said}: {steps}." if steps else f"{said}."


def _tiles(inquiry: Inquiry, tasks: Sequence[str]) -> list[Tile]:
    """Levels, or tasks where there are many levels, in the format that is looked at first."""
    rows = inquiry.rows.where(format=inquiry.shown)
    by = "level" if len(rows.by("level")[1]) <= _TILES else "task"
    found = shares(rows, by, WHO)
    stages = trained(inquiry)
    tiles = []
    for name in dict.fromkeys(key[0] for key in found):
        path = [(who, found[name, who]) for who in inquiry.labels if (name, who) in found]
        tiles.append(
            Tile(
                _tile_name(name, len(tasks) > 1, by),
                role(name, inquiry.shown, stages) if stages and by == "level" else "",
                found.get((name, inquiry.of)),
                path,
            )
        )
    return tiles


def _tile_name(name: str, many: bool, by: str) -> str:
    if by == "task":
        return task_name(name)
    return f"{task_name(task_of(name))} {level_name(name)}" if many else level_name(name)
