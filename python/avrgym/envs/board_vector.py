"""Many board environments as one: a step is one call into the core, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import ArrayLike, NDArray

from avrgym._core import TaskError
from avrgym.core.address import name_of
from avrgym.core.arguments import integer, named, quoted, truth, whole
from avrgym.core.pictures import THEMES, Size, sides
from avrgym.envs.board import (
    REFUSALS,
    WEIGHTS,
    BoardEnv,
    boards,
    check_pictures,
    checked_render_mode,
    frame,
    masks,
    observation_space,
    planes,
    shown,
)
from avrgym.envs.cursor import Luck, checked_seed, sources
from avrgym.envs.fleet import MOST, Bools, Fleet, checked_mode
from avrgym.envs.infos import put


class BoardVectorEnv(VectorEnv[NDArray[Any], ArrayLike, NDArray[Any]]):
    """n board environments; see :class:`avrgym.envs.board.BoardEnv`.

    Observation:
        uint8, shape (n, rows, columns) or (n, height, width, 3), or float32 of planes.

    Seeds:
        ``reset(seed=s)`` begins dataset ``s``: environment i takes its indices i, i + n, i + 2n …
        ``reset(seed=[s0, s1, …])`` gives each a dataset of its own, as single environments have.

    Autoreset:
        All three modes, in the core. ``NEXT_STEP``: the step after the last ignores its action.
        ``SAME_STEP``: what was seen last is in ``final_obs``, what was known in ``final_info``.
        ``DISABLED``: the caller resets, all or by ``options={"reset_mask": bool (n,)}``.

    Info:
        Columns as Gymnasium batches them, the same after resets and steps.

    Observations are kept up to date in one array, cell by cell. What is returned is a copy, the
    caller's to keep, as from Gymnasium's own. With ``copy=False`` it is that array (``SAME_STEP``:
    ``final_obs`` too), which is faster: the next step or reset overwrites it, and writing to it
    breaks what is seen next. All else that is returned, planes among it, is the caller's in either
    case.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: str = "grid_navigation",
        level: str = "simple",
        levels: Sequence[str] | None = None,
        split: str = "train",
        params: Mapping[str, object] | None = None,
        observation: str = "symbolic",
        window: int | tuple[int, int] | None = None,
        size: Size = 448,
        theme: str = "paper",
        insist: bool = False,
        max_moves: int | None = None,
        weights: Mapping[str, float] = WEIGHTS,
        held_out: int | None = None,
        words: bool = True,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        """Sets n environments up; arguments beyond ``BoardEnv``'s are listed.

        Args:
            num_envs: How many, n, 1 to 2**20.
            task: As in ``BoardEnv``, like all that follow but the last three.
            level: See there.
            levels: See there.
            split: See there.
            params: See there.
            observation: See there.
            window: See there.
            size: See there.
            theme: See there.
            insist: See there.
            max_moves: See there.
            weights: See there.
            held_out: See there.
            words: See there.
            render_mode: See there.
            max_episode_steps: Actions after which an episode is truncated at the latest, whatever
                ``max_moves``, as ``gymnasium.make`` has it.
            autoreset_mode: When a finished environment begins anew.
            copy: Whether observations are the caller's to keep; without, the next call overwrites
                them.

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        self.num_envs = num_envs = whole("num_envs", num_envs, 1, MOST)
        homes = sources(task, level, levels, split, params, held_out)
        self.fleet = Fleet(homes, num_envs, checked_mode(autoreset_mode))
        self.autoreset_mode = self.fleet.mode
        self.metadata = {**BoardEnv.metadata, "autoreset_mode": self.fleet.mode}
        self.size = sides(size)
        self.theme = named("theme", theme, THEMES)
        self.render_mode = checked_render_mode(render_mode)
        self.copy = truth("copy", copy)
        self.boards = boards(
            homes, num_envs, observation, self.size, theme, max_moves, weights, max_episode_steps
        )
        check_pictures(homes, self.size, theme, insist, observation == "image", self.render_mode)
        self.planes = planes(self.boards, observation, window)
        self.single_observation_space = observation_space(self.boards, self.planes)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.single_action_space = spaces.Discrete(self.boards.actions)
        self.action_space = batch_space(self.single_action_space, num_envs)

        keeps = self.fleet.mode is AutoresetMode.SAME_STEP
        self._seen = np.zeros((num_envs, *self.boards.shape), np.uint8)
        self._finals = np.zeros((num_envs, *(self.boards.shape if keeps else (1, 1, 1))), np.uint8)
        self._names = self.boards.facts
        # Where autoresets led, which cursors learn at the next reset.
        self._indices = np.full(num_envs, -1, np.int64)
        self._facts = np.zeros((num_envs, len(self._names)), np.int64)
        self._final_facts = np.zeros_like(self._facts)
        #: What infos say of the samples in words, a column each.
        named_in_words = ("task", "level", "split", "address") if truth("words", words) else ()
        self._words: dict[str, NDArray[np.object_]] = {
            name: np.full(num_envs, None, object) for name in named_in_words
        }

    def addresses(self) -> list[str]:
        """The addresses of the samples that the environments stand on."""
        return self.boards.addresses()

    def action_mask(self) -> NDArray[np.int8]:
        """``info["action_mask"]``, int8 (n, actions)."""
        return masks(self._facts, self.boards.actions)

    def action_masks(self) -> NDArray[np.bool_]:
        """The same as bool (n, actions)."""
        return self.action_mask().astype(np.bool_)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Begins episodes, of all environments or of those in ``options["reset_mask"]``.

        Args:
            seed: See the class.
            options: ``index`` (one number, from which environment i stands i behind, or n of
                them), ``split``, ``level``; or ``address`` (one, from whose index environment i
                stands i behind, or n); and ``reset_mask``.

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
        self.boards.reset(mask, self._seen, self._facts)
        self._indices[mask] = self._facts[mask, 0]
        self.fleet.open(mask, fresh)
        self._begun(seats)
        return self._observations(), self._columns(self._facts, mask)

    def step(
        self, actions: ArrayLike
    ) -> tuple[NDArray[Any], NDArray[np.float64], Bools, Bools, dict[str, Any]]:
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
        rewards = np.empty(count)
        terminated, truncated = np.empty(count, np.bool_), np.empty(count, np.bool_)
        self.boards.step(
            moves,
            mode.value,
            self._seen,
            self._finals,
            rewards,
            terminated,
            truncated,
            self._facts,
            self._final_facts,
        )
        self._indices = self._facts[:, 0].copy()
        over = terminated | truncated
        infos: dict[str, Any] = {}
        if mode is AutoresetMode.SAME_STEP:
            if over.any():
                self._put_finals(infos, over)
                self._begun(np.flatnonzero(over).tolist())
        else:
            self.fleet.over = over
            self._begun(np.flatnonzero(~acting).tolist())
        infos |= self._columns(self._facts, np.ones(count, np.bool_))
        return self._observations(), rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture (``rgb_array``) or the board as text (``ansi``) each; None without a mode."""
        if self.render_mode is None or not self.fleet.begun:
            return None
        mode, size, theme = self.render_mode, self.size, self.theme
        return tuple(frame(self.boards, i, mode, size, theme) for i in range(self.num_envs))

    def _observations(self) -> NDArray[Any]:
        seen = shown(self._seen, self.planes)
        return seen.copy() if self.copy and self.planes is None else seen

    def _begun(self, seats: list[int]) -> None:
        """Takes note of the samples that boards have gone to, and tells them the next."""
        if not seats:
            return
        cursors = self.fleet.cursors
        addresses = self.boards.addresses(seats) if self._words else []
        for seat, address in zip(seats, addresses, strict=bool(addresses)):
            source = cursors[seat].source
            said = source.task, name_of(address).partition("/")[2], source.split, address
            for column, word in zip(self._words.values(), said, strict=True):
                column[seat] = word
        drawing = [seat for seat in seats if cursors[seat].drawing]
        if drawing:  # of what level the next sample is the core does not know
            ahead = [cursors[seat].fork() for seat in drawing]
            for seat, cursor in zip(drawing, ahead, strict=True):
                cursor.index = int(self._indices[seat])
                cursor.advance()
            places, strides = zip(*((one.plain, one.stride) for one in ahead), strict=True)
            self.boards.place(drawing, places, strides)

    def _put_finals(self, infos: dict[str, Any], over: Bools) -> None:
        if self.copy or self.planes is not None:
            seen = list(shown(self._finals[over], self.planes))
        else:
            kept = shown(self._finals, None)
            seen = [kept[i] for i in np.flatnonzero(over)]
        put(infos, "final_obs", seen, over)
        infos["final_info"] = self._columns(self._final_facts, over)
        infos["_final_info"] = over.copy()

    def _columns(self, facts: NDArray[np.int64], mask: Bools) -> dict[str, Any]:
        """What infos say of the boards of the mask; as Gymnasium has it, 0 or None of the rest."""
        facts = np.where(mask[:, None], facts, 0)
        found: dict[str, Any] = {
            name: np.where(mask, column, np.array(None)) for name, column in self._words.items()
        }
        for at, name in enumerate(self._names[: REFUSALS.start]):
            found[name] = facts[:, at].copy()
        for name, column in zip(self._names[REFUSALS], facts[:, REFUSALS].T, strict=True):
            found[name] = column.astype(np.bool_)
        for name in ("success", "is_success"):
            found[name] = (facts[:, 1] == 0) & mask
        found["action_mask"] = masks(facts, self.boards.actions)
        return found | {f"_{name}": mask.copy() for name in found}


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
