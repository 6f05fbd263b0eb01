"""How a run was trained: accuracy as it climbs, what was drawn and logged, where time went."""

from collections.abc import Callable

import numpy as np

from avrgym.analyses.table import Table
from avrgym.core.address import task_of
from avrgym.report.cells import capital
from avrgym.report.gathered import WHO, Source
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import listed, task_name
from avrgym.report.seconds import spent
from avrgym.report.section import Analysis, Figure, Head, Section, Sheet

_NOTE = (
    "Lines: quick checks on a few held-out samples, greedy, with 95 % intervals. Points: the "
    "evaluations before, between and after the stages; filled greedy, hollow sampled. What was "
    "drawn in training is of the model's own sampled replies, ten steps at a time."
)


def _ask(inquiry: Inquiry) -> Section | None:
    runs = [source for source in inquiry.gathered.sources if source.is_run]
    if not runs:
        return None
    many = len(runs) > 1
    figures, sheets, words = [], [], []
    for source in runs:
        figures += _figures(inquiry, source, f"{source.name}: " if many else "")
        if sheet := _seconds(source, f"{source.name}: seconds" if many else "Seconds"):
            sheets.append(sheet)
        said = [
            f"{s.label} ({s.last - s.first:,} steps)" for s in source.stages if s.last > s.first
        ]
        if said:
            words.append(f"{source.name}: {listed(said)}." if many else f"{listed(said)}.")
    if not figures and not sheets:
        return None
    return Section(" ".join(words), tuple(sheets), tuple(figures), _NOTE)


def _figures(inquiry: Inquiry, source: Source, prefix: str) -> list[Figure]:
    rows = _rows(inquiry, source)
    events = source.events
    measured = [event for event in events if event["event"] in ("probe", "sampled")]
    probes = [event for event in measured if event["event"] == "probe"]
    drawn = [event for event in measured if event["event"] == "sampled"]
    logs = [event for event in events if event["event"] == "log"]
    tasks = [key for (key,) in rows.by("task")[1]] if len(rows) else []
    tasks = list(dict.fromkeys([*tasks, *(task_of(event["level"]) for event in measured)]))

    def climb(task: str) -> Callable[[], str]:
        def draw() -> str:
            from avrgym.report import figures

            return figures.climb(task, source.stages, probes, rows)

        return draw

    def sampled(task: str) -> Callable[[], str]:
        def draw() -> str:
            from avrgym.report import figures

            return figures.sampled(task, source.stages, drawn)

        return draw

    def logged() -> str:
        from avrgym.report import figures

        return figures.logged(source.stages, logs)

    found = []
    for task in tasks:
        of = f"{prefix}{task_name(task)}" if len(tasks) > 1 else prefix.removesuffix(": ")
        said = f"{of}: " if of else ""
        found.append(Figure(capital(f"{said}accuracy as it climbs"), climb(task)))
        if any(task_of(event["level"]) == task for event in drawn):
            found.append(Figure(capital(f"{said}what was drawn in training"), sampled(task)))
    if logs:
        found.append(Figure(capital(f"{prefix}what trainers logged"), logged))
    return found


def _rows(inquiry: Inquiry, source: Source) -> Table:
    """The run's own rows, greedy and sampled."""
    table = inquiry.gathered.table
    if not len(table):
        return table
    mine = {each.label for each in inquiry.gathered.subjects if each.source is source}
    who = table[WHO]
    wanted = [place for place, label in enumerate(who.values) if label in mine]
    return table.only(np.isin(who.codes, wanted))


def _seconds(source: Source, title: str) -> Sheet | None:
    rows = spent(source.stages, source.events)
    if not rows:
        return None
    parts = list(dict.fromkeys(part for row in rows for part in row.shares))
    heads = (
        *(Head("stage"), Head("training", "number"), Head("evaluation", "number")),
        *(Head(f"{part.replace('_', ' ')}, of a step", "share") for part in parts),
    )
    cells = tuple(
        (row.label, row.training, row.evaluation, *(row.shares.get(part) for part in parts))
        for row in rows
    )
    return Sheet(title, heads, cells)


TRAINING = Analysis("training", "Training", "a run", _ask, rows=False)
