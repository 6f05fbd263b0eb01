"""How fast this machine draws and judges, beside a plain fill of the same memory."""

import itertools
import time
from collections.abc import Callable
from statistics import median

import numpy as np

import avrgym

_BYTES = 64 << 20  # far more than caches hold
_BATCH = 16


def rate(work: Callable[[], int], seconds: float) -> float:
    """Units per second of wall time; ``work`` returns how many units one call does."""
    units, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        units += work()
    return units / spent


def drawing(task: str, level: str, seconds: float) -> tuple[float, float]:
    """Pictures a second of 448 pixels to a side, from their addresses; and their share of a fill.

    Taken in turn with the fill, so that a machine that others use slows both.
    """
    source = avrgym.Source(task, level, split="test", seed=1)
    ring = np.zeros((_BYTES // (448 * 448 * 3), 448, 448, 3), np.uint8)
    places = itertools.cycle(range(0, len(ring) - _BATCH, _BATCH))
    numbers = itertools.count()

    def draw() -> int:
        at = next(places)
        addresses = source.addresses(itertools.islice(numbers, _BATCH))
        avrgym.render(addresses, out=ring[at : at + _BATCH])
        return _BATCH

    def fill() -> int:
        at = next(places)
        ring[at : at + _BATCH].fill(7)
        return _BATCH

    draw()  # fonts are read and letters set once
    pairs = [(rate(draw, seconds), rate(fill, seconds)) for _ in range(3)]
    return median(mine for mine, _ in pairs), median(mine / limit for mine, limit in pairs)


def wording(task: str, level: str, seconds: float) -> float:
    """Samples a second, in words."""
    source = avrgym.Source(task, level, split="test", seed=1)
    numbers = itertools.count()
    return rate(lambda: len(source.samples(itertools.islice(numbers, 256))), seconds)


def judging(task: str, level: str, seconds: float) -> float:
    """Worked solutions judged a second, every step of them."""
    samples = avrgym.Source(task, level, split="test", seed=1).samples(range(256))
    asked, said = [each.address for each in samples], [each.rationale for each in samples]
    return rate(lambda: len(avrgym.verify(asked, said)), seconds)
