"""The reply environment: one problem an episode, answered by text."""

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.envs.cursor import Cursor, check_options
from avrgym.envs.words import prompt_space, reply_space
from avrgym.rewards import score, weights
from avrgym.samples import Sample, Size, Source, render, sides
from avrgym.verdicts import Verdict, verify
from avrgym.views import prompt

#: The views that ask for an answer.
REPLY_VIEWS: tuple[str, ...] = ("image", "text", "image_via_text")


class ReplyEnv(gym.Env[dict[str, Any], str]):
    """One problem an episode; the action is the whole reply.

    Observation:
        image: uint8, shape (height, width, 3), RGB, 0 to 255; left out in view ``text``.
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
        ``level`` hold until the next seed. A first reset without a seed takes a random dataset.

    Info:
        ``task``, ``level``, ``split``, ``index``, ``address``; after the step also ``success``,
        ``outcome``, ``components`` (those that apply), ``steps`` (``avrgym.Step`` each) and
        ``first_error`` (-1 for none); ``answer`` only with ``reveal_answer``.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (Gymnasium's own declaration)
        "render_modes": ["rgb_array", "ansi"],
        "render_fps": 1,
    }

    def __init__(
        self,
        task: str,
        level: str = "simple",
        *,
        split: str = "train",
        params: Mapping[str, object] | None = None,
        view: str = "image",
        rationale: bool = True,
        size: Size = 448,
        theme: str = "paper",
        reward: str | Mapping[str, float] = "correctness",
        reveal_answer: bool = False,
        render_mode: str | None = None,
    ) -> None:
        """Sets the environment up; nothing is generated before the first reset.

        Args:
            task: One of ``avrgym.TASKS``.
            level: One of ``avrgym.levels(task)``.
            split: ``train``, ``val`` or ``test``.
            params: Overrides of the level's parameters.
            view: ``image``, ``text`` (the twin instead of the picture) or ``image_via_text``.
            rationale: Whether the prompt asks for worked steps.
            size: Pixels to a side, or (height, width).
            theme: ``paper``, ``varied`` or ``compact``.
            reward: A name of ``avrgym.rewards.REWARDS``, or weights by name.
            reveal_answer: Whether ``info`` carries the answer.
            render_mode: ``rgb_array`` (the picture) or ``ansi`` (the twin).

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        self.cursor = Cursor(Source(task, level, split=split, params=params or {}))
        self.reward = weights(reward)
        self.view = check_view(view)
        self.rationale = rationale
        self.theme = theme
        self.reveal_answer = reveal_answer
        self.render_mode = render_mode
        self.size = sides(size)
        self.observation_space = observation_space(self.view, self.size, theme)
        self.action_space = reply_space()
        self.sample: Sample | None = None
        self._over = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begins an episode; see the class for what seed and options mean.

        Raises:
            TaskError: An unknown option, or one without such a value.
        """
        check_options(options)
        super().reset(seed=seed)
        self.cursor.reset(seed, options, self.np_random)
        self.sample = self.cursor.source[self.cursor.index]
        self._over = False
        return self._observation(self.sample), self._facts(self.sample)

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Judges the reply and ends the episode.

        Raises:
            ResetNeeded: There is no episode to end.
            TypeError: The reply is neither ``str`` nor ``bytes``.
        """
        if self.sample is None or self._over:
            raise gym.error.ResetNeeded("the episode is over; call reset() before step()")
        verdicts = verify([self.sample.address], [action])
        self._over = True
        reward = float(score(verdicts, self.reward)[0])
        info = self._facts(self.sample) | judged(verdicts[0])
        return self._observation(self.sample), reward, True, False, info

    def render(self) -> NDArray[np.uint8] | str | None:
        """The picture (``rgb_array``) or the twin (``ansi``); None without a render mode."""
        if self.render_mode is None or self.sample is None:
            return None
        return self.sample.twin if self.render_mode == "ansi" else self._picture(self.sample)

    def _facts(self, sample: Sample) -> dict[str, Any]:
        answer = {"answer": sample.answer} if self.reveal_answer else {}
        return self.cursor.facts() | answer

    def _picture(self, sample: Sample) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = render([sample.address], self.size, self.theme)[0]
        return picture

    def _observation(self, sample: Sample) -> dict[str, Any]:
        words = prompt(sample, self.view, self.rationale)
        if self.view == "text":
            return {"prompt": words}
        # Drawn anew each time: Gymnasium forbids two observations to share memory.
        return {"image": self._picture(sample), "prompt": words}


def check_view(view: str) -> str:
    """The view, if it asks for an answer.

    Raises:
        TaskError: It does not.
    """
    if view not in REPLY_VIEWS:
        raise TaskError(f'no reply environment has view "{view}"; give {", ".join(REPLY_VIEWS)}')
    return view


def observation_space(view: str, size: tuple[int, int], theme: str) -> spaces.Dict:
    """What one reply environment shows.

    Raises:
        TaskError: The size or the theme is wrong.
    """
    render([], size, theme)
    words: dict[str, spaces.Space[Any]] = {"prompt": prompt_space()}
    if view == "text":
        return spaces.Dict(words)
    return spaces.Dict({"image": spaces.Box(0, 255, (*size, 3), np.uint8), **words})


def judged(verdict: Verdict) -> dict[str, Any]:
    """What ``info`` says of a reply."""
    components = verdict.components.items()
    return {
        "success": verdict.correct,
        "outcome": verdict.outcome,
        "components": {name: value for name, value in components if not np.isnan(value)},
        "steps": verdict.steps,
        "first_error": -1 if verdict.first_error is None else verdict.first_error,
    }
