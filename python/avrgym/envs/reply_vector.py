"""Many reply environments as one: a step is one call to judge, one for words, one for pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import named, quoted, truth, whole
from avrgym.core.held_out import admitted
from avrgym.core.pictures import THEMES, Size, render, sides
from avrgym.core.samples import Sample, samples
from avrgym.core.verdicts import OUTCOMES, Verdicts, verify
from avrgym.envs.board import check_pictures, checked_render_mode
from avrgym.envs.cursor import Cursor, Luck, checked_seed, sources
from avrgym.envs.fleet import MOST, Bools, Fleet, checked_mode
from avrgym.envs.infos import put
from avrgym.envs.reply import (
    ReplyEnv,
    checked_format,
    checked_reply,
    checked_reward,
    observation_space,
    still,
    unjudged,
)
from avrgym.envs.words import reply_space
from avrgym.prompts.formats import prompt
from avrgym.rewards import score

Observations = dict[str, Any]


class ReplyVectorEnv(VectorEnv[Observations, Sequence[str], NDArray[Any]]):
    """n reply environments, one problem an episode each; see :class:`avrgym.envs.reply.ReplyEnv`.

    Observation:
        image: uint8, shape (n, height, width, 3); left out in format ``text``.
        prompt: n strings, a tuple.

    Seeds:
        ``reset(seed=s)`` begins dataset ``s``: environment i takes its indices i, i + n, i + 2n …
        ``reset(seed=[s0, s1, …])`` gives each a dataset of its own, as single environments have.

    Autoreset:
        All three modes. ``NEXT_STEP``: the step after the last ignores its actions and returns the
        next problems. ``SAME_STEP``: a step returns the next problems at once, the answered ones in
        ``final_obs`` and what was said of the replies in ``final_info``. ``DISABLED``: the caller
        resets, all or by ``options={"reset_mask": bool (n,)}``.

    Pictures are drawn into arrays made once. What is returned are copies, the caller's to keep, as
    from Gymnasium's own. With ``copy=False`` it is these arrays, which is faster: the next step or
    reset overwrites them (``SAME_STEP``: ``final_obs`` lives one step as well). All else that is
    returned is the caller's in either case.
    """

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: str,
        level: str = "simple",
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
        max_episode_steps: int | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        """Sets n environments up; arguments beyond ``ReplyEnv``'s are listed.

        Args:
            num_envs: How many, n, 1 to 2**20.
            task: As in ``ReplyEnv``, like all that follow but the last three.
            level: See there.
            levels: See there.
            split: See there.
            params: See there.
            format: See there.
            rationale: See there.
            size: See there.
            theme: See there.
            insist: See there.
            reward: See there.
            strict: See there.
            reveal_answer: See there.
            held_out: See there.
            render_mode: See there.
            max_episode_steps: As ``gymnasium.make_vec`` has it; every episode is of one step.
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
        if max_episode_steps is not None:
            whole("max_episode_steps", max_episode_steps, 1, 2**32 - 1)
        self.metadata = {**ReplyEnv.metadata, "autoreset_mode": self.fleet.mode}
        self.reward = checked_reward(reward)
        asked = checked_format(format, rationale)
        self.format, self.rationale = asked.name, asked.rationale
        self.theme = named("theme", theme, THEMES)
        self.strict = truth("strict", strict)
        self.reveal_answer = truth("reveal_answer", reveal_answer)
        self.render_mode = checked_render_mode(render_mode)
        self.copy = truth("copy", copy)
        self.size = sides(size)
        check_pictures(homes, self.size, self.theme, insist, asked.pictured, self.render_mode)
        self.single_observation_space = observation_space(asked, self.size, theme)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.single_action_space = reply_space()
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._samples: list[Sample] = []
        # SAME_STEP returns two generations of pictures at once.
        depth = (1 + (self.fleet.mode is AutoresetMode.SAME_STEP)) if asked.pictured else 0
        self._pictures = [np.empty((num_envs, *self.size, 3), np.uint8) for _ in range(depth)]

    def __setstate__(self, state: dict[str, Any]) -> None:
        still(state["_samples"])
        self.__dict__.update(state)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observations, dict[str, Any]]:
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
        fresh = self.fleet.moved(seed, mask, given, luck)
        shown = problems(fresh)
        super().reset(seed=None if self.fleet.each(seed, "seed") else checked_seed(seed))
        luck.keep()
        infos: dict[str, Any] = {}
        self._load(mask, fresh, shown, infos)
        return self._observations(), infos

    def step(
        self, actions: Sequence[str]
    ) -> tuple[Observations, NDArray[np.float64], Bools, Bools, dict[str, Any]]:
        """Judges n replies.

        Returns:
            Observations, rewards float64 (n,), terminations and truncations bool (n,), infos.

        Raises:
            ResetNeeded: An episode is over and the autoreset mode leaves that to the caller.
            TaskError: There are not n replies.
            TypeError: A reply is neither ``str`` nor ``bytes``. Nothing has changed in any case.
        """
        acting = self.fleet.acting()
        replies = checked_replies(actions, self.num_envs)
        asked = [sample for sample, meant in zip(self._samples, acting, strict=True) if meant]
        said = [reply for reply, meant in zip(replies, acting, strict=True) if meant]
        verdicts = verify([sample.address for sample in asked], said, strict=self.strict)
        rewards = np.zeros(self.num_envs)
        rewards[acting] = score(verdicts, self.reward)

        infos: dict[str, Any] = {}
        if self.fleet.mode is AutoresetMode.SAME_STEP:
            final: dict[str, Any] = {}
            self._put_facts(final, acting)
            _put_verdicts(final, verdicts, acting)
            put(infos, "final_obs", self._finals(), acting)
            infos |= {"final_info": final, "_final_info": acting.copy()}
            self._pictures.reverse()
            self._advance(acting, infos)
        else:
            if acting.any():
                self._put_facts(infos, acting)
                _put_verdicts(infos, verdicts, acting)
            self.fleet.over = acting.copy()
            self._advance(~acting, infos)
        return self._observations(), rewards, acting, np.zeros(self.num_envs, np.bool_), infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture (``rgb_array``) or a twin (``ansi``) each; None without a render mode."""
        if self.render_mode is None or not self.fleet.begun:
            return None
        if self.render_mode == "ansi":
            return tuple(sample.twin for sample in self._samples)
        return tuple(render([s.address for s in self._samples], self.size, self.theme, insist=True))

    def _advance(self, mask: Bools, infos: dict[str, Any]) -> None:
        """Puts the masked environments before their next problems."""
        if mask.any():
            fresh = self.fleet.moved(None, mask, {}, Luck(self))
            self._load(mask, fresh, problems(fresh), infos)

    def _load(
        self, mask: Bools, cursors: list[Cursor], fresh: list[Sample], infos: dict[str, Any]
    ) -> None:
        """Puts the masked environments before problems."""
        addresses = [sample.address for sample in fresh]
        if mask.all():
            self._samples = fresh
            for pictures in self._pictures[:1]:
                render(addresses, theme=self.theme, out=pictures, insist=True)
        else:
            for place, sample in zip(np.flatnonzero(mask), fresh, strict=True):
                self._samples[place] = sample
            for pictures in self._pictures[:1]:
                pictures[mask] = render(addresses, self.size, self.theme, insist=True)
        self.fleet.open(mask, cursors)
        self._put_facts(infos, mask)
        for key, value in unjudged().items():
            put(infos, key, value if key == "components" else [value] * int(mask.sum()), mask)

    def _put_facts(self, infos: dict[str, Any], mask: Bools) -> None:
        shown = [self._samples[i] for i in np.flatnonzero(mask)]
        self.fleet.put_facts(infos, mask, [sample.address for sample in shown])
        if self.reveal_answer:
            put(infos, "answer", [sample.answer for sample in shown], mask)

    def _prompts(self) -> tuple[str, ...]:
        return tuple(prompt(sample, self.format) for sample in self._samples)

    def _observations(self) -> Observations:
        words: Observations = {"prompt": self._prompts()}
        for pictures in self._pictures[:1]:
            words["image"] = pictures.copy() if self.copy else pictures
        return words

    def _finals(self) -> list[Observations]:
        """The observations one by one."""
        words = self._prompts()
        if not self._pictures:
            return [{"prompt": prompt} for prompt in words]
        pictures = self._pictures[0].copy() if self.copy else self._pictures[0]
        return [
            {"image": picture, "prompt": prompt}
            for picture, prompt in zip(pictures, words, strict=True)
        ]


def problems(cursors: list[Cursor]) -> list[Sample]:
    """The samples that cursors stand on."""
    plain, held_out = [cursor.plain for cursor in cursors], cursors[0].source.held_out
    return samples(plain if held_out is None else admitted(plain, held_out))


def checked_replies(actions: object, count: int) -> list[str | bytes]:
    """Replies, one an environment.

    Raises:
        TaskError: There are not n.
        TypeError: One is neither ``str`` nor ``bytes``.
    """
    listed = isinstance(actions, np.ndarray) and actions.ndim == 1
    if isinstance(actions, str | bytes) or not (listed or isinstance(actions, Sequence)):
        raise TaskError(f"actions are {quoted(actions)}; give {count} replies")
    replies = [checked_reply(reply) for reply in actions]  # type: ignore[attr-defined]
    if len(replies) != count:
        raise TaskError(
            f"{len(replies)} replies for {count} environments: {quoted(actions)}; give one each"
        )
    return replies


def _put_verdicts(infos: dict[str, Any], verdicts: Verdicts, mask: Bools) -> None:
    """Adds what infos say of the replies of the masked environments."""
    for name in ("success", "is_success"):
        put(infos, name, verdicts.correct, mask)
    put(infos, "outcome", [OUTCOMES[code] for code in verdicts.outcome], mask)
    put(infos, "components", {}, mask)
    for name in verdicts.names:
        column = verdicts.component(name).astype(np.float64)
        applies = np.zeros_like(mask)
        applies[mask] = ~np.isnan(column)
        if applies.any():
            put(infos["components"], name, column[~np.isnan(column)], applies)
    put(infos, "steps", [verdict.steps for verdict in verdicts], mask)
    put(infos, "first_error", verdicts.first_error.astype(np.int64), mask)
