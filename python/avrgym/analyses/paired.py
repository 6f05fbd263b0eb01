"""Two sides on the same items: what one is right on beyond the other, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import (
    RESAMPLES,
    Estimate,
    Floats,
    mcnemar,
    per_problem,
    percentiles,
    sums,
    widened,
)
from avrgym.analyses.table import Key, Rows, Table

#: What tells items of one side apart; an item is asked of all sides.
ITEM: tuple[str, ...] = ("address", "format", "decoding")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What several sides got right of the items that all of them were asked.

    Attributes:
        items: The items, n of them.
        problems: Which problem each is about, int64 (n,).
        sides: For each side the share right of its draws, float64 (n, seeds), NaN where a seed
            was not asked.
    """

    items: list[Key]
    problems: NDArray[np.int64]
    sides: tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The first side beside the second.

    Attributes:
        first: Share right of the first.
        second: Share right of the second.
        gap: First minus second.
        won: Items that only the first is right on; None where items have several replies a side.
        lost: Items that only the second is right on; None likewise.
        p: Of McNemar's exact test; None likewise.
    """

    first: Estimate
    second: Estimate
    gap: Estimate
    won: int | None
    lost: int | None
    p: float | None


def cells(sides: Sequence[Rows], item: Sequence[str] = ITEM, seeds: str | None = None) -> Cells:
    """Lines sides up on their common items; draws of one item and seed are averaged.

    Args:
        sides: Rows of results of each side.
        item: Columns that tell items apart, ``address`` among them.
        seeds: A column whose values are runs that differ by their seed alone; one run if None.

    Raises:
        TaskError: The sides have no item in common, or rows lack a column.
    """
    tables = [Table.of(side) for side in sides]
    told = [table.by(*item) for table in tables]
    common = set(told[0][1]).intersection(*(keys for _, keys in told[1:]))
    items = [key for key in told[0][1] if key in common]
    if not items:
        raise TaskError(
            f"{len(sides)} sides have no item of {', '.join(item)} in common; "
            "compare evaluations of one suite, split and seed"
        )
    places = {key: place for place, key in enumerate(items)}
    filled = tuple(
        _filled(table, codes, keys, places, seeds)
        for table, (codes, keys) in zip(tables, told, strict=True)
    )
    at = list(item).index("address")
    known: dict[str, int] = {}
    problems = [known.setdefault(key[at], len(known)) for key in items]
    return Cells(items, np.array(problems, np.int64), filled)


def _filled(
    table: Table,
    codes: NDArray[np.int64],
    keys: list[Key],
    places: dict[Key, int],
    seeds: str | None,
) -> Floats:
    row = np.array([places.get(key, -1) for key in keys], np.int64)[codes]
    runs, names = table.by(*([] if seeds is None else [seeds]))
    kept = row >= 0
    flat = row[kept] * len(names) + runs[kept]
    size = len(places) * len(names)
    asked = np.bincount(flat, minlength=size)
    right = np.bincount(flat, table.correct[kept].astype(np.float64), minlength=size)
    with np.errstate(invalid="ignore"):
        return np.asarray(right / asked, np.float64).reshape(len(places), len(names))


def means(
    of: Cells, *, together: bool, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Floats, Floats]:
    """The share right of each side, and what resamples of problems and seeds give.

    Problems are drawn for all sides at once. Seeds of sides that are asked of the same runs are
    drawn together; those of sides that were trained apart, each for itself.

    Args:
        of: The sides, k of them.
        together: Whether one draw of seeds counts for all sides.
        resamples: How many.
        seed: Of the draws.

    Returns:
        float64 (k,) and float64 (k, resamples).

    Raises:
        TaskError: ``together``, and the sides have different numbers of seeds.
    """
    widths = [side.shape[1] for side in of.sides]
    if together and len(set(widths)) > 1:
        raise TaskError(f"sides have {widths} seeds; the same runs have as many each")
    columns: list[NDArray[np.generic]] = []
    for side in of.sides:
        there = np.isfinite(side)
        columns += [*np.where(there, side, 0.0).T, *there.T]
    held = per_problem(of.problems, *columns)
    drawn = sums(held, resamples=resamples, seed=seed)
    whole = held.sum(0)[None]
    rng = np.random.default_rng((seed, 1))
    shared = _seeds(rng, widths[0], resamples)
    values, found, at = [], [], 0
    for width in widths:
        weights = shared if together else _seeds(rng, width, resamples)
        values.append(_mean(whole[:, at : at + 2 * width], np.ones((1, width)))[0])
        found.append(_mean(drawn[:, at : at + 2 * width], weights))
        at += 2 * width
    return np.array(values), np.stack(found)


def _seeds(rng: np.random.Generator, width: int, resamples: int) -> Floats:
    if width == 1:
        return np.ones((resamples, 1))
    return rng.multinomial(width, [1 / width] * width, resamples).astype(np.float64)


def _mean(totals: Floats, weights: Floats) -> Floats:
    right, asked = np.split(totals, 2, axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((right * weights).sum(1) / (asked * weights).sum(1), np.float64)


def compare(
    first: Rows,
    second: Rows,
    *,
    item: Sequence[str] = ITEM,
    seeds: str | None = None,
    together: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Compared:
    """What the first side is right on beyond the second, on the items that both were asked.

    Intervals are percentiles of a paired bootstrap over problems and seeds; where problems all
    agree, so that resamples do, Wilson's of none that does not. p is McNemar's exact one (1947),
    where every item has one reply on either side. It takes items as independent.

    Args:
        first: Rows of results.
        second: Rows of results.
        item: Columns that tell items apart, ``address`` among them.
        seeds: A column that tells runs apart which differ by their seed alone.
        together: Whether both sides are of the same runs (two formats, two stages), or of others.
        resamples: How many.
        seed: Of the draws.

    Raises:
        TaskError: The sides have no item in common, rows lack a column, or sides of the same runs
            have different numbers of seeds.
    """
    tables = Table.of(first), Table.of(second)
    held = cells(tables, item, seeds)
    values, drawn = means(held, together=together, resamples=resamples, seed=seed)
    n = len(held.items)
    problems = len(np.unique(held.problems))
    own, other = (
        widened(percentiles(float(values[i]), drawn[i], n), 0.0, problems) for i in (0, 1)
    )
    gap = widened(percentiles(float(values[0] - values[1]), drawn[0] - drawn[1], n), -1.0, problems)
    if not all(_one_reply(table, item) for table in tables):
        return Compared(own, other, gap, None, None, None)
    a, b = (np.nan_to_num(side[:, 0]) for side in held.sides)
    won, lost = int((a > b).sum()), int((b > a).sum())
    return Compared(own, other, gap, won, lost, mcnemar(won, lost))


def _one_reply(table: Table, item: Sequence[str]) -> bool:
    return len(table.by(*item)[1]) == len(table)
