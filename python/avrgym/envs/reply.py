"""The reply environment: one problem an episode, answered by text."""

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import named, number, quoted, table, truth
from avrgym.core.pictures import THEMES, Size, render, sides
from avrgym.core.samples import Sample, samples
from avrgym.core.verdicts import Verdict, verify
from avrgym.envs.board import RENDER_MODES, check_pictures, checked_render_mode
from avrgym.envs.cursor import Cursor, Luck, checked_options, checked_seed, sources
from avrgym.envs.words import prompt_space, reply_space
from avrgym.prompts.format import Format
from avrgym.prompts.formats import prompt
from avrgym.rewards import score, weights

#: The formats that ask for an answer.
REPLY_FORMATS: tuple[str, ...] = ("image", "text", "image_via_text", "structured")


class ReplyEnv(gym.Env[dict[str, Any], str]):
    """One problem an episode; the action is the whole reply.

    Observation:
        image: uint8, shape (height, width, 3), RGB, 0 to 255; left out in format ``text``.
        prompt: The question and how to reply, at most ``LONGEST`` characters of
            ``PROMPT_CHARSET`` (printable ASCII and line feeds).

    Action:
        The reply, any ``str``. ``action_space`` samples from ``REPLY_CHARSET``.

    Reward:
        Of ``avrgym.rewards``, ``correctness`` unless asked otherwise: 1 if the answer is right,
        else 0.

    Episode:
        Ends after one step. ``reset(seed=s)`` begins dataset ``s`` at index 0, in the split and
        level given at construction, exactly as a fresh environment does; each further ``reset()``
        moves one index on. ``options``: ``index`` goes straight to a sample, ``split`` and
        ``level`` hold until the next seed; ``address`` goes straight to any sample of the task, and
        the walk continues behind it. A first reset without a seed takes a random dataset.

    Info:
        ``task``, ``level``, ``split``, ``index``, ``address``; ``success`` and the same as
        ``is_success``, ``outcome``, ``components`` (those that apply), ``steps`` (``avrgym.Step``
        each) and ``first_error`` (-1 for none), which after a reset are those of no reply: False,
        an empty outcome, nothing, -1; ``answer`` only with ``reveal_answer``.

    What is returned is the caller's to keep. A call that is refused changes nothing. Environments
    can be copied (``copy.deepcopy``) and pickled, and go on alike; a pickle is for the build that
    made it, and refused by one that makes another problem.
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
        rationale: bool = True,
        size: Size = 448,
        theme: str = "paper",
        insist: bool = False,
        reward: str | Mapping[str, float] = "correctness",
        strict: bool = False,
        reveal_answer: bool = False,
        held_out: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Sets the environment up; nothing is generated before the first reset.

        Args:
            task: One of ``avrgym.TASKS``.
            level: One of ``avrgym.levels(task)``.
            levels: Several instead of one: each episode draws its own, all equally often, by
                dataset and index alone.
            split: ``train``, ``val`` or ``test``.
            params: Overrides of the level's parameters.
            format: ``image``, ``text`` (the twin instead of the picture), ``image_via_text`` or
                ``structured``; with ``-direct`` behind it the prompt asks for the answer alone.
            rationale: Whether the prompt asks for worked steps; ``-direct`` asks for none.
            size: Pixels to a side, or (height, width).
            theme: ``paper``, ``varied`` or ``compact``.
            insist: Whether to draw pictures too small to be read; see ``avrgym.legible_size``.
            reward: A name of ``avrgym.rewards.REWARDS``, or weights by name.
            strict: Whether marked answers alone count, as in ``avrgym.verify``.
            reveal_answer: Whether ``info`` carries the answer.
            held_out: One content in so many is kept for evaluation, as in ``avrgym.Source``.
            render_mode: ``rgb_array`` (the picture) or ``ansi`` (the twin).

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        homes = sources(task, level, levels, split, params, held_out)
        self.cursor = Cursor(homes)
        self.reward = checked_reward(reward)
        asked = checked_format(format, rationale)
        self.format, self.rationale = asked.name, asked.rationale
        self.theme = named("theme", theme, THEMES)
        self.strict = truth("strict", strict)
        self.reveal_answer = truth("reveal_answer", reveal_answer)
        self.render_mode = checked_render_mode(render_mode)
        self.size = sides(size)
        check_pictures(homes, self.size, self.theme, insist, asked.pictured, self.render_mode)
        self.observation_space = observation_space(asked, self.size, theme)
        self.action_space = reply_space()
        self.sample: Sample | None = None
        self._over = True

    def __setstate__(self, state: dict[str, Any]) -> None:
        still([state["sample"]] if state["sample"] else [])
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
        sample = cursor.source[cursor.index]
        super().reset(seed=seed)
        luck.keep()
        self.cursor, self.sample, self._over = cursor, sample, False
        return self._observation(sample), self._facts(sample) | unjudged()

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Judges the reply and ends the episode.

        Raises:
            ResetNeeded: There is no episode to end.
            TypeError: The reply is neither ``str`` nor ``bytes``. Nothing has changed then.
        """
        if self.sample is None or self._over:
            raise gym.error.ResetNeeded("the episode is over; call reset() before step()")
        verdicts = verify([self.sample.address], [checked_reply(action)], strict=self.strict)
        self._over = True
        reward = float(score(verdicts, self.reward, formats=self.format)[0])
        info = self._facts(self.sample) | judged(verdicts[0])
        return self._observation(self.sample), reward, True, False, info

    def render(self) -> NDArray[np.uint8] | str | None:
        """The picture (``rgb_array``) or the twin (``ansi``); None without a render mode."""
        if self.render_mode is None or self.sample is None:
            return None
        return self.sample.twin if self.render_mode == "ansi" else self._picture(self.sample)

    def _facts(self, sample: Sample) -> dict[str, Any]:
        answer = {"answer": sample.answer} if self.reveal_answer else {}
        return self.cursor.facts(sample.address) | answer

    def _picture(self, sample: Sample) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = render([sample.address], self.size, self.theme, insist=True)[0]
        return picture

    def _observation(self, sample: Sample) -> dict[str, Any]:
        words = prompt(sample, self.format)
        if not Format.parse(self.format).pictured:
            return {"prompt": words}
        # Drawn anew each time: Gymnasium forbids two observations to share memory.
        return {"image": self._picture(sample), "prompt": words}


