"""Environments for OpenEnv: boards acted on, and problems answered, each with a picture if asked.

``app("board", task="table_readout")`` is a server; its sessions are apart from each other, and its
tasks are samples by split and index. ``BoardEnvironment`` and ``ReplyEnvironment`` are what it
serves, for use without one.
"""

from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from avrgym import _core
from avrgym._core import TaskError
from avrgym.adapters.walk import MOVES, Walk, given
from avrgym.core.address import setting_of
from avrgym.core.arguments import named, whole
from avrgym.core.pictures import Picture
from avrgym.core.samples import SPLITS, Source, samples
from avrgym.core.verdicts import verify
from avrgym.prompts.format import Format
from avrgym.prompts.messages import openai
from avrgym.rewards import score, weights

try:
    from openenv.core.env_server import create_fastapi_app
    from openenv.core.env_server.interfaces import Environment
    from openenv.core.env_server.types import Action, EnvironmentMetadata, Observation, State
except ImportError as missing:
    raise TaskError(f"openenv is not installed ({missing}); pip install openenv") from None

#: Says that there is no way, which ends a walk.
NO_PATH = "no path"

_WALK = (
    "Walk from the sky blue cell (as text: S) to the dark green one (D) and collect every object; "
    "you are the disc (W). Dots, crosses, squares, triangles and pluses are obstacles. Act with "
    'one of up, down, left, right; if there is no way, with "no path".'
)
_READ = (
    "Read the marked path (*) from its green cell (S) to its orange one (E): act with the digit "
    "under the cursor, a frame (brackets), and take the cursor one cell on with one of up, down, "
    "left, right. A wrong digit ends it."
)


class Asked(State):
    """Where an environment stands.

    Attributes:
        address: Of the sample; empty before the first reset.
    """

    address: str = ""


class BoardAction(Action):
    """One action on a board: a direction, on tables also a digit, on grids also ``no path``."""

    action: str


class BoardObservation(Observation):
    """A board.

    Attributes:
        prompt: What is to be done; empty behind the first.
        board: The board in words, in format ``text``.
        picture: The board as a data URI, in format ``image``.
        refused: Why the action changed nothing or ended it: ``hit``, ``edge``, ``misread``.
    """

    prompt: str = ""
    board: str = ""
    picture: str = ""
    refused: str = ""


class ReplyAction(Action):
    """A whole reply."""

    reply: str


class ReplyObservation(Observation):
    """A problem.

    Attributes:
        messages: The user's turn as OpenAI's chat API has it; none behind the reply.
    """

    messages: list[dict[str, Any]] = []  # noqa: RUF012 (pydantic copies it)


class Tasks:
    """Samples of a level by split and index, in the order that resets without one go through.

    OpenEnv's ``TaskProvider``. It looks for these methods on an environment, which has them of its
    tasks.
    """

    def __init__(
        self, task: str, level: str, split: str, seed: int, params: Mapping[str, Any], size: int
    ) -> None:
        self._source = Source(task, level, named("split", split, SPLITS), seed, params)
        self._size, self._next = whole("size", size, 1, 2**63 - 1), 0

    @property
    def task(self) -> str:
        """Which task they are of."""
        return self._source.task

    def list_splits(self) -> list[str]:
        """The splits, the one of resets without one first."""
        own = self._source.split
        return [own, *(split for split in SPLITS if split != own)]

    def num_tasks(self, split: str) -> int:
        """How many samples are told of; there are more."""
        named("split", split, SPLITS)
        return self._size

    def get_task(self, split: str, index: int) -> dict[str, Any]:
        """A sample's address.

        Raises:
            IndexError: It is beyond those that are told of.
        """
        return {"id": self._of(split).address(range(self._size)[index]), "index": index}

    def list_tasks(self, split: str) -> list[dict[str, Any]]:
        """The first hundred; ``get_task_range`` gives others."""
        return self.get_task_range(split, 0, 100)

    def get_task_range(
        self, split: str, start: int | None = None, stop: int | None = None
    ) -> list[dict[str, Any]]:
        """Samples' addresses, by a slice."""
        return [self.get_task(split, index) for index in range(self._size)[start:stop]]

    def chosen(
        self, seed: int | None, split: str | None, index: int | None, address: str | None
    ) -> str:
        """The address a reset begins at: as it is given, of a split and index, or the next.

        Raises:
            TaskError: There is no such sample.
        """
        if address is not None:
            [sample] = samples([address])
            return sample.address
        if seed is not None:
            self._source, self._next = self._of(self._source.split, seed), 0
        source = self._source if split is None else self._of(split)
        if index is not None:
            return source.address(index)
        self._next += 1
        return source.address(self._next - 1)

    def _of(self, split: str, seed: int | None = None) -> Source:
        own = self._source
        return Source(own.task, own.level, split, own.seed if seed is None else seed, own.params)


