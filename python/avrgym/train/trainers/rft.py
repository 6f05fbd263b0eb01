"""Expert iteration: an imitating trainer whose rows are kept replies, drawn round by round."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avrgym.core.extras import needs
from avrgym.models.load import Loaded
from avrgym.train import arguments
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.gapped import PLACE, Gapped
from avrgym.train.trainers.rounds import Rounds
from avrgym.train.trainers.sft import COLUMNS, SurvivingSft
from avrgym.train.trainers.surviving import Watch, numbered

with needs("train"):
    import torch
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
    from trl import SFTConfig

if TYPE_CHECKING:
    from avrgym.train.stages.rft import Rft


class SurvivingRft(SurvivingSft):
    """Imitates rows that are made when their step begins, by the model as it is then.

    The loader hands out places alone: it looks ahead, and what it looks at is not drawn yet.
    """

    rounds: Rounds
    collate: Any

    def get_batch_samples(self, epoch_iterator: Iterator[Any], *rest: Any) -> Any:
        """The batches of a step, laid out."""
        return super().get_batch_samples(map(self._laid_out, epoch_iterator), *rest)

    def _laid_out(self, places: Mapping[str, torch.Tensor]) -> Any:
        return self.collate(self.rounds.rows(places[PLACE].tolist()))


class _Begins(TrainerCallback):
    """Keeps a checkpoint where a round begins, so that what is drawn there is drawn once."""

    def __init__(self, steps: frozenset[int]) -> None:
        self._steps = steps

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        if state.global_step in self._steps:
            control.should_save = True


def climb(loaded: Loaded, desk: Desk, stage: "Rft") -> None:
    """Trains the model in place.

    Raises:
        TaskError: The verifier accepted none of a round's replies.
    """
    settings = stage.settings(desk.common, desk.processes.count)
    made = arguments.made(
        SFTConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    callbacks: list[TrainerCallback] = [Watch(desk, stage.pace, stage.probe_every)]
    if stage.pace != Pace():
        callbacks.append(_Begins(frozenset(map(stage.begin, range(1, stage.rounds)))))
    trainer = SurvivingRft(
        model=loaded.model,
        processing_class=loaded.processor,
        train_dataset=numbered(desk.steps * stage.batch, desk.name, _alike),
        callbacks=callbacks,
        args=made,
    )
    trainer.collate = trainer.data_collator
    if stage.gaps:
        trainer.collate = Gapped(trainer.data_collator, stage.gaps, (desk.seed,))
    trainer.data_collator = _places
    trainer.rounds = Rounds(loaded, desk, stage)
    trainer.desk = desk
    trainer.run()


def _alike(places: list[int]) -> dict[str, list[Any]]:
    """Rows that show TRL what columns there are, and hold nothing but their places."""
    turn = [{"role": "user", "content": ""}]
    return {**{name: [turn] * len(places) for name in COLUMNS}, PLACE: places}


def _places(rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    return {PLACE: torch.tensor([row[PLACE] for row in rows])}
