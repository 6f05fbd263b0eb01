"""What a section of a report is: one sentence, tables of values and figures, written once.

The page, the JSON and the Markdown are made of the same values, each by one renderer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from avrgym.analyses.interval import Estimate
from avrgym.report.inquiry import Inquiry

#: What numbers of a column are: shares of 1, differences of shares, such for better or worse,
#: quotients, log-odds, slopes of log-odds, plain numbers, counts, chances under the null
#: hypothesis; or words.
Unit: TypeAlias = Literal[
    "words", "share", "points", "change", "ratio", "logits", "slope", "number", "count", "p"
]
#: A value of a table; None where there is none.
Cell: TypeAlias = str | int | float | Estimate | None


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table.

    Attributes:
        text: What stands above it.
        unit: What its values are.
    """

    text: str
    unit: Unit = "words"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a section.

    Attributes:
        title: What stands above it.
        heads: Of its columns.
        rows: A cell for each column.
        folded: Whether the page shows it only when asked.
    """

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a section; of the page alone, for its numbers stand in a table as well.

    Attributes:
        title: What it shows.
        draw: Gives it as an ``<svg>`` element; empty where there is nothing to draw.
    """

    title: str
    draw: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Section:
    """The answer to a question.

    Attributes:
        words: A sentence that gives it, in numbers.
        tables: Sheets of values.
        figures: What is drawn of them.
        note: How it was counted.
    """

    words: str
    tables: tuple[Sheet, ...] = ()
    figures: tuple[Figure, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question of the report; each is a file of ``report/sections`` and a line in ``ANALYSES``.

    Attributes:
        name: Of the section, also within the page's address.
        title: What stands above it.
        needs: The rows that it takes, as the page says where it has them not.
        ask: Answers, or gives None where the rows cannot say.
        rows: Whether it asks rows of results; such are not asked where nothing was measured.
    """

    name: str
    title: str
    needs: str
    ask: Callable[[Inquiry], Section | None]
    rows: bool = True
