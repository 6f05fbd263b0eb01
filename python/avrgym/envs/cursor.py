"""Which sample an environment takes next: where seeds and reset options act."""

from collections.abc import Collection, Mapping
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import seeding
from gymnasium.vector import VectorEnv

from avrgym._core import TaskError
from avrgym.arguments import quoted, table, whole
from avrgym.held_out import SPAN
from avrgym.samples import Source

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


def generator(
    env: gym.Env[Any, Any] | VectorEnv[Any, Any, Any],
) -> tuple[np.random.Generator, int]:
    """A copy of an environment's random stream and its seed, new ones if it has none yet.

    What a reset draws comes from the copy, which takes the stream's place if it is not refused.
    """
    if env._np_random is None:
        return seeding.np_random()
    return deepcopy(env._np_random), env._np_random_seed or 0


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

    def begin(self, seed: int, first: int = 0, stride: int = 1) -> None:
        """Makes ``first`` of dataset ``seed`` the sample that :meth:`advance` finds next."""
        self.source = replace(self._home, seed=seed)
        self.index = first - stride
        self.stride = stride
        self.seeded = True

    def begin_anywhere(self, rng: np.random.Generator) -> None:
        """Begins at a random dataset, unless a seed was ever given."""
        if not self.seeded:
            self.begin(int(rng.integers(2**63)))

    def moved(
        self, seed: int | None, options: Mapping[str, Any], rng: np.random.Generator
    ) -> "Cursor":
        """Another cursor, where a reset with this seed and these options leads.

        Raises:
            TaskError: An option has no such value.
        """
        cursor = copy(self)
        if seed is not None:
            cursor.begin(seed)
        cursor.begin_anywhere(rng)
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
