"""Imitation: rows of the curriculum in its order, laid out when a batch asks for them."""

from collections.abc import Mapping
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.load import Loaded
from avrgym.train import arguments
from avrgym.train.curricula.occasion import Placed
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.positions import Positions
from avrgym.train.trainers.gapped import PLACE, Gapped
from avrgym.train.trainers.surviving import Surviving, Watch, numbered

with needs("train"):
    from trl import SFTConfig, SFTTrainer

COLUMNS = ("prompt", "completion", "images")


class SurvivingSft(Surviving, SFTTrainer):
    """TRL's trainer, with checkpoints that are whole."""


def imitate(
    loaded: Loaded,
    desk: Desk,
    settings: Mapping[str, Any],
    pace: Pace,
    probe_every: int,
    positions: Positions,
) -> None:
    """Trains the model in place.

    Args:
        loaded: What is trained.
        desk: The stage's place in its run.
        settings: Of ``SFTConfig``.
        pace: Of checkpoints.
        probe_every: Steps between quick checks.
        positions: Of the tokens of replies.

    Raises:
        TaskError: The curriculum goes by replies, which imitation has none of.
    """
    curriculum = desk.curriculum
    if not isinstance(curriculum, Placed):
        raise TaskError(f"stage {desk.name} draws no replies that its curriculum could go by")
    planned = curriculum  # narrowed for the function below

    def laid_out(places: list[int]) -> dict[str, list[Any]]:
        with desk.clock.measure("environment"):
            prompts = planned.at(places)
        rows = desk.rows(prompts)
        columns = {name: [row[name] for row in rows] for name in COLUMNS}
        return {**columns, PLACE: places}

    made = arguments.made(
        SFTConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    rows = desk.steps * made.per_device_train_batch_size * made.gradient_accumulation_steps
    trainer = SurvivingSft(
        model=loaded.model,
        processing_class=loaded.processor,
        train_dataset=numbered(rows * desk.processes.count, desk.name, laid_out),
        callbacks=[Watch(desk, pace, probe_every)],
        args=made,
    )
    if positions.gaps:
        trainer.data_collator = Gapped(trainer.data_collator, positions.gaps, (desk.seed,))
    trainer.desk = desk
    trainer.run()
