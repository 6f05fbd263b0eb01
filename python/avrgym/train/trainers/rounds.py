"""The rows of expert iteration: kept replies, drawn round by round, and demonstrations beside."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import ROLLOUTS, write
from avrgym.train.curricula.occasion import Occasion, Placed, Seen
from avrgym.train.desk import Desk
from avrgym.train.trainers.gapped import PLACE
from avrgym.train.trainers.kept import Drawn, Rule, drawn
from avrgym.train.trainers.sft import COLUMNS
from avrgym.train.trainers.surviving import step_of

if TYPE_CHECKING:
    from avrgym.train.stages.rft import Rft

_DRAWN = {each.name for each in fields(Drawn)}


class Rounds:
    """The rows of a stage by their places; where a round's first one is asked for, it is drawn.

    A round that was drawn is put beside the stage's checkpoints before anything is learned from
    it, so that whoever goes on from where it was drawn has it.
    """

    def __init__(self, loaded: Loaded, desk: Desk, stage: "Rft") -> None:
        """Begins before the first round, or goes on from the desk's checkpoint."""
        self._loaded, self._desk, self._stage = loaded, desk, stage
        self._share = Fraction(str(stage.share)) if stage.demonstrations else Fraction(0)
        self._shown = _demonstrations(desk, stage, self._share)
        self._round, self._kept = -1, list[Drawn]()

    def rows(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Rows at some places of one step; all processes ask together, each for its own."""
        step = places[0] // self._stage.batch
        round = next(r for r in reversed(range(self._stage.rounds)) if self._stage.begin(r) <= step)
        if round != self._round:
            self._turn(round)
        found = [self._at(place) for place in places]
        asked = [each.prompt if isinstance(each, Drawn) else each for each in found]
        rows = [
            each.row(row) if isinstance(each, Drawn) else row
            for each, row in zip(found, self._desk.rows(asked), strict=True)
        ]
        columns = ({name: row[name] for name in COLUMNS} for row in rows)
        return [{**row, PLACE: place} for row, place in zip(columns, places, strict=True)]

    def _at(self, place: int) -> Drawn | Prompt:
        """A kept reply, or a demonstration: as many of these as their share, evenly."""
        shown = int(place * self._share)
        if self._shown is not None and int((place + 1) * self._share) > shown:
            return self._shown.at([shown])[0]
        first = self._stage.begin(self._round) * self._stage.batch
        turn, at = divmod(place - shown - first + int(first * self._share), len(self._kept))
        rng = np.random.default_rng([self._desk.seed, self._round, turn])
        return self._kept[int(rng.permutation(len(self._kept))[at])]

    def _turn(self, round: int) -> None:
        """Takes up a round: what was drawn for it, or draws now."""
        desk, first = self._desk, self._stage.begin(round)
        file = desk.folder / f"round-{round}.jsonl"
        there = desk.processes.said(file.exists())
        begun = step_of(desk.checkpoint) if desk.checkpoint else 0
        if begun > first:
            if not there:
                raise TaskError(
                    f"{file} is gone, with which the run would go on; put it back, or give this "
                    "run another --name"
                )
            found = _read(file)
        else:
            asked = desk.curriculum.draw(self._stage.prompts)
            found = _read(file) if there and begun == first else self._draw(asked, round)
            self._tell(found, asked, round)
            desk.processes.wait()
            if desk.processes.first:
                desk.folder.mkdir(parents=True, exist_ok=True)
                lines = (json.dumps(each.line(), ensure_ascii=False) + "\n" for each in found)
                write(file, "".join(lines))
            desk.processes.wait()
        self._round, self._kept = round, [each for each in found if each.kept]

    def _draw(self, asked: Sequence[Prompt], round: int) -> list[Drawn]:
        stage, desk = self._stage, self._desk
        mine = desk.processes.share(asked)
        repeated = [prompt for prompt in mine for _ in range(stage.replies)]
        with desk.clock.measure("drawing"):
            said = replies(
                self._loaded,
                repeated,
                desk.picture,
                decoding="sampled",
                temperature=stage.temperature,
                max_reply=stage.max_reply,
                batch=stage.draw,
                seed=desk.seed,
                draw=round,
            )
        with desk.clock.measure("verifier"):
            found = drawn(repeated, said, Rule(stage.keep, stage.most, stage.above))
        size = stage.replies
        groups = [found[at : at + size] for at in range(0, len(found), size)]
        return [each for group in desk.processes.joined(groups) for each in group]

    def _tell(self, found: Sequence[Drawn], asked: Sequence[Prompt], round: int) -> None:
        """Lets the curriculum, the record and people know how a round's replies fared.

        Raises:
            TaskError: None was kept.
        """
        desk, size = self._desk, self._stage.replies
        groups = [found[at : at + size] for at in range(0, len(found), size)]
        seen = list[Seen]()
        for prompt, group in zip(asked, groups, strict=True):
            right = sum(each.correct for each in group)
            seen.append(Seen(prompt, right, len(group)))
        desk.curriculum.observe(seen)
        where = {"stage": desk.name, "step": self._stage.begin(round) + 1, "round": round}
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
            f" (round {round + 1} of {self._stage.rounds})"
        )
        if not kept:
            why = f"; by keep = {self._stage.keep!r} no right one will do" if correct else ""
            raise TaskError(
                f"stage {desk.name}: {said}: nothing to imitate{why}; give a curriculum that "
                "begins easier, more prompts or replies, or more imitation before"
            )
        desk.say(f"{desk.name}: {said}")


def _demonstrations(desk: Desk, stage: "Rft", share: Fraction) -> Placed | None:
    if stage.demonstrations is None or not share:
        return None
    rows = int(desk.steps * stage.batch * share)
    made = stage.demonstrations.made(replace(beside(desk.occasion), rows=rows))
    if not isinstance(made, Placed):
        raise TaskError(f"stage {desk.name}: demonstrations go by replies, and have none")
    return made


def beside(occasion: Occasion) -> Occasion:
    """For demonstrations: other problems than a stage asks, also where levels are the same."""
    return replace(occasion, place=255 - occasion.place)  # of places below 256, which seeds allow


def _read(file: Path) -> list[Drawn]:
    lines = map(json.loads, file.read_text("utf-8").splitlines())
    return [Drawn(**{name: line[name] for name in _DRAWN}) for line in lines]
