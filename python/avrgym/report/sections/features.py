"""What makes a sample hard: accuracy by each feature of a task, in bins."""

from collections.abc import Callable, Mapping

import numpy as np

from avrgym.analyses.difficulty import Bin, by_feature
from avrgym.analyses.table import Key, Table
from avrgym.core import facts
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import task_name
from avrgym.report.section import Analysis, Cell, Figure, Head, Section, Sheet


def _ask(inquiry: Inquiry) -> Section | None:
    shown = inquiry.rows.where(format=inquiry.shown)
    found = by_feature(_models(inquiry, shown), "task", WHO)
    tasks = {task: mine for (task, who), mine in found.items() if who == inquiry.of and mine}
    if not tasks:
        return None
    sheets = tuple(
        Sheet(task_name(task), _HEADS, tuple(_rows(task, mine)), folded=True)
        for task, mine in tasks.items()
    )
    return Section(
        sentences([_widest(task, mine) for task, mine in tasks.items()]),
        sheets,
        (Figure("Right by length of the sample", _drawn(found, list(tasks))),),
        note=f"{inquiry.focused}; the figure has all models. Bins hold about as many replies each, "
        "so that levels are mixed in them.",
    )


_HEADS = (
    *(Head("feature"), Head("meaning"), Head("from", "number"), Head("to", "number")),
    *(Head("right", "share"), Head("replies", "count")),
)


def _models(inquiry: Inquiry, table: Table) -> Table:
    who = table[WHO]
    return table.only(np.isin(who.codes, [who.values.index(name) for name in inquiry.models]))


def _rows(task: str, mine: Mapping[str, list[Bin]]) -> list[tuple[Cell, ...]]:
    meaning = facts.meanings(task).features
    return [
        (name.replace("_", " "), meaning[name], each.low, each.high, each.right, each.right.n)
        for name, bins in mine.items()
        for each in bins
    ]


def _widest(task: str, mine: Mapping[str, list[Bin]]) -> str:
    """The feature whose ends are furthest apart."""

    def apart(name: str) -> float:
        return abs(mine[name][0].right.value - mine[name][-1].right.value)

    name = max(mine, key=apart)
    first, last = mine[name][0], mine[name][-1]
    if first.right.low <= last.right.high and last.right.low <= first.right.high:
        return f"{task_name(task)}: no feature tells what is right from what is not"
    said = name.replace("_", " ")
    return (
        f"{task_name(task)}: {percent(first.right)} right where {said} is {_span(first)}, "
        f"{percent(last.right)} where it is {_span(last)}"
    )


def _span(each: Bin) -> str:
    if each.low == each.high:
        return f"{each.low:g}"
    return f"{each.low:.3g} to {each.high:.3g}"


def _drawn(found: Mapping[Key, Mapping[str, list[Bin]]], tasks: list[str]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report.charts import Line, bands

        panels: dict[str, dict[str, Line]] = {}
        for task in tasks:
            length = facts.length(task)
            lines = {
                who: Line(
                    [(each.low + each.high) / 2 for each in mine[length]],
                    [each.right for each in mine[length]],
                )
                for (of, who), mine in found.items()
                if of == task and length in mine
            }
            if lines:
                panels[f"{task_name(task)}, {length.replace('_', ' ')}"] = lines
        return bands(panels, "right")

    return draw


FEATURES = Analysis(
    "features", "What makes a sample hard", "samples that differ in a feature", _ask
)
