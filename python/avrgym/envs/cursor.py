"""Which sample an environment takes next: where seeds and reset options act."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import VectorEnv

from avrgym._core import TaskError
from avrgym.core.arguments import quoted, table, whole
from avrgym.core.held_out import SPAN
from avrgym.core.samples import Source

#: What ``reset(options=...)`` understands.
OPTIONS: tuple[str, ...] = ("index", "split", "level")


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

    Attributes:
        source: Where samples come from now.
        index: The index stood on; -1 before the first reset.
        seeded: Whether a dataset was ever chosen.
        stride: How far each reset moves on.
    """

    __slots__ = ("_home", "index", "seeded", "source", "stride")

    def __init__(self, home: Source) -> None:
        self._home = home
        self.seeded = False
        self.stride = 1
        self.source = home
        self.index = -1

    def fork(self) -> "Cursor":
        """Another cursor at the same place."""
        cursor = Cursor(self._home)
        cursor.source, cursor.index = self.source, self.index
        cursor.stride, cursor.seeded = self.stride, self.seeded
        return cursor

    def begin(self, seed: int, first: int = 0, stride: int = 1) -> None:
        """Makes ``first`` of dataset ``seed`` the sample that :meth:`advance` finds next."""
        self.source = replace(self._home, seed=seed)
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
        source = self.source
        if options.keys() & {"split", "level"}:
            source = replace(
                source,
                split=options.get("split", source.split),
                level=options.get("level", source.level),
            )
        most = 2**63 if source.held_out is None else SPAN
        if "index" in options:
            index = whole("option index", options["index"], 0, most - 1)
        else:
            index = (self.index + self.stride) % most
        self.source, self.index = source, index

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
