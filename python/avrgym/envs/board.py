"""The board environment: a grid walked or a table read action by action, in symbols or pictures."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from avrgym import _core
from avrgym.core.address import setting_of
from avrgym.core.arguments import integer, named, number, table, truth, whole
from avrgym.core.pictures import THEMES, Size, check_legible, sides
from avrgym.core.samples import Source
from avrgym.core.samples import levels as levels_of
from avrgym.envs.cursor import Cursor, Luck, checked_options, checked_seed, sources
from avrgym.envs.planes import Planes, checked_window

#: What a board environment may show.
OBSERVATIONS: tuple[str, ...] = ("symbolic", "image", "onehot")

#: The first actions by number, on every board.
MOVES: tuple[str, ...] = ("up", "down", "left", "right")

#: On tables, the action that says 0; those after it say 1 to 9.
ZERO: int = len(MOVES)

#: What a turn is worth: times the gain in closeness, for success, for an object collected or a
#: cell read, for an action refused (a misreading among them), for each step. The gains of a walk
#: add up to its last closeness less its first, and closeness is 1 on success, so that every walk
#: that succeeds earns the same for progress, however it went.
WEIGHTS: Mapping[str, float] = {
    "progress": 1.0,
    "success": 1.0,
    "collected": 0.0,
    "refused": 0.0,
    "step": 0.0,
}


#: Where the names of refusals are among those of facts.
REFUSALS: slice = slice(3, 5)

#: Where the actions that may be right are among the facts, one bit each.
ALLOWED: int = 5

#: What ``render`` may return: a picture, or text.
RENDER_MODES: tuple[str, ...] = ("rgb_array", "ansi")


class BoardEnv(gym.Env[NDArray[Any], np.int64]):
    """A walker on a grid, or a cursor on a table.

    On a grid (``grid_navigation``) success is to stand on the destination with every object
    collected. On a table (``table_readout``, ``consecutive_table_readout``) the cursor begins on
    the path's first cell, and success is to have said the digit of every cell of the path, in
    order, each with the cursor on it.

    Observation ``symbolic``:
        uint8, shape (rows, columns), the level's largest board: 0 off the board, and 128 more
        under the walker or the cursor. A grid: 1 blank, 2 the start, 3 the destination, 4 + s
        symbol s (31 objects, then 5 obstacles); what is collected is gone. A table: 1 + digit +
        10 * ground; grounds are 0 plain, 1 path, 2 the path's start, 3 its end, 4 read.

    Observation ``image``:
        uint8, shape (height, width, 3), RGB, 0 to 255; it tells what the symbols tell.

    Observation ``onehot``:
        float32, shape (planes, rows, columns), 0 or 1; the symbols as planes that convolutions
        take. The shape is that of the task's largest level, so that one network plays all. A grid:
        39 planes, one for each symbol from 1 on, then the walker's. A table: a plane for each
        digit, one for each ground, then the cursor's. Nothing is 1 off the board. With
        ``window=(a, b)`` what is seen is (planes - 1, 2a + 1, 2b + 1), the cells around the walker
        or the cursor, which is in the middle and has no plane.

    Action:
        0 up, 1 down, 2 left, 3 right. A move off the board or into an obstacle changes nothing. An
        integer of Python or of any NumPy dtype; neither a float nor a truth.
        On tables also 4 + d: the digit d stands under the cursor. On the cell that is due, the
        first not read yet, the right digit reads it. Anything else is a misreading, which ends the
        episode without success: if it cost nothing, ten guesses a cell would read every table
        unseen, and success would not mean that anything was read.

    Reward:
        What happened by ``weights``; unless told otherwise the gain in closeness, and 1 for
        success. Closeness is 1 - d / m; d: actions of the shortest way on, ``info["distance"]``;
        m: the most that d can be on the board, from the farthest cell with everything to collect or
        to read. It is 1 on success, and always 0 where there is no way.

    Episode:
        Terminates with success and with a misreading, is truncated after ``max_moves``. Seeds and
        options are as in :class:`avrgym.envs.reply.ReplyEnv`; a ``level`` must fit the
        observation's shape.

    Info:
        The same keys after resets and steps: ``task``, ``level``, ``split``, ``index``, ``address``
        of the sample; ``distance`` (actions of the shortest way on, -1 for none), ``left`` (objects
        to collect or cells to read yet); ``hit`` (grids: refused, an obstacle) or ``misread``
        (tables), ``edge`` (refused: the board ends); ``success``, and the same as ``is_success``;
        ``action_mask``, int8 (actions,), 1 for what may be right next by what the board shows:
        moves that are not refused, and every digit where a cell of the path that is not read yet
        is under the cursor. Which digit, and whether the cell is due, the mask does not tell. It is
        1 for all actions where it would be 0 for all.

    What is returned is the caller's to keep. A call that is refused changes nothing. Environments
    can be copied (``copy.deepcopy``) and pickled in the midst of an episode, and go on alike; a
    pickle is for the build that made it, and refused by one that makes other problems.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's own declaration)
        "render_modes": list(RENDER_MODES),
        "render_fps": 4,
    }

    def __init__(
        self,
        task: str = "grid_navigation",
        level: str = "simple",
        *,
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
    ) -> None:
        """Sets the environment up; nothing is generated before the first reset.

        Args:
            task: A task with boards, one of ``avrgym.envs.BOARD_TASKS``.
            level: One of ``avrgym.levels(task)``.
            levels: Several instead of one: each episode draws its own, all equally often, by
                dataset and index alone.
            split: ``train``, ``val`` or ``test``.
            params: Overrides of the level's parameters.
            observation: ``symbolic``, ``image`` or ``onehot``.
            window: With ``onehot``, the cells to each side of the walker or the cursor that are
                shown, a number or (up and down, left and right); the whole board if not given.
            size: Of pictures, observed or rendered: pixels to a side, or (height, width).
            theme: Of pictures: ``paper``, ``varied`` or ``compact``.
            insist: Whether to draw pictures too small to be read; see ``avrgym.legible_size``.
            max_moves: Actions after which to truncate; if not given two a cell on a grid, on a
                table twice the longest way that there can be.
            weights: What a turn is worth, by name; those of ``WEIGHTS`` that are left out count 0.
            held_out: One content in so many is kept for evaluation, as in ``avrgym.Source``.
            words: Whether infos have ``task``, ``level``, ``split`` and ``address``. Libraries that
                make tensors of infos take numbers alone.
            render_mode: ``rgb_array`` (the picture) or ``ansi`` (text: ``W`` for the walker,
                brackets for the cursor).

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        homes = sources(task, level, levels, split, params, held_out)
        self.cursor = Cursor(homes)
        self.size = sides(size)
        self.theme = named("theme", theme, THEMES)
        self.words = truth("words", words)
        self.render_mode = checked_render_mode(render_mode)
        self.boards = boards(homes, 1, observation, self.size, theme, max_moves, weights)
        check_pictures(homes, self.size, theme, insist, observation == "image", self.render_mode)
        self.planes = planes(self.boards, observation, window)
        self.observation_space = observation_space(self.boards, self.planes)
        self.action_space = spaces.Discrete(self.boards.actions)
        self._names = self.boards.facts
        self._facts = np.zeros((2, 1, len(self._names)), np.int64)
        self._seen = np.zeros((1, *self.boards.shape), np.uint8)
        self._unused = np.zeros((1, 1, 1, 1), np.uint8)
        self._over = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Begins an episode.

        Args:
            seed: Which dataset, from its first sample.
            options: ``index``, ``split``, ``level``; or ``address``, of any sample of the task.

        Raises:
            TaskError: The seed is out of range, or there is an unknown option, or one without such
                a value. Nothing has changed then.
        """
        given, seed = checked_options(options), checked_seed(seed)
        luck = Luck(self)
        cursor = self.cursor.moved(seed, given, luck)
        self.boards.place([0], [cursor.plain], [cursor.stride])
        super().reset(seed=seed)
        luck.keep()
        self.cursor = cursor
        self.boards.reset(np.ones(1, np.bool_), self._seen, self._facts[0])
        self._address = self.boards.addresses()[0]
        self._over = False
        return self._observation(), self._info()

    def step(
        self, action: np.integer[Any] | int
    ) -> tuple[NDArray[Any], float, bool, bool, dict[str, Any]]:
        """Takes an action.

        Raises:
            ResetNeeded: There is no episode.
            TaskError: There is no such action, or it is no integer. Nothing has changed then.
        """
        if self._over:
            raise gym.error.ResetNeeded("the episode is over; call reset() before step()")
        actions = np.array([integer("action", action)], np.int64)
        reward, ends = np.zeros(1), np.zeros((2, 1), np.bool_)
        self.boards.step(actions, "Disabled", self._seen, self._unused, reward, *ends, *self._facts)
        terminated, truncated = ends[:, 0].tolist()
        self._over = terminated or truncated
        return self._observation(), float(reward[0]), terminated, truncated, self._info()

    def action_mask(self) -> NDArray[np.int8]:
        """``info["action_mask"]``, as ``action_space.sample`` takes it: int8 (actions,)."""
        mask: NDArray[np.int8] = masks(self._facts[0], self.boards.actions)[0]
        return mask

    def action_masks(self) -> NDArray[np.bool_]:
        """The same as sb3-contrib asks for it: bool (actions,)."""
        return self.action_mask().astype(np.bool_)

    def _info(self) -> dict[str, Any]:
        told: list[int] = self._facts[0, 0].tolist()
        index, distance, left = told[: REFUSALS.start]
        refusals = zip(self._names[REFUSALS], map(bool, told[REFUSALS]), strict=True)
        info = self.cursor.facts(self._address) if self.words else {"index": index}
        info |= {"distance": distance, "left": left, **dict(refusals)}
        info |= {"success": distance == 0, "is_success": distance == 0}
        return info | {"action_mask": self.action_mask()}

    def _observation(self) -> NDArray[Any]:
        seen: NDArray[Any] = shown(self._seen, self.planes)[0]
        return seen if self.planes else seen.copy()

    def render(self) -> NDArray[np.uint8] | str | None:
        """The picture (``rgb_array``) or the board as text (``ansi``); None without a mode."""
        if self.render_mode is None or self.cursor.index < 0:
            return None
        return frame(self.boards, 0, self.render_mode, self.size, self.theme)


