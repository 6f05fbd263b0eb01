"""Which sample an environment takes next: where seeds and reset options act."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.samples import Source

#: What ``reset(options=...)`` understands.
OPTIONS: tuple[str, ...] = ("index", "split", "level")


def check_options(options: Mapping[str, Any] | None, known: Collection[str] = OPTIONS) -> None:
    """Complains of options that nobody reads.

    Raises:
        TaskError: An unknown option.
    """
    for name in options or {}:
        if name not in known:
            raise TaskError(f'unknown reset option "{name}"; known options: {", ".join(known)}')


class Cursor:
    """Walks the indices of a source.

    A seed begins afresh: that seed's dataset, the first index, the split and the level given at
    construction. Without one each reset moves on by one stride. ``index`` goes straight to a
    sample, and the walk continues behind it; ``split`` and ``level`` hold until the next seed.

    Attributes:
        source: Where samples come from now.
        index: The sample stood on; -1 before the first reset.
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
        """Makes ``first`` of dataset ``seed`` the sample that :meth:`advance` finds next.

        Raises:
            TaskError: The seed is negative or too large.
        """
        self.source = replace(self._home, seed=seed)
        self.index = first - stride
        self.stride = stride
        self.seeded = True

    def begin_anywhere(self, rng: np.random.Generator) -> None:
        """Begins at a random dataset, unless a seed was ever given."""
        if not self.seeded:
            self.begin(int(rng.integers(2**63)))

    def reset(
        self, seed: int | None, options: Mapping[str, Any] | None, rng: np.random.Generator
    ) -> None:
        """Moves to where a reset with this seed and these options leads.

        Raises:
            TaskError: The seed is out of range, or an option has no such value.
        """
        if seed is not None:
            self.begin(seed)
        self.begin_anywhere(rng)
        self.advance(options)

    def advance(self, options: Mapping[str, Any] | None = None) -> None:
        """Moves to the next sample, or to where the options point.

        Raises:
            TaskError: An option has no such value.
        """
        options = options or {}
        self.source = (
            replace(
                self.source,
                split=options.get("split", self.source.split),
                level=options.get("level", self.source.level),
            )
            if options.keys() & {"split", "level"}
            else self.source
        )
        index = options.get("index", self.index + self.stride)
        if (
            isinstance(index, bool)
            or not isinstance(index, int | np.integer)
            or not 0 <= index < 2**63
        ):
            raise TaskError(f"option index is {index!r}; give an integer in 0..2^63")
        self.index = int(index)

    @property
    def address(self) -> str:
        """The address of the sample stood on."""
        return self.source.address(self.index)

    def facts(self) -> dict[str, Any]:
        """What ``info`` says of the sample stood on."""
        return {
            "task": self.source.task,
            "level": self.source.level,
            "split": self.source.split,
            "index": self.index,
            "address": self.address,
        }
