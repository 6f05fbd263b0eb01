"""What vector environments share: seeds, reset options, and who is between episodes."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.envs.cursor import OPTIONS, Cursor, check_options
from avrgym.envs.infos import put
from avrgym.samples import Source

Bools: TypeAlias = NDArray[np.bool_]


class Fleet:
    """The cursors of n environments, and which of these are in an episode.

    One seed makes the environments share a dataset: environment i takes its indices i, i + n,
    i + 2n and so on, so that no two runs with different seeds meet in any of them. A list of seeds
    gives each environment a dataset of its own, as separate environments would have.

    Attributes:
        cursors: One an environment.
        mode: When a finished environment begins anew.
        over: Whose episode has ended, bool (n,).
        begun: Whether there ever was a reset.
    """

    __slots__ = ("begun", "cursors", "mode", "over")

    def __init__(self, home: Source, count: int, mode: str | AutoresetMode) -> None:
        self.cursors = [Cursor(home) for _ in range(count)]
        self.mode = AutoresetMode(mode)
        self.over: Bools = np.ones(count, np.bool_)
        self.begun = False

    def acting(self) -> Bools:
        """Whom the next actions are for; the others begin anew in that step, bool (n,).

        Raises:
            ResetNeeded: An episode is over and nothing resets it, or none ever began.
        """
        if not self.begun:
            raise gym.error.ResetNeeded("call reset() before step()")
        if self.mode is not AutoresetMode.NEXT_STEP and self.over.any():
            which = np.flatnonzero(self.over).tolist()
            raise gym.error.ResetNeeded(f"episodes {which} are over; reset them before step()")
        return ~self.over

    def meant(self, options: Mapping[str, Any] | None) -> tuple[Bools, dict[str, Any]]:
        """Whom a reset is for, and the options besides.

        Raises:
            ResetNeeded: The first reset is not for all.
            TaskError: The mask is not bool (n,) with someone in it, or an option is unknown.
        """
        count = len(self.cursors)
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        check_options(options, (*OPTIONS, "reset_mask"))
        if mask is None:
            return np.ones(count, np.bool_), options
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (count,):
            raise TaskError(f"option reset_mask must be a bool array of shape ({count},)")
        if not mask.any():
            raise TaskError("option reset_mask is False everywhere; name at least one environment")
        if not (self.begun or mask.all()):
            raise gym.error.ResetNeeded("the first reset is for all environments")
        return mask, options

    def begin(
        self, seed: int | Sequence[int | None] | None, mask: Bools, rng: np.random.Generator
    ) -> None:
        """Seeds the masked environments.

        Raises:
            TaskError: The seeds are not one for each environment, or out of range.
        """
        count = len(self.cursors)
        if seed is None and not all(cursor.seeded for cursor in self.cursors):
            seed = int(rng.integers(2**63))
        if seed is None:
            return
        if isinstance(seed, int | np.integer):
            for first in np.flatnonzero(mask).tolist():
                self.cursors[first].begin(int(seed), first, count)
            return
        if len(seed) != count:
            raise TaskError(f"{len(seed)} seeds were given for {count} environments")
        for cursor, own, meant in zip(self.cursors, seed, mask.tolist(), strict=True):
            if meant and own is not None:
                cursor.begin(own)
            elif meant:
                cursor.begin_anywhere(rng)

    def advance(self, mask: Bools, options: Mapping[str, Any] | None = None) -> list[str]:
        """Moves the masked environments on; ``index`` may be one per environment.

        An ``index`` that is one number is environment 0's; the others stand that much behind.

        Returns:
            Their addresses.

        Raises:
            TaskError: An option has no such value.
        """
        options = dict(options or {})
        index = options.pop("index", None)
        if index is not None:
            spread = np.ndim(index) == 0
            index = [index + i for i in range(len(self.cursors))] if spread else list(index)
            if len(index) != len(self.cursors):
                raise TaskError(f"{len(index)} indices for {len(self.cursors)} environments")
        addresses = []
        for i in np.flatnonzero(mask).tolist():
            own = options if index is None else {**options, "index": index[i]}
            self.cursors[i].advance(own)
            addresses.append(self.cursors[i].address)
        return addresses

    def open(self, mask: Bools) -> None:
        """Notes that the masked environments are in an episode."""
        self.over = self.over & ~mask
        self.begun = True

    def put_facts(self, infos: dict[str, Any], mask: Bools) -> None:
        """Adds what infos say of the samples that the masked environments stand on."""
        facts = [self.cursors[i].facts() for i in np.flatnonzero(mask)]
        for key in facts[0] if facts else ():
            put(infos, key, [fact[key] for fact in facts], mask)