def checked_reward(reward: object) -> dict[str, float]:
    """A reward as weights by name.

    Raises:
        TaskError: It is neither a name nor weights by name, or there is no such reward.
    """
    given = reward if isinstance(reward, str) else table("reward", reward)
    return {name: number(f'reward "{name}"', worth) for name, worth in weights(given).items()}


def checked_format(format: object, rationale: object) -> Format:
    """What is shown and asked, of what has an answer to judge.

    Raises:
        TaskError: There is no such format, or it asks for none.
    """
    named("format", format, [*REPLY_FORMATS, *(f"{each}-direct" for each in REPLY_FORMATS)])
    return Format.of(str(format), truth("rationale", rationale))


def checked_reply(reply: object) -> str | bytes:
    """A reply, if it is one.

    Raises:
        TypeError: It is neither ``str`` nor ``bytes``.
    """
    if not isinstance(reply, str | bytes):
        raise TypeError(f"a reply is {quoted(reply)}; give str or bytes")
    return reply


def still(pickled: Sequence[Sample]) -> None:
    """Complains unless this build makes the samples that were pickled.

    Raises:
        TaskError: One of them is another problem, or said in other words.
    """
    for old, new in zip(pickled, samples(each.address for each in pickled), strict=True):
        if old != new:
            raise TaskError(
                f"the state is another build's: {old.address} is another problem in this one; "
                "start anew"
            )


def observation_space(format: Format, size: tuple[int, int], theme: str) -> spaces.Dict:
    """What one reply environment shows.

    Raises:
        TaskError: The size or the theme is wrong.
    """
    render([], size, theme)
    words: dict[str, spaces.Space[Any]] = {"prompt": prompt_space()}
    if not format.pictured:
        return spaces.Dict(words)
    return spaces.Dict({"image": spaces.Box(0, 255, (*size, 3), np.uint8), **words})


def unjudged() -> dict[str, Any]:
    """What ``info`` says before there is a reply."""
    said: dict[str, Any] = {"success": False, "is_success": False, "outcome": "", "components": {}}
    return said | {"steps": (), "first_error": -1}


def judged(verdict: Verdict) -> dict[str, Any]:
    """What ``info`` says of a reply."""
    components = verdict.components.items()
    return {
        "success": verdict.correct,
        "is_success": verdict.correct,
        "outcome": verdict.outcome,
        "components": {name: value for name, value in components if not np.isnan(value)},
        "steps": verdict.steps,
        "first_error": -1 if verdict.first_error is None else verdict.first_error,
    }
