"""What stages that compare replies have in common: their trainer's settings and what is refused."""

from collections.abc import Mapping
from typing import Any

from avrgym._core import TaskError
from avrgym.train import arguments
from avrgym.train.curricula.occasion import Plan


def settings(
    batch: int,
    at_once: int,
    loss: Mapping[str, Any],
    trl: Mapping[str, Any],
    common: Mapping[str, Any],
    processes: int,
) -> dict[str, Any]:
    """Of ``DPOConfig``: all that does not depend on the run's folder.

    Args:
        batch: Pairs of an optimiser step, over all processes.
        at_once: Pairs that go through the model together in one process; 0: all it has of a step.
        loss: What makes the stage's loss.
        trl: What the stage passes through.
        common: Settings of trainers that follow from the run's model.
        processes: How many share the work.

    Raises:
        TaskError: Pairs cannot be dealt so.
    """
    return {
        **arguments.DEFAULTS,
        **common,
        **arguments.batches(batch, at_once, processes),
        **loss,
        "max_length": None,  # cutting a row would cut its picture's tokens
        "remove_unused_columns": False,  # rows are laid out when they are asked for
        "train_sampling_strategy": "sequential",  # which are rows of the round that goes on
        **trl,
    }


#: What the house does for all of them.
_OWN = {
    "precompute_ref_log_probs": "the stage does so by itself",
    "sync_ref_model": "say rounds of the stage: each is compared with the model that it began with",
}


def check(
    curriculum: Plan,
    rounds: int,
    trl: Mapping[str, Any],
    own: Mapping[str, str],
    made: Mapping[str, Any],
) -> None:
    """Looks at what a stage draws from and passes through, and at all its settings.

    Args:
        curriculum: Of the stage.
        rounds: How often it draws replies.
        trl: What it passes through.
        own: Which of these it sets by itself, and what to do instead.
        made: All its settings.

    Raises:
        TaskError: Something is wrong; the message names it and the remedy.
    """
    from trl import DPOConfig

    if curriculum.adapts() and rounds == 1:
        raise TaskError(
            "curriculum goes by how replies fare, and these are drawn before the first step; "
            'give more rounds, a climb that goes by time, such as { kind = "gaussian" }, or leave '
            "it out"
        )
    arguments.check(DPOConfig, trl, {**_OWN, **own})
    arguments.made(DPOConfig, made)
