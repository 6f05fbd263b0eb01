"""The dialogue environment: one problem an episode, asked turn by turn."""

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import named, truth
from avrgym.core.pictures import THEMES, Size, render, sides
from avrgym.core.samples import Sample
from avrgym.dialogues.dialogue import ORDERS, Dialogue, Reply, Worth, decoded, judge, parts
from avrgym.dialogues.turns import refuse_searches, scripts
from avrgym.envs.board import RENDER_MODES, check_pictures, checked_render_mode
from avrgym.envs.cursor import Cursor, Luck, checked_options, checked_seed, sources
from avrgym.envs.reply import checked_reply, observation_space, still
from avrgym.envs.words import reply_space
from avrgym.prompts.format import Format

#: What a problem may be shown as.
DIALOGUE_FORMATS: tuple[str, ...] = ("image", "text")

#: What is shown behind the last question.
OVER = "It is over."


class DialogueEnv(gym.Env[dict[str, Any], str]):
    """One problem an episode, a question a step: the ends, what is seen, each step, the answer.

    Observation:
        image: uint8, shape (height, width, 3), RGB, 0 to 255; left out in format ``text``.
        prompt: What is said next, at most ``LONGEST`` characters of ``PROMPT_CHARSET``: at a reset
            the problem and the first question, then a question at a time. What was asked and
            replied before is not said again.

    Action:
        The reply to the question, any ``str``. ``action_space`` samples from ``REPLY_CHARSET``.

    Reward:
        ``turn`` for a right reply; ``unreadable`` for one without the claim that was asked for, or
        with several; and ``consistency`` for each claim that follows from what the policy itself
        said before, whether that was right or not. A reply is right if the worked steps, with it in
        the place of their own line, are right by the core, step for step; an answer as in
        ``avrgym.verify``. Of several shortest ways the first is asked for, in the order up, down,
        left, right. Which reply earns what does not depend on the order of the questions; where
        they are shuffled, consistency is paid at the later of the two. The method is that of
        Dr-LLaVA (arXiv 2405.19567), with exact claims.

    Episode:
        Ends behind the last question; their number is that of the worked steps, and so tells how
        long a path is. Seeds and options are those of ``ReplyEnv``.

    Info:
        ``task``, ``level``, ``split``, ``index``, ``address``; ``turn`` (the number of the turn
        that was replied to, from 0, by the order of the worked steps; -1 after a reset), ``turns``
        (how many there are), ``kind`` (``locate``, ``transcribe``, ``step`` or ``answer``; empty
        after a reset), ``right``, ``readable``, ``parts`` (of the reward, by name); and of the
        dialogue so far ``question_level`` (the share of all turns that are right), ``consistency``
        (the share of those that rest on others that follow from them), ``success`` and the same as
        ``is_success`` (conversation level: over, and all right). With ``reveal_answer`` also
        ``answer`` and ``owed``: the reply to the question that is due, empty at the end.

    Environments can be copied and pickled as reply environments can.

    Method: per-turn and consistency rewards after Dr-LLaVA, ``calculate_reward`` of its reward
    model; what cannot be read costs half a turn there too.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's own declaration)
        "render_modes": list(RENDER_MODES),
        "render_fps": 1,
    }

    def __init__(
        self,
        task: str,
        level: str = "simple",
        *,
        levels: Sequence[str] | None = None,
        split: str = "train",
        params: Mapping[str, object] | None = None,
        format: str = "image",
        order: str = "worked",
        turn: float = 1.0,
        consistency: float = 1.0,
        unreadable: float = -0.5,
        size: Size = 448,
        theme: str = "paper",
        insist: bool = False,
        reveal_answer: bool = False,
        held_out: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Sets the environment up; nothing is generated before the first reset.

        Args:
            task: One of ``avrgym.TASKS``.
            level: One of ``avrgym.levels(task)``.
            levels: As in ``ReplyEnv``, like all that is not said here.
            split: See there.
            params: See there; ``trace=dfs`` is refused, since the steps of a search answer no
                questions of their own.
            format: ``image``, or ``text`` (the twin instead of the picture).
            order: ``worked``: as the worked steps have it; ``shuffled``: any, by the address.
            turn: Points for a right reply.
            consistency: Points for a claim that follows from those that it rests on.
            unreadable: Points for a reply that cannot be read.
            size: See there.
            theme: See there.
            insist: See there.
            reveal_answer: Whether ``info`` carries the answer, and what is owed to each question.
            held_out: See there.
            render_mode: See there.

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        homes = sources(task, level, levels, split, params, held_out)
        for home in homes:
            refuse_searches(home.task, tuple(home.params.items()))
        self.cursor = Cursor(homes)
        self.worth = Worth(turn, consistency, unreadable)
        self.order = named("order", order, ORDERS)
        self.format = named("format", format, DIALOGUE_FORMATS)
        self.theme = named("theme", theme, THEMES)
        self.reveal_answer = truth("reveal_answer", reveal_answer)
        self.render_mode = checked_render_mode(render_mode)
        self.size, asked = sides(size), Format.of(self.format, True)
        check_pictures(homes, self.size, self.theme, insist, asked.pictured, self.render_mode)
        self.observation_space = observation_space(asked, self.size, theme)
        self.action_space = reply_space()
        self.dialogue: Dialogue | None = None
        self._at = ""

    def __setstate__(self, state: dict[str, Any]) -> None:
        still([state["dialogue"].script.sample] if state["dialogue"] else [])
        self.__dict__.update(state)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begins an episode; see the class for what seed and options mean.

        Raises:
            TaskError: The seed is out of range, or there is an unknown option, or one without such
                a value. Nothing has changed then.
        """
        given, seed = checked_options(options), checked_seed(seed)
        luck = Luck(self)
        cursor = self.cursor.moved(seed, given, luck)
        address = cursor.source.address(cursor.index)
        [script] = scripts([address])
        super().reset(seed=seed)
        luck.keep()
        self.cursor, self._at = cursor, address
        self.dialogue = Dialogue.begin(script, self.order)
        return self._observation(self.dialogue), self._facts(self.dialogue) | unasked()

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Judges the reply to a question and asks the next.

        Raises:
            ResetNeeded: There is no question to reply to.
            TypeError: The reply is neither ``str`` nor ``bytes``. Nothing has changed then.
        """
        dialogue = self.dialogue
        if dialogue is None or dialogue.over:
            raise gym.error.ResetNeeded("the episode is over; call reset() before step()")
        said = decoded(checked_reply(action))
        turn = dialogue.place
        [verdict] = judge([dialogue], [said])
        reply, settled = dialogue.take(said, verdict)
        earned = parts(self.worth, reply, settled)
        info = self._facts(dialogue) | told(dialogue, turn, reply, earned)
        return self._observation(dialogue), sum(earned.values()), dialogue.over, False, info

    def render(self) -> NDArray[np.uint8] | str | None:
        """The picture (``rgb_array``) or the twin (``ansi``); None without a render mode."""
        if self.render_mode is None or self.dialogue is None:
            return None
        sample = self.dialogue.script.sample
        return sample.twin if self.render_mode == "ansi" else self._picture(sample)

    def _facts(self, dialogue: Dialogue) -> dict[str, Any]:
        said = revealed(dialogue) if self.reveal_answer else {}
        return self.cursor.facts(self._at) | {"turns": len(dialogue.asked)} | said

    def _picture(self, sample: Sample) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = render([sample.address], self.size, self.theme, insist=True)[0]
        return picture

    def _observation(self, dialogue: Dialogue) -> dict[str, Any]:
        words = asked(dialogue, self.format)
        if self.format == "text":
            return {"prompt": words}
        # Drawn anew each time: Gymnasium forbids two observations to share memory.
        return {"image": self._picture(dialogue.script.sample), "prompt": words}


def asked(dialogue: Dialogue, format: str) -> str:
    """What is said next: before the first question the problem, behind the last that it is over."""
    if dialogue.over:
        return OVER
    if dialogue.replies:
        return dialogue.turn.question
    return dialogue.script.begun(format) + dialogue.turn.question


def revealed(dialogue: Dialogue) -> dict[str, Any]:
    """The answer, and the reply that is owed to the question that is due."""
    owed = "" if dialogue.over else dialogue.own
    return {"answer": dialogue.script.sample.answer, "owed": owed}


def unasked() -> dict[str, Any]:
    """What ``info`` says before there is a reply."""
    said: dict[str, Any] = {"turn": -1, "kind": "", "right": False, "readable": False}
    said |= {"parts": {"turn": 0.0, "consistency": 0.0, "unreadable": 0.0}}
    said |= {"question_level": 0.0, "consistency": 0.0}
    return said | {"success": False, "is_success": False}


def told(dialogue: Dialogue, turn: int, reply: Reply, earned: dict[str, float]) -> dict[str, Any]:
    """What ``info`` says of a reply, and of the dialogue so far."""
    return {
        "turn": turn,
        "kind": dialogue.script.turns[turn].kind,
        "right": reply.right,
        "readable": reply.readable,
        "parts": earned,
        "question_level": dialogue.right,
        "consistency": dialogue.consistency,
        "success": dialogue.solved,
        "is_success": dialogue.solved,
    }
