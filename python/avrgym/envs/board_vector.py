"""Many board environments as one: a step is one call into the core, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import ArrayLike, NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import integer, named, quoted, table, truth, whole
from avrgym.core.pictures import THEMES, Size, sides
from avrgym.core.samples import Source
from avrgym.envs.board import (
    REFUSALS,
    WEIGHTS,
    BoardEnv,
    boards,
    check_pictures,
    checked_render_mode,
    frame,
    observation_space,
    shown,
)
from avrgym.envs.cursor import Luck, checked_seed
from avrgym.envs.fleet import MOST, Bools, Fleet, checked_mode
from avrgym.envs.infos import put


class BoardVectorEnv(VectorEnv[NDArray[np.uint8], ArrayLike, NDArray[Any]]):
    """n board environments; see :class:`avrgym.envs.board.BoardEnv`.

    Observation:
        uint8, shape (n, rows, columns) or (n, height, width, 3).

    Seeds:
        ``reset(seed=s)`` begins dataset ``s``: environment i takes its indices i, i + n, i + 2n …
        ``reset(seed=[s0, s1, …])`` gives each a dataset of its own, as single environments have.

    Autoreset:
        All three modes, in the core. ``NEXT_STEP``: the step after the last ignores its action.
        ``SAME_STEP``: what was seen last is in ``final_obs``, what was known in ``final_info``.
        ``DISABLED``: the caller resets, all or by ``options={"reset_mask": bool (n,)}``.

    Info:
        Columns as Gymnasium batches them. ``task``, ``level``, ``split`` and ``address`` come with
        ``reset()`` alone; :meth:`addresses` tells them at any time.

    Observations are kept up to date in one array, cell by cell. What is returned is a copy, the
    caller's to keep, as from Gymnasium's own. With ``copy=False`` it is that array (``SAME_STEP``:
    ``final_obs`` too), which is faster: the next step or reset overwrites it, and writing to it
    breaks what is seen next. All else that is returned is the caller's in either case.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: str = "grid_navigation",
        level: str = "simple",
        split: str = "train",
        params: Mapping[str, object] | None = None,
        observation: str = "symbolic",
        size: Size = 448,
        theme: str = "paper",
        insist: bool = False,
        max_moves: int | None = None,
        weights: Mapping[str, float] = WEIGHTS,
        held_out: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        """Sets n environments up; arguments beyond ``BoardEnv``'s are listed.

        Args:
            num_envs: How many, n, 1 to 2**20.
            task: As in ``BoardEnv``, like all that follow but the last two.
            level: See there.
            split: See there.
            params: See there.
            observation: See there.
            size: See there.
            theme: See there.
            insist: See there.
            max_moves: See there.
            weights: See there.
            held_out: See there.
            render_mode: See there.
            autoreset_mode: When a finished environment begins anew.
            copy: Whether observations are the caller's to keep; without, the next call overwrites
                them.

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        self.num_envs = num_envs = whole("num_envs", num_envs, 1, MOST)
        source = Source(task, level, split=split, params=table("params", params), held_out=held_out)
        self.fleet = Fleet(source, num_envs, checked_mode(autoreset_mode))
        self.metadata = {**BoardEnv.metadata, "autoreset_mode": self.fleet.mode}
        self.size = sides(size)
        self.theme = named("theme", theme, THEMES)
        self.render_mode = checked_render_mode(render_mode)
        self.copy = truth("copy", copy)
        self.boards = boards(source, num_envs, observation, self.size, theme, max_moves, weights)
        check_pictures(source, self.size, theme, insist, observation == "image", self.render_mode)
        self.single_observation_space = observation_space(self.boards, observation)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.single_action_space = spaces.Discrete(self.boards.actions)
        self.action_space = batch_space(self.single_action_space, num_envs)

        keeps = self.fleet.mode is AutoresetMode.SAME_STEP
        self._seen = np.zeros((num_envs, *self.boards.shape), np.uint8)
        self._finals = np.zeros((num_envs, *(self.boards.shape if keeps else (1, 1, 1))), np.uint8)
        self._names = self.boards.facts
        # Where autoresets led, which cursors learn at the next reset.
        self._indices = np.full(num_envs, -1, np.int64)
        self._final_facts = np.zeros((num_envs, len(self._names)), np.int64)

    def addresses(self) -> list[str]:
        """The addresses of the samples that the environments stand on."""
        return self.boards.addresses()

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begins episodes, of all environments or of those in ``options["reset_mask"]``.

        Args:
            seed: See the class.
            options: ``index`` (one number, from which environment i stands i behind, or n of
                them), ``split``, ``level``, ``reset_mask``.

        Raises:
            TaskError: A seed is out of range, or there is an unknown option, or one without such a
                value. Nothing has changed then.
        """
        mask, given = self.fleet.meant(options)
        luck = Luck(self)
        fresh = self.fleet.moved(seed, mask, given, luck, self._indices)
        seats = np.flatnonzero(mask).tolist()
        self.boards.place(
            seats, [cursor.plain for cursor in fresh], [cursor.stride for cursor in fresh]
        )
        super().reset(seed=None if self.fleet.each(seed, "seed") else checked_seed(seed))
        luck.keep()
        facts = np.zeros((self.num_envs, len(self._names)), np.int64)
        self.boards.reset(mask, self._seen, facts)
        self._indices[mask] = facts[mask, 0]
        self.fleet.open(mask, fresh)
        infos: dict[str, Any] = {}
        addresses = self.boards.addresses()
        self.fleet.put_facts(infos, mask, [addresses[seat] for seat in seats])
        put(infos, "distance", facts[mask, 1], mask)
        put(infos, "left", facts[mask, 2], mask)
        return self._observations(), infos

    def step(
        self, actions: ArrayLike
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64], Bools, Bools, dict[str, Any]]:
        """Takes n actions.

        Args:
            actions: One a board, integers of any dtype (n,), as ``BoardEnv`` has them; also where
                an action is ignored.

        Returns:
            Observations, rewards float64 (n,), terminations and truncations bool (n,), infos.

        Raises:
            ResetNeeded: An episode is over and the autoreset mode leaves that to the caller.
            TaskError: There are not n actions, or one is no integer, or there is no such. Nothing
                has changed then.
        """
        count, mode = self.num_envs, self.fleet.mode
        acting = self.fleet.acting()
        moves = _integers(actions, count)
        rewards, facts = np.empty(count), np.empty_like(self._final_facts)
        terminated, truncated = np.empty(count, np.bool_), np.empty(count, np.bool_)
        self.boards.step(
            moves,
            mode.value,
            self._seen,
            self._finals,
            rewards,
            terminated,
            truncated,
            facts,
            self._final_facts,
        )
        self._indices = facts[:, 0].copy()
        over = terminated | truncated
        infos: dict[str, Any] = {}
        if mode is not AutoresetMode.SAME_STEP:
            self.fleet.over = over
        elif over.any():
            acting = ~over
            self._put_finals(infos, over)
        _put_state(infos, facts, np.ones(count, np.bool_))
        self._put_move(infos, facts, acting)
        return self._observations(), rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture (``rgb_array``) or the board as text (``ansi``) each; None without a mode."""
        if self.render_mode is None or not self.fleet.begun:
            return None
        mode, size, theme = self.render_mode, self.size, self.theme
        return tuple(frame(self.boards, i, mode, size, theme) for i in range(self.num_envs))

    def _observations(self) -> NDArray[np.uint8]:
        seen = shown(self._seen)
        return seen.copy() if self.copy else seen

    def _put_finals(self, infos: dict[str, Any], over: Bools) -> None:
        kept = shown(self._finals)
        finals = [kept[i].copy() if self.copy else kept[i] for i in np.flatnonzero(over)]
        put(infos, "final_obs", finals, over)
        final: dict[str, Any] = {}
        facts = np.where(over[:, None], self._final_facts, 0)
        _put_state(final, facts, over)
        self._put_move(final, facts, over)
        infos |= {"final_info": final, "_final_info": over.copy()}

    def _put_move(self, infos: dict[str, Any], facts: NDArray[np.int64], mask: Bools) -> None:
        """Columns of what actions did; those who did not act are outside the mask."""
        if not mask.any():
            return
        refused = facts[:, REFUSALS:].astype(np.bool_)
        for column, name in enumerate(self._names[REFUSALS:]):
            infos[name], infos[f"_{name}"] = refused[:, column], mask.copy()
        infos["success"], infos["_success"] = (facts[:, 1] == 0) & mask, mask.copy()


def _integers(actions: ArrayLike, count: int) -> NDArray[np.int64]:
    """Actions as the core takes them.

    Raises:
        TaskError: They are not integers (n,).
    """
    # NumPy would take a truth among integers for one.
    if isinstance(actions, list | tuple) and not all(type(action) is int for action in actions):
        actions = [integer("action", action) for action in actions]
    found = np.asarray(actions)
    if found.shape != (count,):
        raise TaskError(f"actions are {quoted(actions)} of shape {found.shape}; give ({count},)")
    if found.dtype.kind not in "iu":
        raise TaskError(f"actions are {quoted(actions)} of dtype {found.dtype}; give integers")
    if found.dtype == np.uint64:  # what is too large for int64 would become negative
        integer("action", found.max())
    return np.ascontiguousarray(found, np.int64)


def _put_state(infos: dict[str, Any], facts: NDArray[np.int64], mask: Bools) -> None:
    """Columns of how far walks are; ``facts`` is 0 outside the mask."""
    infos["index"], infos["_index"] = facts[:, 0], mask
    infos["distance"], infos["_distance"] = facts[:, 1], mask.copy()
    infos["left"], infos["_left"] = facts[:, 2], mask.copy()
