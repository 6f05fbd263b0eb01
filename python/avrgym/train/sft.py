"""Imitation of the core's worked rationales through TRL's SFT trainer."""

from pathlib import Path
from typing import Any

from datasets import IterableDataset
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from avrgym.train.arguments import arguments
from avrgym.train.models import Pair
from avrgym.train.settings import Run
from avrgym.train.stream import Diet, demonstrations


def imitate(pair: Pair, run: Run, *, folder: Path, callbacks: list[Any]) -> None:
    """Trains the model in place; TRL may write to ``folder``."""
    plan = run.sft
    model, processor = pair
    rows = IterableDataset.from_generator(
        demonstrations,
        gen_kwargs={
            "diet": Diet(run.task, plan.levels, run.seed, run.evaluation.held_out, stream=1),
            "pictures": run.pictures,
            "text_share": plan.text_share,
        },
    )
    trainer = SFTTrainer(
        model=model,
        processing_class=processor,
        train_dataset=rows,
        callbacks=callbacks,
        args=SFTConfig(
            **arguments(run, plan, folder, rows=plan.batch),
            lr_scheduler_type=plan.schedule,
            warmup_steps=plan.warmup_steps,
            max_length=None,  # cutting a row would cut its picture's tokens
            logging_steps=10,
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
