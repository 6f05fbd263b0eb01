"""The first columns of tables: what each line is about."""

from collections.abc import Sequence

from avrgym.analyses.table import Key
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, level_name
from avrgym.report.section import Head
from avrgym.report.stages import Told
from avrgym.report.stages import role as seen


def trained(inquiry: Inquiry) -> Sequence[Told]:
    """The stages of the run, where the page is about one run; else none."""
    runs = [source for source in inquiry.gathered.sources if source.stages]
    return runs[0].stages if len(runs) == 1 else ()


def line_heads(inquiry: Inquiry, *, levels: bool, role: bool = True) -> tuple[Head, ...]:
    """Heads of the columns that :func:`line` fills.

    Args:
        inquiry: What is asked.
        levels: Whether lines have a level.
        role: Whether they say what training saw of it, where there was any.
    """
    named = [Head("level"), *([Head("in training")] if role and trained(inquiry) else [])]
    return (*(named if levels else ()), *(Head(name) for name in inquiry.lines))


def line(
    inquiry: Inquiry, key: Key, *, levels: bool, role: bool = True, short: bool = False
) -> tuple[str, ...]:
    """The words of a line.

    Args:
        inquiry: What is asked.
        key: Its level, if lines have one, and values in the columns of ``inquiry.lines``.
        levels: As in :func:`line_heads`.
        role: Likewise.
        short: Whether the task of the level is said elsewhere.
    """
    said = tuple(map(word, inquiry.lines, key[1:] if levels else key))
    if not levels:
        return said
    stages = trained(inquiry) if role else ()
    name = level_name(key[0]) if short else inquiry.level(key[0])
    return (name, *([seen(key[0], key[1], stages)] if stages else []), *said)


def word(column: str, value: object) -> str:
    """A value of a column in words."""
    if column == "format":
        return format_name(str(value))
    if isinstance(value, tuple):
        return " x ".join(map(str, value))
    return "" if value is None else str(value)
