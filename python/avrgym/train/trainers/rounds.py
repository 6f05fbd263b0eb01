"""Rounds: replies are drawn, judged and made into rows; the model learns these; and again.

What dpo, sppo and rft share. What is made of replies is a lesson, one of each kind of stage.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import ROLLOUTS, write
from avrgym.train.curricula.occasion import Seen
from avrgym.train.desk import Desk
from avrgym.train.trainers.heard import Drawn, Heard, heard
from avrgym.train.trainers.surviving import step_of
from avrgym.train.turns import Turns

T = TypeVar("T")

_DRAWN = {each.name for each in fields(Drawn)}


class Lesson(Protocol[T]):
    """What a kind of stage makes of replies, and learns from."""

    def sifted(self, of: Heard) -> tuple[list[Drawn], list[T]]:
        """This process's replies as the record has them, and what is learned from them."""
        ...

    def lack(self, found: Sequence[Drawn]) -> str:
        """Why nothing may be learned from the replies of all processes, and the remedy."""
        ...

    def finished(self, mine: list[T], found: Sequence[Drawn], round: int) -> list[T]:
        """What all processes learn from, put where :meth:`again` finds it.

        Args:
            mine: What is learned from this process's replies.
            found: The replies of all.
            round: Which round they are of.
        """
        ...

    def again(self, found: Sequence[Drawn], round: int) -> list[T] | None:
        """What :meth:`finished` was; None where it is gone."""
        ...

    def rows(self, items: Sequence[T], places: Sequence[int], round: int) -> list[dict[str, Any]]:
        """Rows at some places of the stage, of the round that goes on."""
        ...


class Asking(Protocol):
    """What a stage says of how replies are drawn."""

    @property
    def batch(self) -> int:
        """Rows of an optimiser step, over all processes."""
        ...

    @property
    def replies(self) -> int:
        """Drawn to each prompt."""
        ...

    @property
    def draw(self) -> int:
        """Replies drawn together in one process."""
        ...

    @property
    def max_reply(self) -> int:
        """Tokens that a reply has room for."""
        ...

    @property
    def turns(self) -> Turns:
        """How its steps are split over rounds."""
        ...


