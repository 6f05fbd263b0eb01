"""Which sample an environment takes next: where seeds and reset options act."""

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import VectorEnv

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.core.arguments import quoted, table, whole
from avrgym.core.held_out import SPAN
from avrgym.core.samples import Source

#: What ``reset(options=...)`` understands.
OPTIONS: tuple[str, ...] = ("index", "split", "level", "address")


def checked_options(options: object, known: Collection[str] = OPTIONS) -> dict[str, Any]:
    """The options of a reset, each of which somebody reads.

    Raises:
        TaskError: They are no mapping, or there is an unknown one.
    """
    given = table("options", options)
    for name in given:
        if name not in known:
            raise TaskError(
                f"unknown reset option {quoted(name)}; known options: {', '.join(known)}"
            )
    return given


def checked_seed(seed: object) -> int | None:
    """The seed of a reset.

    Raises:
        TaskError: It is neither None nor an integer in [0, 2**64).
    """
    return None if seed is None else whole("seed", seed, 0, 2**64 - 1)


def sources(
    task: str,
    level: str,
    levels: Sequence[str] | None,
    split: str,
    params: object,
    held_out: int | None,
) -> list[Source]:
    """Where an environment's samples come from: a source a level.

    Args:
        task: One of ``avrgym.TASKS``.
        level: The level, if there are no ``levels``.
        levels: The levels one of which each episode draws.
        split: ``train``, ``val`` or ``test``.
        params: Overrides of every level's parameters.
        held_out: One content in so many is kept for evaluation.

    Raises:
        TaskError: An argument names nothing or is out of its range.
    """
    given = table("params", params)
    if levels is None:
        levels = [level]
    elif not isinstance(levels, list | tuple) or not levels:
        raise TaskError(f"levels is {quoted(levels)}; give a list of levels, one or more")
    return [Source(task, each, split=split, params=given, held_out=held_out) for each in levels]


def drawn(seed: int, index: int, count: int) -> int:
    """Which of ``count`` levels sample ``index`` of dataset ``seed`` is of; all equally often."""
    found = index
    for key in (seed, 0):  # SplitMix64, twice
        found = (found ^ key) + 0x9E3779B97F4A7C15 & 2**64 - 1
        found = (found ^ found >> 30) * 0xBF58476D1CE4E5B9 & 2**64 - 1
        found = (found ^ found >> 27) * 0x94D049BB133111EB & 2**64 - 1
        found ^= found >> 31
    return found * count >> 64


def addressed(address: object, home: Source) -> tuple[Source, int]:
    """The source and the index of the sample that an option names.

    Raises:
        TaskError: It is no address, or one of another task than ``home``'s.
    """
    if not isinstance(address, str):
        raise TaskError(f"option address is {quoted(address)}; give the address of a sample")
    found = Address.parse(address)
    if found.task != home.task:
        raise TaskError(f"option address is {quoted(address)}; give one of task {home.task}")
    params, most = dict(found.params), 2**63
    if home.held_out is not None:
        found, most = replace(found, index=found.index % SPAN), SPAN
    index = whole("the index of option address", found.index, 0, most - 1)
    source = Source(found.task, found.level, found.split, found.seed, params, home.held_out)
    return source, index


class Luck:
    """Datasets from an environment's own random stream, for resets that nobody gives a seed.

    What is drawn counts from :meth:`keep` on: a reset that is refused has not moved the stream.
    """

    __slots__ = ("_env", "_stream")

    def __init__(self, env: gym.Env[Any, Any] | VectorEnv[Any, Any, Any]) -> None:
        self._env = env
        self._stream: tuple[np.random.Generator, int | None] | None = None

    def dataset(self) -> int:
        """A random dataset."""
        if self._stream is None:
            old = self._env._np_random
            self._stream = (
                seeding.np_random() if old is None else (deepcopy(old), self._env._np_random_seed)
            )
        return int(self._stream[0].integers(2**63))

    def keep(self) -> None:
        """Puts the stream where the draws have led."""
        if self._stream is not None:
            self._env._np_random, self._env._np_random_seed = self._stream


