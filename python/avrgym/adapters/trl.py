"""Problems of several turns for TRL's ``environment_factory``: boards to act on, and several tries.

A problem asked turn by turn is ``avrgym.adapters.dialogue.TurnByTurn``.

``GRPOTrainer(environment_factory=GridBoard, train_dataset=…)`` makes one instance a rollout and
uses it again: ``reset`` is given the row, whose ``address`` says all about the problem, public
methods are the tools, and ``get_reward`` pays for what happened. A class with other settings is
``functools.partial(GridBoard, picture=Picture(112, "compact"))``.

A call that does not fit is answered by one line and changes nothing, and so is one after the end;
what the tools tell is what can be seen. ``facts`` says what happened, for rewards of one's own:
TRL hands them the instances as ``environments``. In format ``image`` tools return pictures, for
which the chat template must have a place in a tool's turn, as Qwen3-VL's does; ``text`` is for all.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Literal, TypeAlias, TypeVar

from avrgym import _core
from avrgym._core import TaskError
from avrgym.adapters.walk import MOVES, SHOWN, Told, Walk, given, pictured, shown_as
from avrgym.core.address import task_of
from avrgym.core.arguments import named, number, quoted, whole
from avrgym.core.pictures import Picture
from avrgym.core.samples import samples
from avrgym.core.verdicts import Verdict, Verdicts, verify
from avrgym.prompts import formats
from avrgym.rewards import score

#: How much is told of a wrong reply: nothing, that it is wrong, or its first wrong step.
FEEDBACK: tuple[str, ...] = ("none", "outcome", "step")

Direction: TypeAlias = Literal["up", "down", "left", "right"]
Digit: TypeAlias = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

_WALK = (
    "You are the disc (as text: W). Walk from the sky blue cell (S) to the dark green one (D) and "
    "collect every object. Dots, crosses, squares, triangles and pluses are obstacles. Each call "
    "of move takes one step: call it once, then look. If there is no way, call no_path. Stop when "
    "you are told that it is over."
)
_READ = (
    "The marked cells (*) are a path from the green cell (S) to the orange one (E); the cursor, a "
    "frame (as text: brackets), is on its first. Say the digit of each cell of the path, in order: "
    "read says the one under the cursor, move takes the cursor one cell on. A wrong digit ends it. "
    "Stop when you are told that it is over."
)

Tool = TypeVar("Tool", bound=Callable[..., Told])


def tool(method: Tool) -> Tool:
    """A method that answers whatever it is called with: in a line where it cannot be done."""

    @wraps(method)
    def answered(self: Any, *args: object, **kwargs: object) -> Told:
        self._calls += 1
        if self._over:
            return "It is over; nothing has changed."
        try:
            signature(method).bind(self, *args, **kwargs)
        except TypeError as wrong:
            self._refused += 1
            return f"{method.__name__}: {wrong}; nothing has changed."
        try:
            return method(self, *args, **kwargs)
        except TaskError as wrong:
            self._refused += 1
            return f"{wrong}; nothing has changed."

    return answered  # type: ignore[return-value]  # of the same signature


class GridBoard:
    """A grid to be walked, of ``grid_navigation``, step by step.

    Pays 1 on the destination with every object collected, or for ``no_path`` where there is none;
    else half of the share of the way that is behind, which a step away takes back, and nothing
    after a wrong ``no_path``.
    """

    def __init__(
        self,
        *,
        picture: Picture | None = None,
        format: str = "image",
        max_moves: int | None = None,
        cost: float = 0.0,
    ) -> None:
        """Nothing is drawn before the first reset.

        Args:
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            format: One of ``SHOWN``; a row's own ``format`` goes before it.
            max_moves: Moves after which it is over; two a cell if not given.
            cost: Points off for each call, also a late one: a small model that is paid for having
                arrived alone never stops calling.

        Raises:
            TaskError: There is no such format or number.
        """
        self._walk = Walk(picture, format, max_moves)
        self._cost = number("cost", cost)
        self._over, self._gave_up = True, False
        self._calls, self._refused = 0, 0

    def reset(self, *, address: object = None, format: object = None, **row: object) -> Told:
        """Begins at the sample of a row.

        Raises:
            TaskError: The row has no address, or one without a grid.
        """
        shown = self._walk.begin(addressed(address, ("grid_navigation",)), format)
        self._over, self._gave_up = False, False
        self._calls, self._refused = 0, 0
        return said_with(_WALK, shown)

    @tool
    def move(self, direction: Direction) -> Told:
        """Takes one step.

        Args:
            direction: Where to.

        Returns:
            What has become of the board.
        """
        return self._moved(self._walk.act(MOVES.index(named("direction", direction, MOVES))))

    @tool
    def no_path(self) -> Told:
        """Says that there is no way to the destination, which ends the walk.

        Returns:
            That it is over.
        """
        self._over = self._gave_up = True
        return "It is over."

    def get_reward(self) -> float:
        """Points for what happened, 0 to 1, less the cost; see the class."""
        paid = 1.0 if self._success else 0.0 if self._gave_up else 0.5 * self._walk.share
        return paid - self._cost * self._calls

    @property
    def facts(self) -> dict[str, Any]:
        """What happened since the last reset, by name.

        ``address``, ``success``, ``distance`` (steps of the shortest way on, -1 for none),
        ``first`` (that at the start), ``left`` (objects to collect yet), ``moves``, ``hits`` (moves
        into obstacles or off the board), ``calls`` (late ones too), ``refused`` (those that did not
        fit), ``over``.
        """
        return self._walk.facts | {
            "success": self._success,
            "calls": self._calls,
            "refused": self._refused,
            "over": self._over,
        }

    @property
    def _success(self) -> bool:
        return self._walk.first < 0 if self._gave_up else self._walk.distance == 0

    def _moved(self, why: str) -> Told:
        words = {
            "hit": "An obstacle is there: you stay.",
            "edge": "The grid ends there: you stay.",
        }.get(why, "You moved.")
        self._over = self._walk.over
        if self._walk.distance == 0:
            words += " You have arrived with every object: it is over."
        elif self._over:
            words += " No moves are left: it is over."
        elif self._walk.left:
            words += f" Objects to collect: {self._walk.left}."
        return said_with(words, self._walk.shown())


class TableBoard:
    """A table to be read with a cursor, of ``table_readout`` or ``consecutive_table_readout``.

    Pays 1 for the whole path, read in order; else half of the share of the way that is behind.
    """

    def __init__(
        self,
        *,
        picture: Picture | None = None,
        format: str = "image",
        max_moves: int | None = None,
        cost: float = 0.0,
    ) -> None:
        """Nothing is drawn before the first reset.

        Args:
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            format: One of ``SHOWN``; a row's own ``format`` goes before it.
            max_moves: Calls after which it is over; twice the longest way there can be if not
                given.
            cost: Points off for each call, also a late one.

        Raises:
            TaskError: There is no such format or number.
        """
        self._walk = Walk(picture, format, max_moves)
        self._cost = number("cost", cost)
        self._over, self._misread = True, False
        self._calls, self._refused = 0, 0

    def reset(self, *, address: object = None, format: object = None, **row: object) -> Told:
        """Begins at the sample of a row.

        Raises:
            TaskError: The row has no address, or one without a table.
        """
        tables = [task for task in _core.BOARD_TASKS if task != "grid_navigation"]
        shown = self._walk.begin(addressed(address, tables), format)
        self._over, self._misread = False, False
        self._calls, self._refused = 0, 0
        return said_with(_READ, shown)

    @tool
    def move(self, direction: Direction) -> Told:
        """Takes the cursor one cell on.

        Args:
            direction: Where to.

        Returns:
            What has become of the table.
        """
        return self._moved(self._walk.act(MOVES.index(named("direction", direction, MOVES))))

    @tool
    def read(self, digit: Digit) -> Told:
        """Says which digit stands under the cursor.

        Args:
            digit: The digit.

        Returns:
            What has become of the table.
        """
        return self._moved(self._walk.act(len(MOVES) + whole("digit", digit, 0, 9)), "Read.")

    def get_reward(self) -> float:
        """Points for what happened, 0 to 1, less the cost; see the class."""
        paid = 1.0 if self._walk.distance == 0 else 0.5 * self._walk.share
        return paid - self._cost * self._calls

    @property
    def facts(self) -> dict[str, Any]:
        """What happened since the last reset, by name.

        As :attr:`GridBoard.facts`; ``left`` are cells to read yet, ``hits`` moves off the table,
        and ``misread`` says whether a digit was wrong.
        """
        return self._walk.facts | {
            "success": self._walk.distance == 0,
            "misread": self._misread,
            "calls": self._calls,
            "refused": self._refused,
            "over": self._over,
        }

    def _moved(self, why: str, done: str = "The cursor moved.") -> Told:
        self._over, self._misread = self._walk.over, why == "misread"
        words = "The table ends there: the cursor stays." if why == "edge" else done
        if self._misread:
            words = "That is not the digit that is due here: it is over."
        elif self._walk.distance == 0:
            words += " The whole path is read: it is over."
        elif self._over:
            words += " No calls are left: it is over."
        return said_with(words, self._walk.shown())


class Retry:
    """A question of any task, answered in words until the answer is right or no tries are left.

    Pays 1 / k for a right answer at the k-th try; else what the reward ``progress`` gives for the
    last one, of n tries, divided by n: less than any right answer.
    """

    def __init__(
        self,
        *,
        picture: Picture | None = None,
        format: str = "image",
        tries: int = 3,
        feedback: str = "step",
    ) -> None:
        """Nothing is drawn before the first reset.

        Args:
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            format: One of ``SHOWN``; a row's own ``format`` goes before it.
            tries: 1 or more.
            feedback: One of ``FEEDBACK``: how much is told of a wrong reply.

        Raises:
            TaskError: There is no such format, feedback or number.
        """
        self._picture, self._format = given(picture), named("format", format, SHOWN)
        self._tries = whole("tries", tries, 1, 2**31 - 1)
        self._feedback = named("feedback", feedback, FEEDBACK)
        self._said: list[Verdicts] = []
        self._over, self._asked = True, ""
        self._calls, self._refused = 0, 0

    def reset(self, *, address: object = None, format: object = None, **row: object) -> Told:
        """Asks about the sample of a row; ``?style=full`` in its address gives rules with it.

        Raises:
            TaskError: The row has no address, or one that names nothing.
        """
        self._asked = addressed(address, _core.TASKS)
        shown = shown_as(format, self._format)
        [sample] = samples([self._asked])
        words = formats.prompt(sample, shown)
        told = pictured(self._picture.draw([self._asked])[0]) if shown == "image" else ""
        self._said, self._over = [], False
        self._calls, self._refused = 0, 0
        how = f"\n\nGive your whole reply by calling answer. You have {_count(self._tries)}."
        return said_with(words + how, told)

    @tool
    def answer(self, reply: str) -> Told:
        """Gives a reply, steps and all, which is judged.

        Args:
            reply: The whole reply; its last line says the answer.

        Returns:
            Whether it is right, and what is wrong with it.
        """
        if not isinstance(reply, str):
            raise TaskError(f"reply is {quoted(reply)}; give text")
        self._said.append(verify([self._asked], [reply]))
        left = self._tries - len(self._said)
        verdict = self._said[-1][0]
        self._over = verdict.correct or not left
        if self._over:
            return f"{self._told(verdict)} It is over.".strip()
        return f"{self._told(verdict)} You have {_count(left)} left.".strip()

    def get_reward(self) -> float:
        """Points for what happened, 0 to 1; see the class."""
        if not self._said:
            return 0.0
        if self._said[-1].correct[0]:
            return 1.0 / len(self._said)
        return float(score(self._said[-1], "progress")[0]) / self._tries

    @property
    def facts(self) -> dict[str, Any]:
        """What happened since the last reset, by name.

        ``address``, ``success``, ``verdicts`` (:class:`avrgym.Verdict`, one a try), ``calls``
        (late ones too), ``refused`` (those that did not fit), ``over``.
        """
        verdicts = tuple(said[0] for said in self._said)
        return {
            "address": self._asked,
            "success": bool(verdicts) and verdicts[-1].correct,
            "verdicts": verdicts,
            "calls": self._calls,
            "refused": self._refused,
            "over": self._over,
        }

    def _told(self, verdict: Verdict) -> str:
        if self._feedback == "none":
            return ""
        if verdict.correct:
            return "That is right."
        if not verdict.parsed:
            return "No answer was found: end with one line of the form 'Answer: ...'."
        if self._feedback == "outcome" or verdict.first_error is None:
            return "That is wrong."
        step = verdict.steps[verdict.first_error]
        why = f"{step.skill}: {step.reason}".replace("_", " ")
        return f'That is wrong, first at "{step.claim}" ({why}).'


def addressed(given: object, tasks: list[str] | tuple[str, ...]) -> str:
    """The address of a row.

    Raises:
        TaskError: There is none, or of another task.
    """
    if not isinstance(given, str):
        raise TaskError("a row has no address; give the dataset a column address, as Source has it")
    named("task", task_of(given), tasks)
    return given


def said_with(words: str, shown: Told) -> Told:
    """Words with what is shown: behind a picture, or before text."""
    if isinstance(shown, str):
        return f"{words}\n{shown}" if shown else words
    return [*shown, {"type": "text", "text": words}]


def _count(tries: int) -> str:
    return "one try" if tries == 1 else f"{tries} tries"