class BoardEnvironment(Environment):
    """A board, action by action.

    The reward of a step is what it gained of the way, 0 to 1 in all; success makes the sum 1, and
    nothing else does. Where there is no way ``no path`` earns 1.
    """

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(
        self,
        task: str = "grid_navigation",
        level: str = "simple",
        *,
        split: str = "train",
        seed: int = 0,
        params: Mapping[str, Any] | None = None,
        format: str = "image",
        picture: Picture | None = None,
        max_moves: int | None = None,
        size: int = 10_000,
    ) -> None:
        """Nothing is made before the first reset.

        Args:
            task: A task with boards, one of ``avrgym.envs.BOARD_TASKS``.
            level: One of ``avrgym.levels(task)``.
            split: ``train``, ``val`` or ``test``.
            seed: Which dataset.
            params: Overrides of the level's parameters.
            format: ``image`` or ``text``.
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            max_moves: Actions after which it ends; as ``avrgym.envs.BoardEnv`` has it if not given.
            size: How many samples a split is said to have.

        Raises:
            TaskError: One of them names nothing or is out of its range.
        """
        super().__init__()
        self._tasks = told = Tasks(task, level, split, seed, params or {}, size)
        self.list_splits, self.num_tasks = told.list_splits, told.num_tasks
        self.get_task, self.list_tasks = told.get_task, told.list_tasks
        self.get_task_range = told.get_task_range
        self._walk = Walk(picture, format, max_moves)
        self._format, self._state = format, Asked()
        self._paid, self._over = 0.0, True

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        *,
        split: str | None = None,
        index: int | None = None,
        address: str | None = None,
        **_: Any,
    ) -> BoardObservation:
        """Begins at a sample: of an address, of a split and index, or the next of the seed.

        Raises:
            TaskError: There is no such sample, or it has no board.
        """
        at = self._tasks.chosen(seed, split, index, address)
        shown = self._walk.begin(at, self._format)
        self._state = Asked(episode_id=episode_id, address=at)
        self._paid, self._over = 0.0, False
        prompt = _WALK if _grid(at) else _READ
        return self._observed(shown, prompt=prompt)

    def step(
        self, action: BoardAction, timeout_s: float | None = None, **_: Any
    ) -> BoardObservation:
        """Takes an action.

        Raises:
            TaskError: It is over, or there is no such action. Nothing has changed then.
        """
        if self._over:
            raise TaskError("the episode is over; reset before the next step")
        said = action.action.strip().lower()
        known = (*MOVES, NO_PATH) if _grid(self._state.address) else (*MOVES, *map(str, range(10)))
        number = known.index(named("action", said, known))
        self._state.step_count += 1
        if said == NO_PATH:
            self._over, right = True, self._walk.first < 0
            return self._observed(self._walk.shown(), right, reward=float(right))
        why = self._walk.act(number)
        self._over = self._walk.over
        earned = self._walk.share - self._paid
        self._paid = self._walk.share
        return self._observed(self._walk.shown(), reward=earned, refused=why)

    @property
    def state(self) -> Asked:
        """Where it stands."""
        return self._state

    def get_metadata(self) -> EnvironmentMetadata:
        """What it is."""
        return EnvironmentMetadata(
            name="avrgym", description=f"Boards of {self._tasks.task}, action by action"
        )

    def _observed(self, shown: Any, right: bool = False, **facts: Any) -> BoardObservation:
        walk = self._walk
        return BoardObservation(
            board=shown if isinstance(shown, str) else "",
            picture="" if isinstance(shown, str) else _uri(shown[0]["image"]),
            done=self._over,
            metadata={**walk.facts, "success": right or walk.distance == 0},
            **facts,
        )