class Cursor:
    """Walks the indices of a source.

    A seed begins afresh: that seed's dataset, the first index, the split and the level given at
    construction. Without one each reset moves on by one stride. ``index`` goes straight to a
    sample, and the walk continues behind it; ``split`` and ``level`` hold until the next seed.
    ``address`` goes straight to any sample of the task, and the walk continues behind it in its
    dataset. Of several levels each index draws one, by dataset and index alone, until an option
    names one.

    Attributes:
        source: Where the sample stood on comes from.
        index: The index stood on; -1 before the first reset.
        seeded: Whether a dataset was ever chosen.
        stride: How far each reset moves on.
    """

    __slots__ = ("_homes", "_kin", "index", "seeded", "source", "stride")

    def __init__(self, homes: Sequence[Source]) -> None:
        self._homes = tuple(homes)
        self.seeded = False
        self.stride = 1
        self.source = self._homes[0]
        #: The sources among which an index draws; one if there is no choice.
        self._kin = self._homes
        self.index = -1

    def fork(self) -> "Cursor":
        """Another cursor at the same place."""
        cursor = Cursor(self._homes)
        cursor.source, cursor.index, cursor._kin = self.source, self.index, self._kin
        cursor.stride, cursor.seeded = self.stride, self.seeded
        return cursor

    def begin(self, seed: int, first: int = 0, stride: int = 1) -> None:
        """Makes ``first`` of dataset ``seed`` the sample that :meth:`advance` finds next."""
        self._kin = tuple(replace(home, seed=seed) for home in self._homes)
        self.source = self._kin[0]
        self.index = first - stride
        self.stride = stride
        self.seeded = True

    def begin_anywhere(self, luck: Luck) -> None:
        """Begins at a random dataset, unless a seed was ever given."""
        if not self.seeded:
            self.begin(luck.dataset())

    def moved(self, seed: int | None, options: Mapping[str, Any], luck: Luck) -> "Cursor":
        """Another cursor, where a reset with this seed and these options leads.

        Raises:
            TaskError: An option has no such value.
        """
        cursor = self.fork()
        if seed is not None:
            cursor.begin(seed)
        cursor.begin_anywhere(luck)
        cursor.advance(options)
        return cursor

    def advance(self, options: Mapping[str, Any] | None = None) -> None:
        """Moves to the next sample, or to where the options point.

        Raises:
            TaskError: An option has no such value; nothing has changed.
        """
        options = options or {}
        kin = self._kin
        if "address" in options:
            if others := [name for name in options if name != "address"]:
                raise TaskError(f"option address says {others[0]} too; give one of the two")
            source, index = addressed(options["address"], self._homes[0])
            self._kin, self.source, self.index, self.seeded = (source,), source, index, True
            return
        if "level" in options:
            kin = (replace(kin[0], level=options["level"]),)
        if "split" in options:
            kin = tuple(replace(source, split=options["split"]) for source in kin)
        most = 2**63 if kin[0].held_out is None else SPAN
        if "index" in options:
            index = whole("option index", options["index"], 0, most - 1)
        else:
            index = (self.index + self.stride) % most
        chosen = 0 if len(kin) == 1 else drawn(kin[0].seed, index, len(kin))
        self._kin, self.source, self.index = kin, kin[chosen], index

    @property
    def drawing(self) -> bool:
        """Whether each index draws a level."""
        return len(self._kin) > 1

    @property
    def plain(self) -> str:
        """The address at the index; where contents are held out another may stand in for it."""
        return f"{self.source.head}{self.index}"

    def facts(self, address: str) -> dict[str, Any]:
        """What ``info`` says of the sample stood on, whose address is given."""
        return {
            "task": self.source.task,
            "level": self.source.level,
            "split": self.source.split,
            "index": self.index,
            "address": address,
        }
