"""A mixture as a PyTorch ``IterableDataset``: sharded, resumable, nothing shared."""

import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.arguments import made, truth, whole
from avrgym.core.extras import needs
from avrgym.stream.rows import Rows

with needs("train"):
    import torch.distributed
    from torch.utils.data import IterableDataset, get_worker_info

_MOST = 2**31 - 1  # ranks, and rows to a block


def with_tensors(row: Any) -> dict[str, Any]:
    """A row of numbers as tensors, for :class:`avrgym.stream.Rows` with a ``layout``.

    The bits of bfloat16, which numpy does not have, become ``torch.bfloat16``. Nothing is copied.
    """
    changed = {
        key: torch.from_numpy(value) for key, value in row.items() if isinstance(value, np.ndarray)
    }
    if (values := changed.get("pixel_values")) is not None and values.dtype == torch.uint16:
        changed["pixel_values"] = values.view(torch.bfloat16)
    return {**row, **changed}


class Stream(IterableDataset[Any]):
    """The rows of a phase in order, this rank's and this worker's share of them.

    Of R ranks, rank r has rows r, r + R, r + 2 R and so on; its workers take turns at blocks of
    ``block`` of these. All shares together are the whole phase, and no row is in two. With
    ``block`` equal to the loader's batch size, batches are the same, in the same order, for any
    number of workers.

    ``state_dict`` and ``load_state_dict`` work with torchdata's ``StatefulDataLoader``, and with a
    plain ``DataLoader`` without workers. The workers of a plain one tell this process nothing, so
    its state would begin anew: asked for, it comes with a warning. Anywhere else a run goes on by
    ``start``: rows seen by all ranks together, which may be another number of ranks and workers
    than before.
    """

    def __init__(
        self,
        rows: Rows,
        *,
        start: int = 0,
        endless: bool = False,
        rank: int | None = None,
        world: int | None = None,
        block: int = 32,
        prefetch: bool = False,
    ) -> None:
        """Nothing is drawn before the first row is asked for.

        Args:
            rows: What to stream.
            start: The first row, counted over all ranks.
            endless: Whether to go on after the phase's last row: pass after pass, each in another
                order, with new instances where ``rows.fresh`` says so.
            rank: Which rank this is; that of ``torch.distributed`` if None, else of the environment
                (``RANK``), else 0. Give 0, and ``world=1``, to a trainer that shards by itself.
            world: How many ranks there are; see ``rank`` (``WORLD_SIZE``).
            block: Rows that are worded and drawn together, and that a worker takes at a time.
            prefetch: Whether a thread draws the next block while one is handed out.

        Raises:
            TaskError: An argument is out of its range.
        """
        made("rows", rows, Rows)
        truth("endless", endless)
        truth("prefetch", prefetch)
        found = _place() if rank is None or world is None else (rank, world)
        self.rank = found[0] if rank is None else whole("rank", rank, 0, _MOST)
        self.world = found[1] if world is None else whole("world", world, 1, _MOST)
        if not 0 <= self.rank < self.world:
            raise TaskError(f"rank {self.rank} of world {self.world}; give 0 <= rank < world")
        self.block = whole("block", block, 1, _MOST)
        self.start = whole("start", start, 0, 2**62)
        self.rows, self.endless, self.prefetch = rows, endless, prefetch
        self._taken = 0  # rows that this share has handed out
        self._state: dict[str, Any] | None = None  # where the next iteration goes on
        # Whether workers hand rows out, which they tell by memory that is shared with them.
        self._away = torch.zeros(1, dtype=torch.bool).share_memory_()  # type: ignore[no-untyped-call]

    def __iter__(self) -> Iterator[Any]:
        state, self._state = self._state, None
        self._away.fill_(get_worker_info() is not None)
        # Checked again: between loading and this, a loader may have made workers.
        self._taken = 0 if state is None else self._checked(state)
        with ThreadPoolExecutor(1) if self.prefetch else nullcontext() as thread:
            for block in _drawn(thread, self.rows.__getitems__, self._blocks()):
                for row in block:
                    self._taken += 1
                    yield row

    def state_dict(self) -> dict[str, Any]:
        """Where this share of the stream stands.

        Warns:
            UserWarning: Rows are handed out by workers, and this process does not know how many.
        """
        if get_worker_info() is None and self._away.item():
            warnings.warn(
                "rows were handed out by a loader's workers, so this state, which is not theirs, "
                f"begins after {self._taken} rows; take the state of torchdata's "
                "StatefulDataLoader, or give start the number of rows that were seen",
                stacklevel=2,
            )
        return {"taken": self._taken, **self._share()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where a state was taken, with the next iteration.

        Raises:
            TaskError: The state is of other rows or of another share.
        """
        self._taken, self._state = self._checked(state), dict(state)
        self._away.fill_(False)

    def _checked(self, state: dict[str, Any]) -> int:
        """How many rows were handed out when a state was taken."""
        for key, value in self._share().items():
            if state.get(key) != value:
                raise TaskError(
                    f"the state has {key} {state.get(key)!r}, this stream has {value!r}; make the "
                    "same stream again, or give start the number of rows that were seen"
                )
        return int(state["taken"])

    def _share(self) -> dict[str, Any]:
        worker, workers = _worker()
        return {
            "rows": self.rows.fingerprint(),
            "start": self.start,
            "rank": self.rank,
            "world": self.world,
            "worker": worker,
            "workers": workers,
            "block": self.block,
        }

    def _blocks(self) -> Iterator[list[int]]:
        """The rows of this share, as many at a time as are drawn together."""
        worker, workers = _worker()
        first = self.start + self.rank
        end = None if self.endless else len(self.rows)
        begun, skipped = divmod(self._taken, self.block)
        number = worker + begun * workers
        while True:
            places = range(number * self.block + skipped, (number + 1) * self.block)
            rows = [first + place * self.world for place in places]
            if end is not None and rows[-1] >= end:
                rows = [row for row in rows if row < end]
                if rows:
                    yield rows
                return
            yield rows
            number, skipped = number + workers, 0


def _drawn(
    thread: Executor | None, draw: Callable[[list[int]], list[Any]], blocks: Iterator[list[int]]
) -> Iterator[list[Any]]:
    """Blocks, worded and drawn; with a thread, each is begun before the one before it is used."""
    if thread is None:
        yield from map(draw, blocks)
        return
    waiting: Future[list[Any]] | None = None
    for block in blocks:
        begun = thread.submit(draw, block)
        if waiting is not None:
            yield waiting.result()
        waiting = begun
    if waiting is not None:
        yield waiting.result()


def _place() -> tuple[int, int]:
    """This process's rank, and how many there are."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))


def _worker() -> tuple[int, int]:
    """Which of the loader's workers this is, and how many there are."""
    info = get_worker_info()
    return (0, 1) if info is None else (info.id, info.num_workers)
