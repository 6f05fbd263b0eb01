"""What vector environments share: seeds, reset options, and who is between episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.address import Address
from avrgym.core.arguments import quoted, whole
from avrgym.core.samples import Source
from avrgym.envs.cursor import OPTIONS, Cursor, Luck, checked_options, checked_seed
from avrgym.envs.infos import put

Bools: TypeAlias = NDArray[np.bool_]

#: The most environments that step as one.
MOST: int = 2**20


def checked_mode(mode: object) -> AutoresetMode:
    """An autoreset mode, by itself or by its name.

    Raises:
        TaskError: There is no such.
    """
    try:
        return AutoresetMode(mode)
    except ValueError:
        known = ", ".join(each.value for each in AutoresetMode)
        raise TaskError(f"unknown autoreset_mode {quoted(mode)}; known: {known}") from None


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

    def __init__(self, homes: Sequence[Source], count: int, mode: AutoresetMode) -> None:
        self.cursors = [Cursor(homes) for _ in range(count)]
        self.mode = mode
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

    def meant(self, options: object) -> tuple[Bools, dict[str, Any]]:
        """Whom a reset is for, and the options besides.

        Raises:
            ResetNeeded: The first reset is not for all.
            TaskError: The mask is not bool (n,) with someone in it, or an option is unknown.
        """
        count = len(self.cursors)
        given = checked_options(options, (*OPTIONS, "reset_mask"))
        mask = given.pop("reset_mask", None)
        if mask is None:
            return np.ones(count, np.bool_), given
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (count,):
            raise TaskError(
                f"option reset_mask is {quoted(mask)}; give a bool array of shape ({count},)"
            )
        if not mask.any():
            raise TaskError("option reset_mask is False everywhere; name at least one environment")
        if not (self.begun or mask.all()):
            raise gym.error.ResetNeeded("the first reset is for all environments")
        return mask.copy(), given

    def moved(
        self,
        seed: int | Sequence[int | None] | None,
        mask: Bools,
        options: Mapping[str, Any],
        luck: Luck,
        at: NDArray[np.int64] | None = None,
    ) -> list[Cursor]:
        """The masked environments' cursors as a reset would have them; nothing changes yet.

        An option ``index`` or ``address`` may be one per environment; a single one is environment
        0's, and the others stand that much behind. ``at`` says where others have moved them
        meanwhile.

        Raises:
            TaskError: Seeds or indices are not one for each environment, or one is out of range.
        """
        count, own_options = len(self.cursors), self._options(options)
        each = self.each(seed, "seed")
        own = [None] * count if each is None else [checked_seed(one) for one in each]
        shared = checked_seed(seed) if each is None else None
        if each is None and shared is None and not all(cursor.seeded for cursor in self.cursors):
            shared = luck.dataset()
        fresh = []
        for i in np.flatnonzero(mask).tolist():
            cursor = self.cursors[i].fork()
            if at is not None:
                cursor.index = int(at[i])
            if shared is not None:
                cursor.begin(shared, i, count)
            elif (alone := own[i]) is not None:
                cursor.begin(alone)
            cursor.begin_anywhere(luck)
            cursor.advance(own_options[i])
            fresh.append(cursor)
        return fresh

    def _options(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The options of each environment."""
        count = len(self.cursors)
        found = [dict(options) for _ in range(count)]
        for name in ("index", "address"):
            if (given := options.get(name)) is None:
                continue
            own = self.each(given, f"option {name}")
            if own is None and name == "index":
                first = whole("option index", given, 0, 2**63 - 1)
                own = [first + i for i in range(count)]
            elif own is None and isinstance(given, str):
                at = Address.parse(given)
                own = [str(replace(at, index=at.index + i)) for i in range(count)]
            for each, value in zip(found, own or [given] * count, strict=True):
                each[name] = value
        return found

    def each(self, value: object, what: str) -> list[Any] | None:
        """The values of all environments, None if there is one for all.

        Raises:
            TaskError: There are not n.
        """
        if isinstance(value, np.ndarray) and value.ndim == 1:
            value = list(value)
        if not isinstance(value, list | tuple):
            return None
        if len(value) != len(self.cursors):
            raise TaskError(
                f"{what} is {quoted(value)}, {len(value)} values; "
                f"give one, or one for each of {len(self.cursors)} environments"
            )
        return list(value)

    def open(self, mask: Bools, fresh: Sequence[Cursor]) -> None:
        """Puts the masked environments where their new cursors are, into an episode."""
        for i, cursor in zip(np.flatnonzero(mask).tolist(), fresh, strict=True):
            self.cursors[i] = cursor
        self.over = self.over & ~mask
        self.begun = True

    def put_facts(self, infos: dict[str, Any], mask: Bools, addresses: Sequence[str]) -> None:
        """Adds what infos say of the samples, whose addresses are given, of the masked ones."""
        facts = [
            self.cursors[i].facts(address)
            for i, address in zip(np.flatnonzero(mask), addresses, strict=True)
        ]
        for key in facts[0] if facts else ():
            put(infos, key, [fact[key] for fact in facts], mask)
