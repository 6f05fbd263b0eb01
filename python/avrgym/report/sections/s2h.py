"""From easy to hard: SIMPLE to HARD, levels that were trained on to those that were not."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from avrgym.analyses.s2h import Generalized, generalized, trained_by_tested
from avrgym.analyses.table import Column, Key, Table
from avrgym.core.address import task_of
from avrgym.report.cells import inline, percent, sentences
from avrgym.report.gathered import WHO, Source
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, level_name, listed, task_name
from avrgym.report.section import Analysis, Head, Section, Sheet
from avrgym.report.sections.changes import Changes, against, changes, compared_to
from avrgym.report.sections.lines import trained
from avrgym.report.stages import role

_NEVER = "never seen"
_ROLE = "role"


def _ask(inquiry: Inquiry) -> Section | None:
    by = ("task", WHO, "format")
    named = generalized(inquiry.rows, *by)
    seen = generalized(_by_role(inquiry), *by, simple="trained", hard="never")
    sheets = []
    if named:
        sheets.append(_sheet("SIMPLE and HARD", named, "SIMPLE", "HARD"))
    if seen:
        sheet = _sheet("Levels in training and others", seen, "in training", _NEVER)
        sheets.append(replace(sheet, folded=bool(named)))
    changed = _changes(inquiry)
    if changed:
        sheets.append(_changed(changed))
    sheets += _trained(inquiry)
    if not sheets:
        return None
    words = [
        *_words(inquiry, named, "HARD", "SIMPLE"),
        *_words(inquiry, seen, "levels never trained on", "levels in training"),
        *_gained(inquiry, changed),
    ]
    return Section(
        sentences(words),
        tuple(sheets),
        note="Levels have no problem in common, so that each is resampled for itself. There is no "
        "ratio where the denominator is not told from 0. What training saw counts by format.",
    )


def _sheet(title: str, found: Mapping[Key, Generalized], simple: str, hard: str) -> Sheet:
    heads = (
        *(Head("task"), Head("subject"), Head("format")),
        *(Head(simple, "share"), Head(hard, "share"), Head("ratio", "ratio")),
    )
    rows = tuple(
        (task_name(task), who, format_name(format), each.simple, each.hard, each.ratio.value)
        for (task, who, format), each in found.items()
    )
    return Sheet(title, heads, rows)


def _by_role(inquiry: Inquiry) -> Table:
    """The rows of runs, their levels called by whether training saw them in the row's format."""
    table = inquiry.rows
    group, keys = table.by(WHO, "level", "format")
    names = []
    for who, level, format in keys:
        stages = inquiry.subject(who).source.stages
        drawn = any(stage.drawn for stage in stages)
        seen = "never" if role(level, format, stages) == _NEVER else "trained"
        names.append(f"{task_of(level)}/{seen}" if drawn else f"{task_of(level)}/-")
    column = Column.of(names)
    held = {**table.columns, "level": Column(column.codes[group], column.values)}
    return Table(held, table.steps)


def _changes(inquiry: Inquiry) -> Changes:
    """By what the run's training saw of a level in a format, where the page is about one run."""
    stages = trained(inquiry)
    if not any(stage.drawn for stage in stages):
        return {}
    table = inquiry.rows
    group, keys = table.by("level", "format")
    column = Column.of([role(level, format, stages) for level, format in keys])
    held = {**table.columns, _ROLE: Column(column.codes[group], column.values)}
    return changes(inquiry, Table(held, table.steps), _ROLE, "format")


def _changed(found: Changes) -> Sheet:
    heads = (
        *(Head("subject"), Head("compared to"), Head("in training"), Head("format")),
        *(Head("change", "change"), Head("p", "p"), Head("items", "count")),
    )
    rows = tuple(
        (first, second, seen, format_name(format), each.gap, each.p, each.gap.n)
        for (first, second, (seen, format)), each in found.items()
    )
    return Sheet("What changed, by what training saw", heads, rows)


def _gained(inquiry: Inquiry, found: Changes) -> list[str]:
    """What the last stage gained where no stage trained, in each format."""
    said = [
        f"{format_name(format)} {against(second, each)}"
        for (first, second, (seen, format)), each in found.items()
        if seen == _NEVER and first == inquiry.of and second in compared_to(inquiry)[:1]
    ]
    return [f"there, {inquiry.of}: {listed(said)}"] if said else []


def drawn(source: Source) -> frozenset[str]:
    """The levels that the stages of a run drew, in whatever format."""
    return frozenset(level for stage in source.stages for level, _ in stage.drawn)


def _trained(inquiry: Inquiry) -> list[Sheet]:
    """Trained by tested, a table for each format, where runs were trained on different levels."""
    last = {each.source: each.label for each in inquiry.gathered.subjects if drawn(each.source)}
    if len({drawn(source) for source in last}) < 2:
        return []
    sheets = []
    for (format,) in inquiry.rows.by("format")[1]:
        mine = inquiry.rows.where(format=format)
        runs = {label: mine.where(who=label) for label in last.values()}
        found = trained_by_tested({label: rows for label, rows in runs.items() if len(rows)})
        levels = list(dict.fromkeys(key[0] for _, key in found))
        rows = tuple(
            (label, listed(_short(drawn(source))), *(found.get((label, (lv,))) for lv in levels))
            for source, label in last.items()
        )
        tested = tuple(Head(level, "share") for level in levels)
        title = f"Trained and tested, {format_name(format)}"
        sheets.append(Sheet(title, (Head("run"), Head("trained on"), *tested), rows))
    return sheets


def _short(levels: frozenset[str]) -> list[str]:
    """Levels in order, without their task where all are of one, or where each task has all."""
    names = {level_name(level).partition("?")[0] for level in levels}
    tasks = {task_of(level) for level in levels}
    whole = len(levels) == len(names) * len(tasks)
    return sorted(names) if whole else sorted(levels)


def _words(inquiry: Inquiry, found: Mapping[Key, Generalized], hard: str, simple: str) -> list[str]:
    """Of the subject and format that the page is about; over several tasks, from where to where."""
    mine = [each for (_, *of), each in found.items() if tuple(of) == inquiry.focus]
    if not mine:
        return []
    if len(mine) == 1:
        [each] = mine
        ratio = each.ratio.value
        said = f", a ratio of {inline(ratio, 'ratio')}" if ratio else f": {each.ratio.reason}"
        return [
            f"{hard}: {percent(each.hard)} right, {simple}: {percent(each.simple)}{said} "
            f"({inquiry.focused})"
        ]
    ratios = [each.ratio.value.value for each in mine if each.ratio.value]
    if not ratios:
        return [f"no task has a ratio of {hard} to {simple} ({inquiry.focused})"]
    low, high = f"{np.min(ratios):.2f}", f"{np.max(ratios):.2f}"
    return [
        f"what is right on {simple} is right on {hard} at a ratio of {low} to {high} by task "
        f"({inquiry.focused})"
    ]


S2H = Analysis(
    "s2h",
    "From easy to hard",
    "the levels simple and hard, or a run's trained and untrained levels",
    _ask,
)
