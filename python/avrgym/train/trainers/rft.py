"""Expert iteration: an imitating trainer whose rows are kept replies, drawn round by round."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.load import Loaded
from avrgym.prompts.prompt import Prompt
from avrgym.train import arguments
from avrgym.train.curricula.occasion import Occasion, Placed
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.gapped import PLACE, Gapped
from avrgym.train.trainers.heard import Drawn, Heard
from avrgym.train.trainers.iterating import Iterating, places, watching
from avrgym.train.trainers.kept import Rule, drawn
from avrgym.train.trainers.rounds import Rounds, dealt
from avrgym.train.trainers.sft import COLUMNS

with needs("train"):
    from trl import SFTConfig, SFTTrainer

if TYPE_CHECKING:
    from avrgym.train.stages.rft import Rft


class SurvivingRft(Iterating, SFTTrainer):
    """TRL's trainer, round by round, with checkpoints that are whole."""


class Imitated:
    """A lesson: kept replies, and demonstrations beside."""

    def __init__(self, desk: Desk, stage: "Rft") -> None:
        """For the rounds of a stage."""
        self._desk, self._stage = desk, stage
        self._share = Fraction(str(stage.share)) if stage.demonstrations else Fraction(0)
        self._shown = _demonstrations(desk, stage, self._share)

    def sifted(self, of: Heard) -> tuple[list[Drawn], list[Drawn]]:
        """Replies, and those that are kept."""
        found = drawn(of, Rule(self._stage.keep, self._stage.most, self._stage.above))
        return found, [each for each in found if each.kept]

    def lack(self, found: Sequence[Drawn]) -> str:
        """Why nothing is kept."""
        right = any(each.correct for each in found)
        why = f"; by keep = {self._stage.keep!r} no right one will do" if right else ""
        return (
            f"nothing to imitate{why}; give a curriculum that begins easier, more prompts or "
            "replies, or more imitation before"
        )

    def finished(self, mine: list[Drawn], found: Sequence[Drawn], round: int) -> list[Drawn]:
        """Kept replies in the order of all processes' prompts."""
        return self.again(found, round)

    def again(self, found: Sequence[Drawn], round: int) -> list[Drawn]:
        """The same: replies say whether they are kept."""
        return [each for each in found if each.kept]

    def rows(
        self, items: Sequence[Drawn], places: Sequence[int], round: int
    ) -> list[dict[str, Any]]:
        """Rows for TRL's imitating trainer."""
        found = [self._at(items, place, round) for place in places]
        asked = [each.prompt if isinstance(each, Drawn) else each for each in found]
        rows = [
            each.row(row) if isinstance(each, Drawn) else row
            for each, row in zip(found, self._desk.rows(asked), strict=True)
        ]
        columns = ({name: row[name] for name in COLUMNS} for row in rows)
        return [{**row, PLACE: place} for row, place in zip(columns, places, strict=True)]

    def _at(self, items: Sequence[Drawn], place: int, round: int) -> Drawn | Prompt:
        """A kept reply, or a demonstration: as many of these as their share, evenly."""
        shown = int(place * self._share)
        if self._shown is not None and int((place + 1) * self._share) > shown:
            return self._shown.at([shown])[0]
        first = self._stage.turns.begin(round) * self._stage.batch
        at = place - shown - first + int(first * self._share)
        return items[dealt(at, len(items), self._desk.seed, round)]


def climb(loaded: Loaded, desk: Desk, stage: "Rft") -> None:
    """Trains the model in place.

    Raises:
        TaskError: The verifier accepted none of a round's replies.
    """
    settings = stage.settings(desk.common, desk.processes.count)
    made = arguments.made(
        SFTConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    lesson = Imitated(desk, stage)
    rounds = Rounds(loaded, desk, stage, lesson, stage.prompts, stage.temperature)
    trainer = SurvivingRft(
        model=loaded.model,
        processing_class=loaded.processor,
        train_dataset=places(desk.steps * stage.batch, desk.name, COLUMNS),
        callbacks=watching(desk, rounds, Pace.parse(stage.checkpoint_every), stage.probe_every),
        args=made,
    )
    collate: Any = trainer.data_collator
    if stage.gaps:
        collate = Gapped(collate, stage.gaps, (desk.seed,))
    trainer.iterate(rounds, collate, desk)


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
