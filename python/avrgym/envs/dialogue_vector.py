"""Many dialogues as one: a step is one call to judge, and one for pictures of new problems."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from avrgym.core.arguments import named, truth, whole
from avrgym.core.pictures import THEMES, Size, render, sides
from avrgym.dialogues.dialogue import ORDERS, Dialogue, Worth, decoded, judge, parts
from avrgym.dialogues.turns import refuse_searches, scripts
from avrgym.envs.board import check_pictures, checked_render_mode
from avrgym.envs.cursor import Cursor, Luck, checked_seed, sources
from avrgym.envs.dialogue import DIALOGUE_FORMATS, DialogueEnv, asked, revealed, told, unasked
from avrgym.envs.fleet import MOST, Bools, Fleet, checked_mode
from avrgym.envs.infos import put
from avrgym.envs.reply import observation_space, still
from avrgym.envs.reply_vector import checked_replies, problems
from avrgym.envs.words import reply_space
from avrgym.prompts.format import Format

Observations = dict[str, Any]
Facts = dict[str, Any]


class DialogueVectorEnv(VectorEnv[Observations, Sequence[str], NDArray[Any]]):
    """n dialogues, one problem an episode each; see :class:`avrgym.envs.dialogue.DialogueEnv`.

    Observation:
        image: uint8, shape (n, height, width, 3); left out in format ``text``.
        prompt: n strings, a tuple: what is said next to each.

    Seeds and autoreset are those of :class:`avrgym.envs.reply_vector.ReplyVectorEnv`; dialogues
    have as many steps as their problems, and end one by one. What is returned is the caller's.
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
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    ) -> None:
        """Sets n environments up; arguments beyond ``DialogueEnv``'s are listed.

        Args:
            num_envs: How many, n, 1 to 2**20.
            task: As in ``DialogueEnv``, like all that follow but the last.
            level: See there.
            levels: See there.
            split: See there.
            params: See there.
            format: See there.
            order: See there.
            turn: See there.
            consistency: See there.
            unreadable: See there.
            size: See there.
            theme: See there.
            insist: See there.
            reveal_answer: See there.
            held_out: See there.
            render_mode: See there.
            autoreset_mode: When a finished dialogue begins anew.

        Raises:
            TaskError: An argument names nothing or is out of its range.
        """
        self.num_envs = num_envs = whole("num_envs", num_envs, 1, MOST)
        homes = sources(task, level, levels, split, params, held_out)
        for home in homes:
            refuse_searches(home.task, tuple(home.params.items()))
        self.fleet = Fleet(homes, num_envs, checked_mode(autoreset_mode))
        self.autoreset_mode = self.fleet.mode
        self.metadata = {**DialogueEnv.metadata, "autoreset_mode": self.fleet.mode}
        self.worth = Worth(turn, consistency, unreadable)
        self.order = named("order", order, ORDERS)
        self.format = named("format", format, DIALOGUE_FORMATS)
        self.theme = named("theme", theme, THEMES)
        self.reveal_answer = truth("reveal_answer", reveal_answer)
        self.render_mode = checked_render_mode(render_mode)
        self.size, shown = sides(size), Format.of(self.format, True)
        check_pictures(homes, self.size, self.theme, insist, shown.pictured, self.render_mode)
        self.single_observation_space = observation_space(shown, self.size, theme)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.single_action_space = reply_space()
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._dialogues: list[Dialogue] = []
        self._addresses: list[str] = []
        pictured = num_envs if shown.pictured else 0
        self._pictures = np.empty((pictured, *self.size, 3), np.uint8)

    def __setstate__(self, state: dict[str, Any]) -> None:
        still([dialogue.script.sample for dialogue in state["_dialogues"]])
        self.__dict__.update(state)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observations, Facts]:
        """Begins episodes, of all environments or of those in ``options["reset_mask"]``.

        Args:
            seed: As in ``ReplyVectorEnv``.
            options: See there.

        Raises:
            TaskError: A seed is out of range, or there is an unknown option, or one without such a
                value. Nothing has changed then.
        """
        mask, given = self.fleet.meant(options)
        luck = Luck(self)
        fresh = self.fleet.moved(seed, mask, given, luck)
        begun = self._made(fresh)
        super().reset(seed=None if self.fleet.each(seed, "seed") else checked_seed(seed))
        luck.keep()
        self._load(mask, fresh, *begun)
        infos: Facts = {}
        self._put(infos, {int(i): unasked() for i in np.flatnonzero(mask)})
        return self._observations(), infos

    def step(
        self, actions: Sequence[str]
    ) -> tuple[Observations, NDArray[np.float64], Bools, Bools, Facts]:
        """Judges n replies and asks the next questions.

        Returns:
            Observations, rewards float64 (n,), terminations and truncations bool (n,), infos.

        Raises:
            ResetNeeded: An episode is over and the autoreset mode leaves that to the caller.
            TaskError: There are not n replies.
            TypeError: A reply is neither ``str`` nor ``bytes``. Nothing has changed in any case.
        """
        acting = self.fleet.acting()
        replies = [decoded(reply) for reply in checked_replies(actions, self.num_envs)]
        same = self.fleet.mode is AutoresetMode.SAME_STEP
        places = np.flatnonzero(acting).tolist()
        verdicts = judge([self._dialogues[i] for i in places], [replies[i] for i in places])
        rewards, said = np.zeros(self.num_envs), dict[int, Facts]()
        for i, verdict in zip(places, verdicts, strict=True):
            dialogue = self._dialogues[i]
            turn = dialogue.place
            reply, settled = dialogue.take(replies[i], verdict)
            earned = parts(self.worth, reply, settled)
            rewards[i] = sum(earned.values())
            said[i] = told(dialogue, turn, reply, earned)
        over = acting & np.array([dialogue.over for dialogue in self._dialogues])
        infos: Facts = {}
        if same and over.any():
            final: Facts = {}
            self._put(final, {i: said[i] for i in np.flatnonzero(over).tolist()})
            put(infos, "final_obs", self._finals(over), over)
            infos |= {"final_info": final, "_final_info": over.copy()}
        anew = over if same else ~acting
        if anew.any():
            fresh = self.fleet.moved(None, anew, {}, Luck(self))
            self._load(anew, fresh, *self._made(fresh))
            said |= {int(i): unasked() for i in np.flatnonzero(anew)}
        if not same:
            self.fleet.over = over.copy()
        self._put(infos, said)
        return self._observations(), rewards, over, np.zeros(self.num_envs, np.bool_), infos

    def render(self) -> tuple[Any, ...] | None:
        """A picture (``rgb_array``) or a twin (``ansi``) each; None without a render mode."""
        if self.render_mode is None or not self.fleet.begun:
            return None
        samples = [dialogue.script.sample for dialogue in self._dialogues]
        if self.render_mode == "ansi":
            return tuple(sample.twin for sample in samples)
        return tuple(render([s.address for s in samples], self.size, self.theme, insist=True))

    def _made(self, cursors: list[Cursor]) -> tuple[list[str], list[Dialogue]]:
        addresses = [sample.address for sample in problems(cursors)]
        return addresses, [Dialogue.begin(script, self.order) for script in scripts(addresses)]

    def _load(
        self, mask: Bools, cursors: list[Cursor], addresses: list[str], begun: list[Dialogue]
    ) -> None:
        """Puts the masked environments before problems."""
        if not self._dialogues:
            self._dialogues, self._addresses = list(begun), list(addresses)
        for place, address, dialogue in zip(np.flatnonzero(mask), addresses, begun, strict=True):
            self._dialogues[place], self._addresses[place] = dialogue, address
        if len(self._pictures):
            self._pictures[mask] = render(addresses, self.size, self.theme, insist=True)
        self.fleet.open(mask, cursors)

    def _put(self, infos: Facts, said: Mapping[int, Facts]) -> None:
        """Adds what infos say of some environments, a column a key."""
        mask = np.zeros(self.num_envs, np.bool_)
        mask[list(said)] = True
        rows = [self._facts(i) | said[i] for i in sorted(said)]
        for key in rows[0] if rows else ():
            column = [row[key] for row in rows]
            nested = isinstance(column[0], dict)
            put(infos, key, _columns(column) if nested else column, mask)

    def _facts(self, i: int) -> Facts:
        dialogue = self._dialogues[i]
        facts = self.fleet.cursors[i].facts(self._addresses[i]) | {"turns": len(dialogue.asked)}
        return facts | (revealed(dialogue) if self.reveal_answer else {})

    def _observations(self) -> Observations:
        words: Observations = {"prompt": tuple(asked(d, self.format) for d in self._dialogues)}
        return words | ({"image": self._pictures.copy()} if len(self._pictures) else {})

    def _finals(self, over: Bools) -> list[Observations]:
        """The last observations of those that are over."""
        shown = self._pictures[over].copy() if len(self._pictures) else None
        found = []
        for place, i in enumerate(np.flatnonzero(over)):
            words: Observations = {"prompt": asked(self._dialogues[i], self.format)}
            found.append(words if shown is None else {"image": shown[place], **words})
        return found


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    return {key: [row[key] for row in rows] for key in rows[0]}
