"""What stages that imitate have in common: their trainer's settings, and what these exclude."""

from collections.abc import Mapping
from typing import Any

from avrgym._core import TaskError
from avrgym.train import arguments
from avrgym.train.positions import Positions


def settings(
    batch: int, at_once: int, trl: Mapping[str, Any], common: Mapping[str, Any], processes: int
) -> dict[str, Any]:
    """Of ``SFTConfig``: all that does not depend on the run's folder.

    Args:
        batch: Rows of an optimiser step, over all processes.
        at_once: Rows that go through the model together in one process; 0: all it has of a step.
        trl: What the stage passes through.
        common: Settings of trainers that follow from the run's model.
        processes: How many share the work.

    Raises:
        TaskError: Rows cannot be dealt so.
    """
    return {
        **arguments.DEFAULTS,
        **common,
        **arguments.batches(batch, at_once, processes),
        "max_length": None,  # cutting a row would cut its picture's tokens
        "remove_unused_columns": False,  # rows are laid out when they are asked for
        "train_sampling_strategy": "sequential",
        **trl,
    }


def check(trl: Mapping[str, Any], made: Mapping[str, Any], positions: Positions) -> None:
    """Looks at what a stage passes through, at all its settings, and at what positions exclude.

    Raises:
        TaskError: Something is wrong; the message names it and the remedy.
    """
    from trl import SFTConfig

    arguments.check(SFTConfig, trl, {})
    if positions.gaps and trl.get("completion_only_loss") is False:
        raise TaskError(
            "positions.gaps are for replies, and trl.completion_only_loss = false imitates "
            "prompts too; leave either out"
        )
    arguments.made(SFTConfig, made)