class ReplyEnvironment(Environment):
    """A problem, answered by one reply."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(
        self,
        task: str = "grid_navigation",
        level: str = "simple",
        *,
        split: str = "train",
        seed: int = 0,
        params: Mapping[str, Any] | None = None,
        format: str = "image",
        picture: Picture | None = None,
        template: str = "plain",
        reward: str | Mapping[str, float] = "correctness",
        size: int = 10_000,
    ) -> None:
        """Nothing is made before the first reset.

        Args:
            task: One of ``avrgym.TASKS``.
            level: One of ``avrgym.levels(task)``; asked in style ``full``
                unless params say another.
            split: ``train``, ``val`` or ``test``.
            seed: Which dataset.
            params: Overrides of the level's parameters.
            format: One of ``avrgym.FORMATS``, ``-direct`` behind it for the answer alone.
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            template: One of ``avrgym.TEMPLATES``, or ``any``.
            reward: A name of ``avrgym.rewards.REWARDS``, or weights by name.
            size: How many samples a split is said to have.

        Raises:
            TaskError: One of them names nothing or is out of its range.
        """
        super().__init__()
        params = {"style": "full", **(params or {})}
        self._tasks = told = Tasks(task, level, split, seed, params, size)
        self.list_splits, self.num_tasks = told.list_splits, told.num_tasks
        self.get_task, self.list_tasks = told.get_task, told.list_tasks
        self.get_task_range = told.get_task_range
        weights(reward)
        self._format, self._picture = Format.parse(format), given(picture)
        self._template, self._reward = template, reward
        self._state, self._over = Asked(), True

    def reset(
        self,
        seed: int | None = None,
        episode_id: str | None = None,
        *,
        split: str | None = None,
        index: int | None = None,
        address: str | None = None,
        **_: Any,
    ) -> ReplyObservation:
        """Begins at a sample: of an address, of a split and index, or the next of the seed.

        Raises:
            TaskError: There is no such sample.
        """
        at, drawn = self._tasks.chosen(seed, split, index, address), self._picture
        messages = openai(
            at,
            self._format.name,
            size=drawn.size,
            theme=drawn.theme,
            template=self._template,
            insist=drawn.insist,
        )
        self._state, self._over = Asked(episode_id=episode_id, address=at), False
        return ReplyObservation(messages=messages)

    def step(
        self, action: ReplyAction, timeout_s: float | None = None, **_: Any
    ) -> ReplyObservation:
        """Judges a reply, which ends it.

        Raises:
            TaskError: It is over.
        """
        if self._over:
            raise TaskError("the episode is over; reset before the next step")
        self._over = True
        self._state.step_count += 1
        verdicts = verify([self._state.address], [action.reply])
        found = verdicts[0]
        return ReplyObservation(
            done=True,
            reward=float(score(verdicts, self._reward, formats=self._format.name)[0]),
            metadata={
                "outcome": found.outcome,
                "steps_right": sum(step.state == "ok" for step in found.steps),
                "steps_made": len(found.steps),
                "first_error": found.first_error,
            },
        )

    @property
    def state(self) -> Asked:
        """Where it stands."""
        return self._state

    def get_metadata(self) -> EnvironmentMetadata:
        """What it is."""
        return EnvironmentMetadata(
            name="avrgym", description=f"Problems of {self._tasks.task}, answered by a reply"
        )


_KINDS: dict[str, tuple[Any, Any, Any]] = {
    "board": (BoardEnvironment, BoardAction, BoardObservation),
    "reply": (ReplyEnvironment, ReplyAction, ReplyObservation),
}


def app(kind: str = "reply", sessions: int = 64, **settings: Any) -> Any:
    """A server of OpenEnv: a FastAPI application, for ``uvicorn`` or a container.

    Args:
        kind: ``board`` or ``reply``.
        sessions: How many clients may have an episode at once.
        **settings: Of :class:`BoardEnvironment` or :class:`ReplyEnvironment`.

    Raises:
        TaskError: There is no such kind, or a setting is wrong.
    """
    made, action, observation = _KINDS[named("kind", kind, tuple(_KINDS))]
    made(**settings)
    return create_fastapi_app(
        lambda: made(**settings),
        action,
        observation,
        max_concurrent_envs=sessions,
        env_name="avrgym",
        state_cls=Asked,
    )


def _grid(address: str) -> bool:
    """Whether a board has directions alone, and no digits to say."""
    return _core.Boards(setting_of(address), 1, [0.0] * 5).actions == len(MOVES)


def _uri(picture: Any) -> str:
    file = BytesIO()
    picture.save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
