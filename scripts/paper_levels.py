"""What the paper's levels are like here, beside the paper's figures.

Rewrites the table of ``docs/levels.md``. The split is ``test``, the seed 0.
"""

import argparse
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from avrgym import Sample, Source
from avrgym.core import facts

PAGE = Path("docs/levels.md")
TABLE = re.compile(r"(<!-- figures -->\n).*?(<!-- end -->)", re.DOTALL)
COUNT = 10_000
Values = list[float]


def features(task: str, level: str, count: int, **params: object) -> dict[str, Values]:
    """Features of ``count`` problems, by name."""
    addresses = Source(task, level, "test", params=params).addresses(range(count))
    return {name: column.tolist() for name, column in facts.features(addresses).items()}


def samples(task: str, level: str, count: int, **params: object) -> Iterable[Sample]:
    """``count`` problems."""
    return Source(task, level, "test", params=params).samples(range(count))


def spread(values: Values) -> str:
    """Mean and 5-95 % range."""
    low, high = np.percentile(values, [5, 95])
    return f"{np.mean(values):.1f} ({low:.0f}-{high:.0f})"


def share(values: Values) -> str:
    """A mean of zeros and ones."""
    return f"{100 * np.mean(values):.0f} %"


def ends(sample: Sample) -> tuple[tuple[int, int], tuple[int, int]]:
    """Row and column of a grid's start and of its destination, from the twin."""
    found = {
        cell.strip(): (row, column)
        for row, line in enumerate(sample.twin.splitlines()[1:])
        for column, cell in enumerate(line.split("&")[1:])
    }
    return found["S"], found["D"]


def trace(sample: Sample) -> float:
    """Moves and retraces of a depth-first trace, from its words."""
    return float(len(re.findall(r" okay$|, retrace 1 step", sample.rationale, re.MULTILINE)))


def family(level: str, name: str, feature: str) -> Callable[[int], str]:
    """The spread of a feature of one family's paths."""

    def measured(count: int) -> str:
        found = features("table_readout", level, count)
        mine = found[f"family_{name}"]
        return spread([v for v, own in zip(found[feature], mine, strict=True) if own])

    return measured


def feature(task: str, level: str, name: str) -> Callable[[int], str]:
    """The spread of a feature."""
    return lambda count: spread(features(task, level, count)[name])


def lined_up(level: str) -> Callable[[int], str]:
    """How often start and destination share a row or a column."""

    def measured(count: int) -> str:
        both = [ends(sample) for sample in samples("grid_navigation", level, count)]
        return share([float(a[0] == b[0] or a[1] == b[1]) for a, b in both])

    return measured


def at_the_edge(level: str) -> Callable[[int], str]:
    """How often the destination is in the first row or column."""

    def measured(count: int) -> str:
        both = [ends(sample) for sample in samples("grid_navigation", level, count)]
        return share([float(0 in end) for _, end in both])

    return measured


def traces(level: str) -> Callable[[int], str]:
    """The spread of the depth-first trace's length."""

    def measured(count: int) -> str:
        few = min(count, 2000)  # long to write
        return spread([trace(s) for s in samples("grid_navigation", level, few, trace="dfs")])

    return measured


def by_lines(level: str) -> Callable[[int], str]:
    """How often a query is of lines."""
    return lambda count: share(
        [float(d < 2) for d in features("visual_analogy", level, count)["query_domain"]]
    )


def pairs(level: str) -> Callable[[int], str]:
    """How many pairs of domain and relation queries ask for."""

    def measured(count: int) -> str:
        found = features("visual_analogy", level, count)
        return str(len(set(zip(found["query_domain"], found["relation"], strict=True))))

    return measured


#: Level, what, the paper's figure, how ours is measured.
CONSECUTIVE, TABLE_READOUT = "consecutive_table_readout", "table_readout"
GRID, ANALOGY = "grid_navigation", "visual_analogy"
ROWS: list[tuple[str, str, str, Callable[[int], str]]] = [
    *(
        (
            f"`{CONSECUTIVE}/{level}`",
            "cells of the run",
            f"{wanted} stated; 7.4 on average released, runs cut at the table's end",
            feature(CONSECUTIVE, level, "cells"),
        )
        for level, wanted in (("simple", "5-10"), ("medium", "15-20"), ("hard", "25-30"))
    ),
    (f"`{TABLE_READOUT}/simple`", "cells of the path", "16.7 (up to 40)",
     feature(TABLE_READOUT, "simple", "cells")),
    (f"`{TABLE_READOUT}/simple`", "… of a random path", "10 (5-15)",
     family("simple", "random", "cells")),
    (f"`{TABLE_READOUT}/simple`", "… of a sine", "17 (11-23)", family("simple", "sine", "cells")),
    (f"`{TABLE_READOUT}/simple`", "… of a spiral", "18-30", family("simple", "spiral", "cells")),
    (f"`{TABLE_READOUT}/hard`", "cells of the path", "38.5 (down to 13)",
     feature(TABLE_READOUT, "hard", "cells")),
    (f"`{TABLE_READOUT}/hard`", "… of a compositional path", "46 (30-63)",
     family("hard", "compositional", "cells")),
    (f"`{TABLE_READOUT}/hard`", "turns of a compositional path", "8.6",
     family("hard", "compositional", "turns")),
    (f"`{TABLE_READOUT}/hard_test`", "cells of the path", "45.7",
     feature(TABLE_READOUT, "hard_test", "cells")),
    *(
        row
        for level, wanted in (("simple", "10-25"), ("hard", "26-60"))
        for row in (
            (f"`{GRID}/{level}`", "moves of the shortest tour", "not filtered",
             feature(GRID, level, "length")),
            (f"`{GRID}/{level}`", "moves and retraces of the depth-first trace",
             f"{wanted}, filtered", traces(level)),
            (f"`{GRID}/{level}`", "start and destination share a row or a column", "never",
             lined_up(level)),
            (f"`{GRID}/{level}`", "destination in the first row or column", "never",
             at_the_edge(level)),
        )
    ),
    (f"`{ANALOGY}/simple`", "pairs of domain and relation asked for", "17", pairs("simple")),
    (f"`{ANALOGY}/hard`", "pairs of domain and relation asked for", "8", pairs("hard")),
    (f"`{ANALOGY}/simple`", "queries of lines", "not stated", by_lines("simple")),
    (f"`{ANALOGY}/hard`", "queries of lines", "occur", by_lines("hard")),
]  # fmt: skip


def table(count: int) -> list[list[str]]:
    """Level, what, the paper's figure and ours, row by row."""
    return [[level, what, paper, ours(count)] for level, what, paper, ours in ROWS]


def main() -> None:
    """Rewrites the page's table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="problems a level")
    rows = [["level", "what", "paper", "here"], ["---"] * 4, *table(parser.parse_args().count)]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda found: f"{found[1]}{lines}{found[2]}", page), "utf-8")


if __name__ == "__main__":
    main()
