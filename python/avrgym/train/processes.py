"""The processes of a run: one alone, or as many as ``torchrun`` started."""

import atexit
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any, TypeVar

from avrgym.core.extras import needs

with needs("train"):
    import torch
    import torch.distributed as dist
    from accelerate import PartialState
    from accelerate.utils import broadcast_object_list, gather_object

T = TypeVar("T")


class Processes:
    """What processes do together. All of them must call the same methods in the same order."""

    def __init__(self, patience: timedelta | None = None) -> None:
        """Joins the others, where ``torchrun`` or ``accelerate launch`` started some.

        Args:
            patience: How long one waits for another; as long as ``torch`` does if None.
        """
        how = {} if patience is None else {"timeout": patience}
        self._state = PartialState(cpu=not torch.accelerator.is_available(), **how)
        if dist.is_initialized():
            atexit.unregister(_part)  # once, however many of these there are
            atexit.register(_part)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self._state.num_processes)

    @property
    def rank(self) -> int:
        """Which one this is, from 0."""
        return int(self._state.process_index)

    @property
    def first(self) -> bool:
        """Whether this is the one that writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Waits for the others."""
        self._state.wait_for_everyone()

    def share(self, whole: Sequence[T]) -> list[T]:
        """This process's part: every so many, from its rank on."""
        return list(whole[self.rank :: self.count])

    def gathered(self, part: list[T]) -> list[T]:
        """All parts one after the other, in all processes."""
        if self.count == 1:
            return part
        found: list[T] = gather_object(part)
        return found

    def joined(self, part: Sequence[T]) -> list[T]:
        """What :meth:`share` took apart, in its order again."""
        if self.count == 1:
            return list(part)
        parts = self.gathered([list(part)])
        most = max(map(len, parts))
        return [each[i] for i in range(most) for each in parts if i < len(each)]

    def said(self, value: T) -> T:
        """What the first process has for a value."""
        if self.count == 1:
            return value
        box: list[Any] = [value]
        broadcast_object_list(box, from_process=0)
        found: T = box[0]
        return found


def _part() -> None:
    """Leaves the others: threads of the group that outlive the interpreter abort the process."""
    if dist.is_initialized():
        dist.destroy_process_group()


def says_it(text: str) -> bool:
    """Whether this process is the first to say something; so is one that is alone."""
    if not dist.is_initialized():
        return True
    name = f"avrgym/said/{blake2b(text.encode(), digest_size=8).hexdigest()}"
    try:
        store: Any = dist.distributed_c10d._get_default_store()
        return int(store.add(name, 1)) == 1
    except RuntimeError:  # who kept count has ended
        return True