def boards(
    homes: Sequence[Source],
    count: int,
    observation: str,
    size: tuple[int, int],
    theme: str,
    max_moves: int | None,
    weights: Mapping[str, float],
    max_episode_steps: int | None = None,
) -> _core.Boards:
    """Boards of the sources' levels.

    Raises:
        TaskError: A level has no boards, or there is no such observation or weight.
    """
    source = homes[0]
    seen = named("observation", observation, OBSERVATIONS)
    limit = None if max_moves is None else whole("max_moves", max_moves, 1, 2**32 - 1)
    cap = max_episode_steps
    if cap is not None:
        cap = whole("max_episode_steps", max_episode_steps, 1, 2**32 - 1)
    given = table("weights", weights)
    for name in given:
        named("weight", name, WEIGHTS)
    worth = [number(f'weight "{name}"', given.get(name, 0.0)) for name in WEIGHTS]
    setting, picture = setting_of(source.head), (*size, theme)
    _core.Boards(setting, 1, worth, None, picture)  # rendering needs a size where symbols are seen
    shown = picture if seen == "image" else None
    settings = [setting_of(each.head) for each in homes]
    if seen == "onehot":
        settings += [f"{source.task}/{level}" for level in levels_of(source.task)]
    sizes = [_largest(each) for each in settings]
    room = max(rows for rows, _ in sizes), max(columns for _, columns in sizes)
    return _core.Boards(setting, count, worth, limit, shown, source.held_out, cap, room)


