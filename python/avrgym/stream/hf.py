"""A mixture as an ``IterableDataset`` of Hugging Face ``datasets``."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import made, truth, whole
from avrgym.core.extras import needs
from avrgym.stream import blocks
from avrgym.stream.rows import Rows

with needs("train"):
    import datasets
    from datasets.iterable_dataset import ExamplesIterable

# Rows that are drawn at once, because a block of pictures is large.
_CHUNK = 32
# Rows to a shard where nobody says how many.
_BLOCK = 256
# What a stream without end says its number of shards is: most numbers of ranks divide it.
_MANY = 322_560


def iterable(
    rows: Rows, *, passes: int = 1, block: int | None = None, endless: bool = False
) -> datasets.IterableDataset:
    """The rows of a phase as a stream that ``datasets`` shards, maps, shuffles and resumes.

    ``split_dataset_by_node`` and workers of a ``DataLoader`` share its blocks out; a state resumes
    at its row. ``shuffle`` moves no block farther than a pass, and a state that is taken behind its
    buffer loses the rows in it; ``Rows(..., shuffle_blocks=…)`` shuffles without a buffer. Where
    pictures are to be Pillow's, as trainers expect them, give ``rows`` the transform
    :func:`avrgym.stream.with_pillow`.

    Args:
        rows: What to stream.
        passes: How often to go over ``len(rows)`` rows, each time in another order; any number
            costs the same.
        block: Rows in one of its shards, a multiple of the phase's ``batch`` if it has runs of one
            modality; 256, or the next such multiple, if None. The number of shards is best
            divisible by that of the ranks.
        endless: Whether to go on for ever instead, pass after pass.

    Raises:
        TaskError: An argument is out of its range.
    """
    made("rows", rows, Rows)
    truth("endless", endless)
    passes = whole("passes", passes, 1, 2**62)
    phase = rows.mixture.phase(rows.phase)
    if block is None:
        block = _BLOCK + (-_BLOCK % phase.batch if phase.in_runs else 0)
    block = whole("block", block, 1, 2**31 - 1)
    blocks.whole(phase, "block", block)
    end = None if endless else passes * len(rows)
    return datasets.IterableDataset(_Blocks(rows, block, end), split=datasets.Split.TRAIN)


@dataclass(frozen=True, slots=True)
class _Stripe:
    """Every so many blocks, from one of them on; without end where the length is None."""

    first: int
    step: int
    length: int | None

    def before(self, place: int) -> int:
        """Which place a block had that has this one now."""
        return self.first + place * self.step


@dataclass(frozen=True, slots=True)
class _Shuffle:
    """Blocks in another order within each stretch of them."""

    seed: int
    stretch: int
    length: int | None

    def before(self, place: int) -> int:
        """Which place a block had that has this one now."""
        number, within = divmod(place, self.stretch)
        start = number * self.stretch
        size = self.stretch if self.length is None else min(self.stretch, self.length - start)
        return start + int(_order(self.seed, number, size)[within])


_Step: TypeAlias = _Stripe | _Shuffle


@lru_cache(maxsize=64)
def _order(seed: int, number: int, size: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, number)).permutation(size)


class _Blocks(ExamplesIterable):  # type: ignore[misc]
    """Blocks of rows, shared out and shuffled by ``datasets`` without a list of them.

    Its own source of examples wants such a list, and copies it whenever a dataset is made of
    another: seconds for some hundred thousand blocks, and no end can be left open.
    """

    def __init__(
        self, rows: Rows, block: int, end: int | None, steps: tuple[_Step, ...] = ()
    ) -> None:
        super().__init__(_drawn, {})
        self.rows, self.block, self.end = rows, block, end
        self.steps = steps  # what was done to the blocks, in order

    @property
    def length(self) -> int | None:
        """How many blocks there are; None without end."""
        if self.steps:
            return self.steps[-1].length
        return None if self.end is None else -(-self.end // self.block)

    @property
    def num_shards(self) -> int:
        """How many ``datasets`` may share out."""
        return _MANY if self.length is None else self.length

    def shard_data_sources(self, num_shards: int, index: int, contiguous: bool = True) -> "_Blocks":
        """One of so many shares; of what has no end none can be contiguous."""
        length = self.length
        if length is None:
            return self._then(_Stripe(index, num_shards, None))
        if not contiguous:
            return self._then(_Stripe(index, num_shards, len(range(index, length, num_shards))))
        each, more = divmod(length, num_shards)
        first = index * each + min(index, more)
        return self._then(_Stripe(first, 1, each + (index < more)))

    def shuffle_data_sources(self, generator: np.random.Generator) -> "_Blocks":
        """Blocks in another order, the same for equal generators, a pass's worth at a time."""
        taken = prod(step.step for step in self.steps if isinstance(step, _Stripe))
        stretch = max(len(self.rows) // self.block // taken, 1)
        seed = int(deepcopy(generator).integers(2**63))
        return self._then(_Shuffle(seed, stretch, self.length))

    def reshard_data_sources(self) -> "_Blocks":
        """There are no smaller shards."""
        return self

    def __iter__(self) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
        state = self._state_dict
        begun, skipped = (state["shard_idx"], state["shard_example_idx"]) if state else (0, 0)
        for number in count(begun) if self.length is None else range(begun, self.length):
            place = number
            for step in reversed(self.steps):
                place = step.before(place)
            first = place * self.block
            last = first + self.block if self.end is None else min(first + self.block, self.end)
            for at, row in enumerate(_drawn(self.rows, first + skipped, last), skipped):
                if state:
                    state["shard_example_idx"] = at + 1
                yield (place, at), row
            skipped = 0
            if state:
                state["shard_idx"], state["shard_example_idx"] = number + 1, 0

    def _then(self, step: _Step) -> "_Blocks":
        return _Blocks(self.rows, self.block, self.end, (*self.steps, step))


def _drawn(rows: Rows, first: int, last: int) -> Iterator[dict[str, Any]]:
    for start in range(first, last, _CHUNK):
        yield from map(dict, rows.__getitems__(range(start, min(start + _CHUNK, last))))
