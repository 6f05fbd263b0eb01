"""Trainers whose rows are made when their step begins, by the model as it is then."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from avrgym.core.extras import needs
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.gapped import PLACE
from avrgym.train.trainers.rounds import Rounds
from avrgym.train.trainers.surviving import Surviving, Watch, numbered

with needs("train"):
    import torch
    from datasets import Dataset
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class Iterating(Surviving):
    """Mixed into a ``transformers.Trainer``: the loader hands out places alone.

    It looks ahead, and what it looks at is not drawn yet.
    """

    rounds: Rounds[Any]
    collate: Any
    data_collator: Any

    def get_batch_samples(self, epoch_iterator: Iterator[Any], *rest: Any) -> Any:
        """The batches of a step, laid out."""
        laid_out = map(self._laid_out, epoch_iterator)
        return super().get_batch_samples(laid_out, *rest)  # type: ignore[misc]

    def _laid_out(self, places: Mapping[str, torch.Tensor]) -> Any:
        return self.collate(self.rounds.rows(places[PLACE].tolist()))

    def iterate(self, rounds: Rounds[Any], collate: Any, desk: Desk) -> None:
        """Trains, round by round.

        Args:
            rounds: The stage's.
            collate: Makes batches of rows.
            desk: The stage's.

        Raises:
            TaskError: A round leaves nothing to learn from; of the first, before any step.
        """
        self.rounds, self.collate, self.desk = rounds, collate, desk
        self.data_collator = _places
        rounds.take_up()
        self.run()


def watching(desk: Desk, rounds: Rounds[Any], pace: Pace, probe_every: int) -> list[Any]:
    """What keeps checkpoints of a stage that has rounds, and measures quickly."""
    found: list[TrainerCallback] = [Watch(desk, pace, probe_every)]
    if pace != Pace():
        found.append(_Begins(rounds.turns.later))
    return found


def places(rows: int, name: str, columns: Sequence[str]) -> Dataset:
    """Rows that show TRL what columns there are, and hold nothing but their places."""

    def alike(at: list[int]) -> dict[str, list[Any]]:
        turn = [{"role": "user", "content": ""}]
        return {**{name: [turn] * len(at) for name in columns}, PLACE: at}

    return numbered(rows, name, alike)


class _Begins(TrainerCallback):
    """Keeps a checkpoint where a round begins, so that what is drawn there is drawn once."""

    def __init__(self, steps: frozenset[int]) -> None:
        self._steps = steps

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        if state.global_step in self._steps:
            control.should_save = True


def _places(rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    return {PLACE: torch.tensor([row[PLACE] for row in rows])}
