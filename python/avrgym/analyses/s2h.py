"""From SIMPLE to HARD: how much of what is right on easy problems is right on hard ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from avrgym.analyses.interval import (
    RESAMPLES,
    Estimate,
    Floats,
    per_problem,
    percentiles,
    share,
    sums,
    widened,
)
from avrgym.analyses.paired import cells, means
from avrgym.analyses.table import Key, Rows, Table
from avrgym.core.address import name_of


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure by another; none where the other may be nothing.

    Attributes:
        value: The ratio; None where the denominator's interval includes 0.
        reason: Why there is none; empty where there is one.
    """

    value: Estimate | None
    reason: str


@dataclass(frozen=True, slots=True)
class Generalized:
    """One set of replies.

    Attributes:
        simple: Share right on the easy level.
        hard: Share right on the hard one.
        ratio: Hard by simple.
    """

    simple: Estimate
    hard: Estimate
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class Recovered:
    """How much of what hard supervision buys easy supervision buys, on hard problems.

    Attributes:
        easy: Share right of what was trained on easy problems.
        none: Share right without training.
        hard: Share right of what was trained on hard problems.
        gap: Hard minus none.
        recovered: (easy - none) / (hard - none).
    """

    easy: Estimate
    none: Estimate
    hard: Estimate
    gap: Estimate
    recovered: Ratio


def generalized(
    rows: Rows, *by: str, simple: str = "simple", hard: str = "hard"
) -> dict[Key, Generalized]:
    """SIMPLE, HARD and their ratio by columns; groups that lack one of the levels are left out.

    Args:
        rows: Of results.
        by: Names of columns, e.g. ``task``, ``format``.
        simple: Name of the easy level, without its task; overrides behind ``?`` do not matter.
        hard: Name of the hard one.

    Raises:
        TaskError: The rows lack a column.
    """
    held = Table.of(rows)
    named = held["level"].mapped(lambda level: name_of(level).partition("/")[2])
    held = Table({**held.columns, "level": named}, held.steps)
    found: dict[Key, Generalized] = {}
    for key, mine in held.groups(*by):
        easy, difficult = mine.where(level=simple), mine.where(level=hard)
        if len(easy) and len(difficult):
            found[key] = Generalized(
                share(easy.correct, easy.problems),
                share(difficult.correct, difficult.problems),
                _ratio_of_levels(difficult, easy),
            )
    return found


def _ratio_of_levels(above: Table, below: Table) -> Ratio:
    """Levels have no problem in common, so each is drawn for itself."""
    (above_value, above_drawn), (below_value, below_drawn) = (
        _accuracy(table, seed) for seed, table in enumerate((above, below))
    )
    n = len(above) + len(below)
    return ratio(above_value, above_drawn, below_value, below_drawn, "SIMPLE", n)


def _accuracy(table: Table, seed: int) -> tuple[float, Floats]:
    held = per_problem(table.problems, table.correct, np.ones(len(table)))
    drawn = sums(held, seed=seed)
    whole = held.sum(0)
    return float(whole[0] / whole[1]), np.asarray(drawn[:, 0] / drawn[:, 1], np.float64)


def ratio(
    above: float, above_drawn: Floats, below: float, below_drawn: Floats, name: str, n: int
) -> Ratio:
    """A ratio with the percentiles of its resamples, where its denominator is told from 0.

    Where the denominator's own 95 % interval includes 0, resamples of the ratio run off in both
    directions and an interval of theirs means nothing: then there is no ratio, and why is said.

    Args:
        above: The numerator.
        above_drawn: Of resamples, (b,).
        below: The denominator.
        below_drawn: Of the same resamples, (b,).
        name: What the denominator is called.
        n: Of how many both were counted.
    """
    held = percentiles(below, below_drawn, n)
    if 0.0 in held or below == 0.0:
        said = f"{name} is {below:.3f} ({held.low:.3f} to {held.high:.3f}), not told from 0"
        return Ratio(None, said)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.asarray(above_drawn / below_drawn, np.float64)
    return Ratio(percentiles(above / below, drawn, n), "")


def trained_by_tested(runs: Mapping[str, Rows], *by: str) -> dict[tuple[str, Key], Estimate]:
    """Share right by what was trained on and what was tested on.

    Args:
        runs: Rows of results by the level (or mixture of levels) that a run was trained on; several
            seeds of it may be taken together.
        by: Columns that say what was tested on, ``level`` if none are given.

    Raises:
        TaskError: The rows lack a column.
    """
    return {
        (trained, key): share(mine.correct, mine.problems)
        for trained, rows in runs.items()
        for key, mine in Table.of(rows).groups(*(by or ("level",)))
    }


def recovered(
    easy: Rows,
    none: Rows,
    hard: Rows,
    *,
    seeds: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Recovered:
    """The supervision gap recovered, (easy - none) / (hard - none), all tested on hard problems.

    Hase et al. 2024 (arXiv 2401.06751). Its interval is of resamples of problems, drawn for all
    three at once, and of seeds, drawn for each apart. Where hard supervision is not told from
    none, there is no ratio, and :attr:`Recovered.recovered` says why.

    Args:
        easy: Rows of what was trained on easy problems.
        none: Rows without training.
        hard: Rows of what was trained on hard problems.
        seeds: A column that tells runs apart which differ by their seed alone.
        resamples: How many.
        seed: Of the draws.

    Raises:
        TaskError: The three have no item in common, or rows lack a column.
    """
    held = cells((easy, none, hard), seeds=seeds)
    values, drawn = means(held, together=False, resamples=resamples, seed=seed)
    n, problems = len(held.items), len(np.unique(held.problems))
    of_easy, of_none, of_hard = (
        widened(percentiles(float(value), mine, n), 0.0, problems)
        for value, mine in zip(values, drawn, strict=True)
    )
    gap = float(values[2] - values[1]), drawn[2] - drawn[1]
    gained = float(values[0] - values[1]), drawn[0] - drawn[1]
    return Recovered(
        of_easy,
        of_none,
        of_hard,
        widened(percentiles(*gap, n), -1.0, problems),
        ratio(*gained, *gap, "what hard supervision gains", n),
    )
