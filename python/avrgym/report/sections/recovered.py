"""How much of what training on the tested level gains, training on easier ones gains as well."""

from collections.abc import Iterator

import numpy as np

import avrgym
from avrgym._core import TaskError
from avrgym.analyses.s2h import Recovered, recovered
from avrgym.analyses.table import Table
from avrgym.core.address import name_of, task_of
from avrgym.report.cells import inline, sentences
from avrgym.report.gathered import WHO, Source
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import START, format_name, level_name
from avrgym.report.section import Analysis, Head, Section, Sheet
from avrgym.report.sections.s2h import drawn


def _ask(inquiry: Inquiry) -> Section | None:
    found = list(_found(inquiry))
    if not found:
        return None
    heads = (
        *(Head("level"), Head("format"), Head("trained elsewhere"), Head("trained on it")),
        *(Head("before", "share"), Head("elsewhere", "share"), Head("on it", "share")),
        *(Head("gap", "points"), Head("recovered", "ratio")),
    )
    rows = tuple(
        (
            *(inquiry.level(level), format_name(format), easy, hard),
            *(each.none, each.easy, each.hard, each.gap, each.recovered.value),
        )
        for level, format, easy, hard, each in found
    )
    said = [
        f"training elsewhere recovers {inline(ratio, 'ratio')} of what training on "
        f"{inquiry.level(level)} gains there ({format_name(format)})"
        for level, format, _, _, each in found
        if (ratio := each.recovered.value)
    ]
    return Section(
        sentences(said[:1]) or "Nowhere is what training on a level gains told from 0.",
        (Sheet("Supervision gap recovered", heads, rows),),
        note="(elsewhere \u2212 before) / (on it \u2212 before), Hase et al. 2024; runs that were "
        "trained alike are taken as seeds.",
    )


def _found(inquiry: Inquiry) -> Iterator[tuple[str, str, str, str, Recovered]]:
    """Level by level that some runs drew, and others only easier ones of the same task."""
    runs: dict[frozenset[str], list[Source]] = {}
    for source in inquiry.gathered.sources:
        if levels := drawn(source):
            runs.setdefault(levels, []).append(source)
    begun = _sides(inquiry, [source for each in runs.values() for source in each], first=True)
    if begun is None or len(runs) < 2:
        return
    for level, format in inquiry.rows.by("level", "format")[1]:
        none = begun.where(level=level, format=format)
        on = [levels for levels in runs if level in levels]
        off = [levels for levels in runs if _easier(levels, level)]
        for hard, easy in ((hard, easy) for hard in on for easy in off):
            sides = [_sides(inquiry, runs[levels], first=False) for levels in (easy, hard)]
            held = [side.where(level=level, format=format) for side in sides if side is not None]
            if len(held) < 2 or not all(map(len, (none, *held))):
                continue
            try:
                each = recovered(held[0], none, held[1], seeds=WHO)
            except TaskError:  # no problem in common
                continue
            names = (", ".join(source.name for source in runs[levels]) for levels in (easy, hard))
            yield level, format, *names, each


def _easier(levels: frozenset[str], level: str) -> bool:
    """Whether levels have some of a level's task, and all of those stand before it."""
    order = avrgym.levels(task_of(level))
    own = order.index(level_name(name_of(level)))
    mine = [name_of(each) for each in levels if task_of(each) == task_of(level)]
    return bool(mine) and all(order.index(level_name(each)) < own for each in mine)


def _sides(inquiry: Inquiry, sources: list[Source], *, first: bool) -> Table | None:
    """Rows of what runs began with, or of their last stages."""
    labels = []
    for source in sources:
        mine = [each for each in inquiry.gathered.subjects if each.source is source]
        labels += (
            [each.label for each in mine if each.stage == START]
            if first
            else [each.label for each in mine[-1:] if each.stage != START]
        )
    if not labels:
        return None
    who = inquiry.rows[WHO]
    wanted = [place for place, label in enumerate(who.values) if label in labels]
    return inquiry.rows.only(np.isin(who.codes, wanted))


RECOVERED = Analysis(
    "recovered",
    "What easy training replaces",
    "a run that was trained on a tested level, one on easier ones, and what they began with",
    _ask,
)
