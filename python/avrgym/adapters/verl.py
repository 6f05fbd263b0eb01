"""A curriculum over the levels of a dataset in layout verl, in the two places verl has for one.

* verl to 0.7: ``data.sampler.class_path=pkg://avrgym.adapters.verl``,
  ``data.sampler.class_name=LevelSampler``: its ``AbstractCurriculumSampler``.
* verl from 0.8: ``data.custom_cls.path=pkg://avrgym.adapters.verl``,
  ``data.custom_cls.name=LevelDataset``: its ``RLHFDataset``, told of each batch by
  ``on_batch_end``. Only ``RayPPOTrainer`` and trainers made from it call that: in 0.9
  ``trainer.use_v1=False``.

Both want ``data.dataloader_num_workers=0``, since a batch that is drawn ahead cannot follow what
was learned, and read ``promote``, ``demote``, ``window`` and ``share`` from ``data.levels``, such
as ``+data.levels.promote=0.8``; see :class:`Climb`.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.core.arguments import number, strings, whole
from avrgym.core.samples import levels


class Climb:
    """Which row comes next: mostly of the level that is being learned, else of those before it.

    Tasks climb apart from each other, each along ``avrgym.levels(task)`` as far as there are rows.
    Rows of a level come in a random order, and again in another when all have been shown.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        promote: float = 0.9,
        demote: float = 0.2,
        window: int = 64,
        share: float = 0.7,
        seed: int = 0,
    ) -> None:
        """Begins at each task's easiest level.

        Args:
            addresses: Of each row its address.
            promote: The share of right replies, 0 to 1, from which on the next level begins.
            demote: The share down to which the level before comes back, below ``promote``.
            window: Over how many replies on the level that share is taken.
            share: How much of the rows are of that level; the rest are of all below it.
            seed: Of the order.

        Raises:
            TaskError: There are no rows, or a setting is out of range.
        """
        addresses, seed = strings("addresses", addresses), whole("seed", seed, 0, 2**64 - 1)
        if not addresses:
            raise TaskError("the dataset has no rows; write one by avrgym generate --layout verl")
        for name, given in (("promote", promote), ("demote", demote), ("share", share)):
            number(name, given)
        window = whole("window", window, -(2**31), 2**31 - 1)
        if not (0 <= demote < promote <= 1 and 0 < share <= 1 and window >= 1):
            raise TaskError(
                f"promote {promote}, demote {demote}, share {share} and window {window} do not "
                "fit; give 0 <= demote < promote <= 1, 0 < share <= 1, window >= 1"
            )
        self.promote, self.demote, self.window, self.share = promote, demote, window, share
        self._random = random.Random(seed)
        rows: dict[str, dict[str, list[int]]] = {}
        for row, address in enumerate(addresses):
            at = Address.parse(address)
            rows.setdefault(at.task, {}).setdefault(at.level, []).append(row)
        #: Of each task the levels that there are, the easiest first.
        self.ladders = {
            task: tuple(level for level in levels(task) if level in found)
            for task, found in rows.items()
        }
        #: Of each task how many levels have been left behind.
        self.at = dict.fromkeys(rows, 0)
        self._rows = {
            (t, level): all_ for t, found in rows.items() for level, all_ in found.items()
        }
        self._left: dict[tuple[str, str], list[int]] = {}
        self._seen = {task: deque[bool](maxlen=window) for task in rows}

    def draw(self) -> int:
        """The next row."""
        task = self._random.choice(list(self.ladders))
        at = self.at[task]
        if at and self._random.random() >= self.share:
            at = self._random.randrange(at)
        key = (task, self.ladders[task][at])
        if not (left := self._left.get(key)):
            left = self._left[key] = list(self._rows[key])
            self._random.shuffle(left)
        return left.pop()

    def observe(self, addresses: Iterable[str], right: Iterable[bool]) -> None:
        """Counts replies, and moves where enough were right or wrong on the level itself."""
        for address, correct in zip(addresses, right, strict=True):
            at = Address.parse(address)
            ladder, seen = self.ladders[at.task], self._seen[at.task]
            if at.level != ladder[self.at[at.task]]:
                continue
            seen.append(bool(correct))
            if len(seen) < self.window:
                continue
            done, place = sum(seen) / len(seen), self.at[at.task]
            if done >= self.promote and place + 1 < len(ladder):
                self.at[at.task] += 1
            elif done <= self.demote and place:
                self.at[at.task] -= 1
            else:
                continue
            seen.clear()

    def state_dict(self) -> dict[str, Any]:
        """All that it goes on from."""
        return {
            "at": dict(self.at),
            "left": [[*key, list(rows)] for key, rows in self._left.items()],
            "seen": {task: list(seen) for task, seen in self._seen.items()},
            "random": self._random.getstate(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on from there, over the same rows."""
        self.at = dict(state["at"])
        self._left = {(task, level): list(rows) for task, level, rows in state["left"]}
        self._seen = {t: deque(seen, self.window) for t, seen in state["seen"].items()}
        version, numbers, gauss = state["random"]
        self._random.setstate((version, tuple(numbers), gauss))


def climb(rows: Any, config: Mapping[str, Any]) -> Climb:
    """The climb over the rows of a dataset, with verl's settings of ``data``.

    Raises:
        TaskError: The rows have no addresses, or a setting is out of range.
    """
    if "address" not in rows.column_names:
        raise TaskError(
            f"the dataset has no column address, only {', '.join(rows.column_names)}; "
            "write one by avrgym generate --layout verl"
        )
    return Climb(rows["address"], seed=config.get("seed") or 0, **(config.get("levels") or {}))


def observed(batch: Any) -> tuple[list[str], list[bool]]:
    """The addresses of a trained batch, and which replies were right.

    Args:
        batch: verl's ``DataProto``, with ``extra_info`` of the rows and ``acc`` as
            :func:`avrgym.data.scores.verl` gives it.

    Raises:
        TaskError: It has neither.
    """
    columns = batch.non_tensor_batch
    if "extra_info" not in columns or "acc" not in columns:
        raise TaskError(
            "the batch has no extra_info or no acc; name avrgym.data.scores as the custom reward"
        )
    addresses = [str(row["address"]) for row in columns["extra_info"]]
    return addresses, [float(right) > 0.5 for right in columns["acc"]]


@cache
def _sampler() -> type:
    try:
        from verl.experimental.dataset.sampler import AbstractCurriculumSampler
    except ImportError:
        raise TaskError(
            "this verl has no curriculum samplers; take verl<=0.7.1, or LevelDataset as "
            "data.custom_cls"
        ) from None

    class LevelSampler(AbstractCurriculumSampler):
        """Rows of a dataset by :class:`Climb`: as many in a pass as there are."""

        def __init__(self, data_source: Any, data_config: Any) -> None:
            self.climb = climb(data_source.dataframe, data_config)
            self._length = len(data_source)

        def __len__(self) -> int:
            return self._length

        def __iter__(self) -> Iterator[int]:
            return (self.climb.draw() for _ in range(self._length))

        def update(self, batch: Any) -> None:
            """Hears how the replies to a batch fared."""
            self.climb.observe(*observed(batch))

        def state_dict(self) -> dict[str, Any]:
            """All that it goes on from."""
            return self.climb.state_dict()

        def load_state_dict(self, state: Mapping[str, Any]) -> None:
            """Goes on from there."""
            self.climb.load_state_dict(state)

    return LevelSampler


@cache
def _dataset() -> type:
    from verl.utils.dataset.rl_dataset import RLHFDataset

    class LevelDataset(RLHFDataset):
        """Rows of a dataset by :class:`Climb`, whichever index is asked for."""

        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.climb = climb(self.dataframe, self.config)

        def __getitem__(self, item: int) -> Any:
            return super().__getitem__(self.climb.draw())

        def on_batch_end(self, batch: Any) -> None:
            """Hears how the replies to a batch fared."""
            self.climb.observe(*observed(batch))

    return LevelDataset


_MADE = {"LevelSampler": _sampler, "LevelDataset": _dataset}


def __getattr__(name: str) -> Any:
    # Made when asked for: each verl has but one of the two classes that they are made from.
    if name not in _MADE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _MADE[name]()