@lru_cache
def _largest(setting: str) -> tuple[int, int]:
    """Rows and columns of a setting's largest board."""
    return _core.Boards(setting, 1, [0.0] * len(WEIGHTS)).shape[:2]


def checked_render_mode(mode: object) -> str | None:
    """A render mode of every environment here.

    Raises:
        TaskError: There is no such.
    """
    return None if mode is None else named("render_mode", mode, RENDER_MODES)


def check_pictures(
    homes: Sequence[Source],
    size: tuple[int, int],
    theme: str,
    insist: object,
    shown: bool,
    render_mode: str | None,
) -> None:
    """Complains of pictures too small to be read, where any are observed or rendered.

    Raises:
        TaskError: There are such, and nobody insists; or ``insist`` is no truth value.
    """
    if not truth("insist", insist) and (shown or render_mode == "rgb_array"):
        check_legible([source.head for source in homes], size, theme)


def planes(made: _core.Boards, observation: str, window: object) -> Planes | None:
    """How symbols become planes, if they are observed so.

    Raises:
        TaskError: The window is out of range, or there is none in such an observation.
    """
    sides = checked_window(window, observation)
    if observation != "onehot":
        return None
    return Planes(made.actions > ZERO, made.shape[0], made.shape[1], sides)


def observation_space(made: _core.Boards, seen: Planes | None) -> spaces.Space[Any]:
    """What one board shows."""
    if seen is not None:
        return spaces.Box(0.0, 1.0, seen.shape, np.float32)
    shape = made.shape if made.shape[2] == 3 else made.shape[:2]
    return spaces.Box(0, 255, shape, np.uint8)


def shown(seen: NDArray[np.uint8], seen_as: Planes | None) -> NDArray[Any]:
    """Observations as the space has them: symbols without the axis of one byte, or as planes."""
    if seen.shape[-1] == 3:
        return seen
    return seen[..., 0] if seen_as is None else seen_as(seen[..., 0])


def masks(facts: NDArray[np.int64], actions: int) -> NDArray[np.int8]:
    """The actions that may be right, int8 (n, actions), from the facts of n boards."""
    bits = facts[:, ALLOWED, None] >> np.arange(actions) & 1
    return bits.astype(np.int8)


def frame(
    made: _core.Boards, seat: int, mode: str, size: tuple[int, int], theme: str
) -> NDArray[np.uint8] | str:
    """A board as a render mode shows it."""
    if mode == "ansi":
        return made.text(seat)
    picture = np.empty((*size, 3), np.uint8)
    made.draw(seat, picture, theme)
    return picture
