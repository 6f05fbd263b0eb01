"""The board environment: a grid walked or a table read action by action, in symbols or pictures."""

from collections.abc import Mapping
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
from avrgym.envs.cursor import Cursor, Luck, checked_options, checked_seed

#: What a board environment may show.
OBSERVATIONS: tuple[str, ...] = ("symbolic", "image")

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


#: Where the names of refusals begin among those of facts.
REFUSALS: int = 3

#: What ``render`` may return: a picture, or text.
RENDER_MODES: tuple[str, ...] = ("rgb_array", "ansi")


class BoardEnv(gym.Env[NDArray[np.uint8], np.int64]):
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
        ``index``, ``distance`` (actions of the shortest way on, -1 for none), ``left`` (objects to
        collect or cells to read yet); after a reset also ``task``, ``level``, ``split``,
        ``address``; after a step ``hit`` (grids: refused, an obstacle) or ``misread`` (tables),
        ``edge`` (refused: the board ends) and ``success``.

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
    ) -> None:
        """Sets the environment up; nothing is generated before the first reset.

        Args:
            task: A task with boards, one of ``avrgym.envs.BOARD_TASKS``.
            level: One of ``avrgym.levels(task)``.
            split: ``train``, ``val`` or ``test``.
            params: Overrides of the level's parameters.
            observation: ``symbolic`` or ``image``.
            size: Of pictures, observed or rendered: pixels to a side, or (height, width).
            theme: Of pictures: ``paper``, ``varied`` or ``compact``.
            insist: Whether to draw pictures too small to be read; see ``avrgym.legible_size``.
            max_moves: Actions after which to truncate; if not given two a cell on a grid, on a
                table twice the longest way that there can be.
            weights: What a turn is worth, by name; those of ``WEIGHTS`` that are left out count 0.
            held_out: One content in so many is kept for evaluation, as in ``avrgym.Source``.
            render_mode: ``rgb_array`` (the picture) or ``ansi`` (text: ``W`` for the walker,
                brackets for the cursor).

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        source = Source(task, level, split=split, params=table("params", params), held_out=held_out)
        self.cursor = Cursor(source)
        self.size = sides(size)
        self.theme = named("theme", theme, THEMES)
        self.render_mode = checked_render_mode(render_mode)
        self.boards = boards(source, 1, observation, self.size, theme, max_moves, weights)
        check_pictures(source, self.size, theme, insist, observation == "image", self.render_mode)
        self.observation_space = observation_space(self.boards, observation)
        self.action_space = spaces.Discrete(self.boards.actions)
        self._names = self.boards.facts
        self._seen = np.zeros((1, *self.boards.shape), np.uint8)
        self._unused = np.zeros((1, 1, 1, 1), np.uint8)
        self._over = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begins an episode.

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
        facts = np.zeros((1, len(self._names)), np.int64)
        self.boards.reset(np.ones(1, np.bool_), self._seen, facts)
        self._over = False
        info = {"distance": int(facts[0, 1]), "left": int(facts[0, 2])}
        return self._observation(), cursor.facts(self.boards.addresses()[0]) | info

    def step(
        self, action: np.integer[Any] | int
    ) -> tuple[NDArray[np.uint8], float, bool, bool, dict[str, Any]]:
        """Takes an action.

        Raises:
            ResetNeeded: There is no episode.
            TaskError: There is no such action, or it is no integer. Nothing has changed then.
        """
        if self._over:
            raise gym.error.ResetNeeded("the episode is over; call reset() before step()")
        actions = np.array([integer("action", action)], np.int64)
        reward, ends = np.zeros(1), np.zeros((2, 1), np.bool_)
        facts = np.zeros((2, 1, len(self._names)), np.int64)
        self.boards.step(actions, "Disabled", self._seen, self._unused, reward, *ends, *facts)
        terminated, truncated = ends[:, 0].tolist()
        self._over = terminated or truncated
        told: list[int] = facts[0, 0].tolist()
        info: dict[str, Any] = dict(zip(self._names, told, strict=True))
        info |= {name: bool(info[name]) for name in self._names[REFUSALS:]}
        info["success"] = info["distance"] == 0
        return self._observation(), float(reward[0]), terminated, truncated, info

    def _observation(self) -> NDArray[np.uint8]:
        seen: NDArray[np.uint8] = shown(self._seen)[0].copy()
        return seen

    def render(self) -> NDArray[np.uint8] | str | None:
        """The picture (``rgb_array``) or the board as text (``ansi``); None without a mode."""
        if self.render_mode is None or self.cursor.index < 0:
            return None
        return frame(self.boards, 0, self.render_mode, self.size, self.theme)


def boards(
    source: Source,
    count: int,
    observation: str,
    size: tuple[int, int],
    theme: str,
    max_moves: int | None,
    weights: Mapping[str, float],
) -> _core.Boards:
    """Boards of a source's level.

    Raises:
        TaskError: The level has no boards, or there is no such observation or weight.
    """
    seen = named("observation", observation, OBSERVATIONS)
    limit = None if max_moves is None else whole("max_moves", max_moves, 1, 2**32 - 1)
    given = table("weights", weights)
    for name in given:
        named("weight", name, WEIGHTS)
    worth = [number(f'weight "{name}"', given.get(name, 0.0)) for name in WEIGHTS]
    setting, picture = setting_of(source.head), (*size, theme)
    _core.Boards(setting, 1, worth, None, picture)  # rendering needs a size where symbols are seen
    shown = picture if seen == "image" else None
    return _core.Boards(setting, count, worth, limit, shown, source.held_out)


def checked_render_mode(mode: object) -> str | None:
    """A render mode of every environment here.

    Raises:
        TaskError: There is no such.
    """
    return None if mode is None else named("render_mode", mode, RENDER_MODES)


def check_pictures(
    source: Source,
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
        check_legible([source.head], size, theme)


def observation_space(made: _core.Boards, observation: str) -> spaces.Space[Any]:
    """What one board shows."""
    shape = made.shape if observation == "image" else made.shape[:2]
    return spaces.Box(0, 255, shape, np.uint8)


def shown(seen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Observations as the space has them: symbols without the axis of one byte."""
    return seen if seen.shape[-1] == 3 else seen[..., 0]


def frame(
    made: _core.Boards, seat: int, mode: str, size: tuple[int, int], theme: str
) -> NDArray[np.uint8] | str:
    """A board as a render mode shows it."""
    if mode == "ansi":
        return made.text(seat)
    picture = np.empty((*size, 3), np.uint8)
    made.draw(seat, picture, theme)
    return picture
