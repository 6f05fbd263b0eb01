"""What all of TRL's trainers are told alike."""

from pathlib import Path
from typing import Any

from avrgym.train.settings import Dpo, Grpo, Run, Sft


def arguments(run: Run, plan: Sft | Grpo | Dpo, folder: Path, *, rows: int) -> dict[str, Any]:
    """Arguments of a trainer's config that do not depend on its method.

    Args:
        run: The whole run.
        plan: The stage's part of it.
        folder: Where TRL may write; the run's own record is elsewhere, so nothing is reported.
        rows: Rows of an optimiser step; ``plan.at_once`` of them go through the model together.
    """
    at_once = plan.at_once or rows
    return {
        "output_dir": str(folder),
        "max_steps": plan.steps,
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": rows // at_once,
        "learning_rate": plan.learning_rate,
        "adam_beta2": plan.beta2,
        "gradient_checkpointing": False,
        "bf16": run.pretrained.bf16,
        "seed": run.seed,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "log_level": "error",
    }