class Rounds(Generic[T]):
    """The rows of a stage by their places; where a round's first one is asked for, it is drawn.

    Replies of a round are put beside the stage's checkpoints before anything is learned from
    them, so that whoever goes on from where they were drawn has them.

    Attributes:
        round: Which one goes on; -1 before the first.
        items: What is learned from in it.
    """

    def __init__(
        self,
        loaded: Loaded,
        desk: Desk,
        stage: Asking,
        lesson: Lesson[T],
        prompts: int,
        temperature: float = 1.0,
    ) -> None:
        """Begins before the first round, or goes on from the desk's checkpoint.

        Args:
            loaded: The model.
            desk: The stage's.
            stage: How replies are drawn.
            lesson: What is made of them.
            prompts: That replies are drawn to in a round.
            temperature: At which they are.
        """
        self._loaded, self._desk, self._stage, self._lesson = loaded, desk, stage, lesson
        self._prompts, self._temperature, self.turns = prompts, temperature, stage.turns
        self._begun = step_of(desk.checkpoint) if desk.checkpoint else 0
        self.round, self.items = -1, list[T]()

    def take_up(self) -> None:
        """Turns to the round that the stage begins or goes on with, before any step.

        Raises:
            TaskError: There is nothing to learn from.
        """
        self._turn(self.turns.of(self._begun))

    def rows(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Rows at some places of one step; all processes ask together, each for its own."""
        round = self.turns.of(places[0] // self._stage.batch)
        if round != self.round:
            self._turn(round)
        return self._lesson.rows(self.items, places, round)

    def _turn(self, round: int) -> None:
        """Takes up a round: what was drawn for it, or draws now."""
        desk, first = self._desk, self.turns.begin(round)
        file = desk.folder / f"round-{round}.jsonl"
        there = desk.processes.said(file.exists())
        found = _read(file) if there and self._begun >= first else None
        items = None if found is None else self._lesson.again(found, round)
        if self._begun > first and items is None:
            raise TaskError(
                f"{file}, or what was made of it, is gone, with which the run would go on; put it "
                "back, or give this run another --name"
            )
        if self._begun <= first:
            asked = desk.curriculum.draw(self._prompts)
            mine: list[T] | None = None
            if found is None or items is None:
                found, mine = self._draw(asked, round)
            self._tell(found, asked, round, some=bool(items or mine))
            if items is None:
                items = self._lesson.finished(mine or [], found, round)
            desk.processes.wait()
            if desk.processes.first:
                desk.folder.mkdir(parents=True, exist_ok=True)
                lines = (json.dumps(each.line(), ensure_ascii=False) + "\n" for each in found)
                write(file, "".join(lines))
            desk.processes.wait()
        self.round, self.items = round, items or []

    def _draw(self, asked: Sequence[Prompt], round: int) -> tuple[list[Drawn], list[T]]:
        """The replies of all processes, and what this one learns from its own."""
        stage, desk = self._stage, self._desk
        mine = desk.processes.share(asked)
        repeated = [prompt for prompt in mine for _ in range(stage.replies)]
        with desk.clock.measure("drawing"):
            said = replies(
                self._loaded,
                repeated,
                desk.picture,
                decoding="sampled",
                temperature=self._temperature,
                max_reply=stage.max_reply,
                batch=stage.draw,
                seed=desk.seed,
                draw=round,
            )
        with desk.clock.measure("verifier"):
            found, items = self._lesson.sifted(heard(repeated, said))
        size = stage.replies
        groups = [found[at : at + size] for at in range(0, len(found), size)]
        return [each for group in desk.processes.joined(groups) for each in group], items

    def _tell(
        self, found: Sequence[Drawn], asked: Sequence[Prompt], round: int, *, some: bool
    ) -> None:
        """Lets the curriculum, the record and people know how a round's replies fared.

        Raises:
            TaskError: There is nothing to learn from.
        """
        desk, size = self._desk, self._stage.replies
        groups = [found[at : at + size] for at in range(0, len(found), size)]
        seen = list[Seen]()
        for prompt, group in zip(asked, groups, strict=True):
            right = sum(each.correct for each in group)
            seen.append(Seen(prompt, right, len(group)))
        desk.curriculum.observe(seen)
        where = {"stage": desk.name, "step": self.turns.begin(round) + 1, "round": round}
        desk.record.extend(
            ({**where, **each.line(), "reward": float(each.correct)} for each in found),
            to=ROLLOUTS,
        )
        levels = [(setting_of(each.address), each.format) for each in found]
        correct = Counter(lv for lv, each in zip(levels, found, strict=True) if each.correct)
        kept = Counter(lv for lv, each in zip(levels, found, strict=True) if each.kept)
        desk.record.extend(
            {
                "event": "sampled",
                **where,
                "level": level,
                "format": format,
                "right": correct[level, format],
                "kept": kept[level, format],
                "total": total,
            }
            for (level, format), total in sorted(Counter(levels).items())
        )
        said = (
            f"{len(found):,} replies, {correct.total():,} right, {kept.total():,} kept"
            f" (round {round + 1} of {self.turns.rounds})"
        )
        if not any(desk.processes.gathered([some])):
            raise TaskError(f"stage {desk.name}: {said}: {self._lesson.lack(found)}")
        desk.say(f"{desk.name}: {said}")


def dealt(place: int, count: int, seed: int, round: int) -> int:
    """Which of so many comes at a place of a round: all of them in turn, each turn's order anew."""
    turn, at = divmod(place, count)
    return int(np.random.default_rng([seed, round, turn]).permutation(count)[at])


def _read(file: Path) -> list[Drawn]:
    lines = map(json.loads, file.read_text("utf-8").splitlines())
    return [Drawn(**{name: line[name] for name in _DRAWN}) for line in lines]
