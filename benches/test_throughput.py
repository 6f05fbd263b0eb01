"""Batches of 1, 64 and 1024 through the boundary: words, pictures, verdicts.

Run by ``make bench``; the suite does not collect it. Times are per batch on all cores.
"""

from typing import Any

import numpy as np
import pytest

from avrgym import TASKS, Source, render, samples, verify

BATCHES = (1, 64, 1024)


@pytest.fixture(params=TASKS)
def source(request: pytest.FixtureRequest) -> Source:
    return Source(request.param, "hard", split="test", seed=1)


@pytest.mark.parametrize("batch", BATCHES)
def test_words(benchmark: Any, source: Source, batch: int) -> None:
    addresses = source.addresses(range(batch))
    benchmark.extra_info["items"] = batch
    benchmark(samples, addresses)


@pytest.mark.parametrize("batch", BATCHES[:2])
def test_pictures(benchmark: Any, source: Source, batch: int) -> None:
    addresses = source.addresses(range(batch))
    out = np.empty((batch, 448, 448, 3), np.uint8)
    benchmark(render, addresses, out=out)


@pytest.mark.parametrize("batch", BATCHES)
def test_verdicts(benchmark: Any, source: Source, batch: int) -> None:
    found = source.samples(range(-(-batch // 8)))
    addresses = [found[i // 8].address for i in range(batch)]
    replies = [found[i // 8].rationale for i in range(batch)]
    benchmark(verify, addresses, replies)


@pytest.mark.parametrize("batch", BATCHES[:2])
def test_fill_of_the_same_buffer(benchmark: Any, batch: int) -> None:
    out = np.empty((batch, 448, 448, 3), np.uint8)
    benchmark(out.fill, 7)
