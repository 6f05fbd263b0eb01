"""How many replies are right, and what changed, on the same items."""

from collections.abc import Iterator, Mapping

from avrgym.analyses.accuracy import shares
from avrgym.analyses.interval import Estimate
from avrgym.analyses.table import Key
from avrgym.core.address import task_of
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, listed, task_name
from avrgym.report.section import Analysis, Cell, Head, Section, Sheet
from avrgym.report.sections.changes import Changes, against, changes, compared_to
from avrgym.report.sections.lines import line, line_heads

_SHOWN = 24  # lines of all tables together, above which those of each task are folded

_NOTE = (
    "Per cent of replies right with 95 % intervals that count problems (Wilson). Changes are "
    "points on the items that both were asked, by a paired bootstrap over problems; p is that of "
    "McNemar's exact test, line by line, not corrected for the number of lines."
)


def _ask(inquiry: Inquiry) -> Section:
    by = inquiry.lines
    overall = shares(inquiry.rows, WHO, *by)
    levels = shares(inquiry.rows, WHO, "level", *by)
    changed = changes(inquiry, inquiry.rows, *by)
    folded = len({key[1:] for key in levels}) > _SHOWN
    sheets = [_matrix(inquiry, "All levels", overall)] if len({k[1] for k in levels}) > 1 else []
    if changed:
        sheets.append(_pairs(inquiry, "What changed", changed))
    for task in inquiry.tasks:
        mine = {key: value for key, value in levels.items() if task_of(key[1]) == task}
        sheets.append(_matrix(inquiry, task_name(task), mine, levels=True, folded=folded))
    if changed:
        each = changes(inquiry, inquiry.rows, "level", *by)
        sheets.append(_pairs(inquiry, "What changed, by level", each, levels=True))
    if len(left := inquiry.left):
        sampled = shares(left, WHO, "level", *by)
        sheets.append(_matrix(inquiry, "Sampled", sampled, levels=True, folded=True))
    if inquiry.varied:  # a sentence has no room for every template and theme
        overall = shares(inquiry.rows, WHO, "format")
        changed = changes(inquiry, inquiry.rows, "format")
    return Section(_words(inquiry, overall, changed), tuple(sheets), note=_NOTE)


def _matrix(
    inquiry: Inquiry,
    title: str,
    found: Mapping[Key, Estimate],
    *,
    levels: bool = False,
    folded: bool = False,
) -> Sheet:
    """A line for each level and format, a column for each subject."""
    heads = line_heads(inquiry, levels=levels)
    rows: list[tuple[Cell, ...]] = []
    for key in dict.fromkeys(key[1:] for key in found):
        shown = (found.get((label, *key)) for label in inquiry.labels)
        rows.append((*line(inquiry, key, levels=levels, short=title != "Sampled"), *shown))
    columns = tuple(Head(label, "share") for label in inquiry.labels)
    return Sheet(title, (*heads, *columns), tuple(rows), folded)


def _pairs(
    inquiry: Inquiry,
    title: str,
    found: Changes,
    *,
    levels: bool = False,
) -> Sheet:
    heads = (
        Head("subject"),
        Head("compared to"),
        *line_heads(inquiry, levels=levels, role=False),
        Head("change", "change"),
        Head("p", "p"),
        Head("only the subject", "count"),
        Head("only the other", "count"),
        Head("items", "count"),
    )
    rows = tuple(
        (
            first,
            second,
            *line(inquiry, key, levels=levels, role=False),
            each.gap,
            each.p,
            each.won,
            each.lost,
            each.gap.n,
        )
        for (first, second, key), each in found.items()
    )
    return Sheet(title, heads, rows, folded=levels)


def _words(
    inquiry: Inquiry,
    overall: Mapping[Key, Estimate],
    changed: Changes,
) -> str:
    of = inquiry.of
    parts = []
    for key in [key[1:] for key in overall if key[0] == of]:
        said = f"{format_name(key[0])}: {percent(overall[(of, *key)])} right {_when(of)}"
        beside = (
            against(second, changed[of, second, key])
            for second in compared_to(inquiry)
            if (of, second, key) in changed
        )
        parts.append(", ".join((said, *beside)))
    baselines = list(_baselines(inquiry))
    if baselines and parts:
        parts.append(f"beside it, of all replies, {listed(baselines)}")
    return sentences(parts)


def _when(label: str) -> str:
    return label if label.startswith(("after ", "before")) else f"({label})"


def _baselines(inquiry: Inquiry) -> Iterator[str]:
    found = shares(inquiry.rows, WHO)
    for label in inquiry.baselines:
        yield f"{label} {100 * found[label,].value:.0f} %"


HEADLINE = Analysis("headline", "What is right", "replies", _ask)
