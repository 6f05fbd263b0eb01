"""A mixture as an ``IterableDataset`` of Hugging Face ``datasets``."""

from collections.abc import Iterator
from typing import Any

import datasets

from avrgym._core import TaskError
from avrgym.stream.rows import Rows


def iterable(rows: Rows, *, passes: int = 1, block: int = 256) -> datasets.IterableDataset:
    """The rows of a phase as a stream that ``datasets`` shards, maps, shuffles and resumes.

    ``split_dataset_by_node`` and workers of a ``DataLoader`` share its blocks out; a state resumes
    within a block by drawing it again. Where pictures are to be Pillow's, as trainers expect them,
    give ``rows`` the transform :func:`avrgym.stream.with_pillow`.

    Args:
        rows: What to stream.
        passes: How often to go over ``len(rows)`` rows, each time in another order.
        block: Rows in one of its shards. Their number is best divisible by that of the ranks.

    Raises:
        TaskError: An argument is out of its range.
    """
    if passes < 1 or block < 1:
        raise TaskError(f"passes {passes} and block {block} must be 1 or more")
    end = passes * len(rows)
    blocks = [(first, min(first + block, end)) for first in range(0, end, block)]
    return datasets.IterableDataset.from_generator(
        _rows, gen_kwargs={"rows": rows, "blocks": blocks}
    )


def _rows(rows: Rows, blocks: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    for first, last in blocks:
        # Few at a time: a block of pictures is large.
        for start in range(first, last, 32):
            yield from map(dict, rows.__getitems__(range(start, min(start + 32, last))))
