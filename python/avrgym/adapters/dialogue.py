"""A problem asked turn by turn, for TRL's ``environment_factory``: each reply is a call.

As the boards of ``avrgym.adapters.trl``: ``reset`` is given the row, whose ``address`` says all
about the problem; ``functools.partial(TurnByTurn, format="text")`` has other settings. In format
``image`` each question comes with the picture: TRL (1.16 at least) cannot go on from a prompt with
a picture where no tool shows one.
"""

from typing import Any

from avrgym import _core
from avrgym._core import TaskError
from avrgym.adapters.trl import addressed, said_with, tool
from avrgym.adapters.walk import SHOWN, Told, given, pictured, shown_as
from avrgym.core.arguments import named, quoted
from avrgym.core.pictures import Picture
from avrgym.dialogues.dialogue import ORDERS, Dialogue, Worth, judge, parts
from avrgym.dialogues.turns import scripts


class TurnByTurn:
    """A question of any task, asked for its ends, what is seen, each step and the answer.

    Pays the share, 1 at most, of what the replies that are owed would earn: a point for each that
    is right, one for each claim that follows from the model's own before, half a point off for
    each that cannot be read, or is never given: else who breaks off would earn more than who tries.
    ``avrgym.envs.dialogue.DialogueEnv`` says the rules.
    """

    def __init__(
        self,
        *,
        picture: Picture | None = None,
        format: str = "image",
        order: str = "worked",
        turn: float = 1.0,
        consistency: float = 1.0,
        unreadable: float = -0.5,
    ) -> None:
        """Nothing is drawn before the first reset.

        Args:
            picture: How to draw; 448 pixels in theme ``paper`` if not given.
            format: One of ``SHOWN``; a row's own ``format`` goes before it.
            order: ``worked``: as the worked steps have it; ``shuffled``: any, by the address.
            turn: Points for a right reply.
            consistency: Points for a claim that follows from those that it rests on.
            unreadable: Points for a reply that cannot be read.

        Raises:
            TaskError: There is no such format, order or number.
        """
        self._picture, self._format = given(picture), named("format", format, SHOWN)
        self._order = named("order", order, ORDERS)
        self._worth = Worth(turn, consistency, unreadable)
        self._dialogue: Dialogue | None = None
        self._shown: Told
        self._asked = self._shown = ""
        self._earned, self._calls, self._refused = 0.0, 0, 0

    def reset(self, *, address: object = None, format: object = None, **row: object) -> Told:
        """Begins at the sample of a row; ``?style=full`` in its address says forms with questions.

        Raises:
            TaskError: The row has no address, or one that names nothing.
        """
        asked = addressed(address, _core.TASKS)
        shown = shown_as(format, self._format)
        [script] = scripts([asked])
        # Drawn once a dialogue: it is told again with each question.
        self._shown = pictured(self._picture.draw([asked])[0]) if shown == "image" else ""
        self._dialogue, self._asked = Dialogue.begin(script, self._order), asked
        self._earned, self._calls, self._refused = 0.0, 0, 0
        how = "Give each reply by calling reply.\n" if script.opening else ""
        return said_with(f"{script.begun(shown)}{how}{self._dialogue.turn.question}", self._shown)

    @tool
    def reply(self, line: str) -> Told:
        """Replies to the question that was asked last.

        Args:
            line: The reply, one line.

        Returns:
            The next question.
        """
        if not isinstance(line, str):
            raise TaskError(f"line is {quoted(line)}; give text")
        dialogue = self._dialogue
        assert dialogue is not None, "a tool is called behind a reset alone"
        [verdict] = judge([dialogue], [line])
        self._earned += sum(parts(self._worth, *dialogue.take(line, verdict)).values())
        return "It is over." if dialogue.over else said_with(dialogue.turn.question, self._shown)

    def get_reward(self) -> float:
        """The share of what could be earned, 1 at most; see the class.

        0 where nothing can be earned, whatever the replies.
        """
        dialogue, worth = self._dialogue, self._worth
        if dialogue is None or (most := dialogue.most(worth)) <= 0:
            return 0.0
        silent = len(dialogue.asked) - len(dialogue.replies)
        return (self._earned + worth.unreadable * silent) / most

    @property
    def facts(self) -> dict[str, Any]:
        """What happened since the last reset, by name.

        ``address``, ``success`` (all turns right), ``question_level`` and ``consistency`` (shares,
        as environments tell them), ``turns``, ``replies`` (how many were given), ``unreadable``
        (how many of them), ``calls`` (late ones too), ``refused`` (those that did not fit),
        ``over``.
        """
        dialogue = self._dialogue
        said = list(dialogue.replies.values()) if dialogue else []
        return {
            "address": self._asked,
            "success": bool(dialogue and dialogue.solved),
            "question_level": dialogue.right if dialogue else 0.0,
            "consistency": dialogue.consistency if dialogue and said else 0.0,
            "turns": len(dialogue.asked) if dialogue else 0,
            "replies": len(said),
            "unreadable": sum(not each.readable for each in said),
            "calls": self._calls,
            "refused": self._refused,
            "over": self._over,
        }

    @property
    def _over(self) -> bool:
        return self._dialogue is None or self._dialogue.over
