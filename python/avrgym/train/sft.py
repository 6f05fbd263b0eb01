"""Imitation of the core's worked rationales through TRL's SFT trainer."""

from pathlib import Path
from typing import Any

from datasets import IterableDataset
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from avrgym.train.checkpoints import Pair
from avrgym.train.settings import Run
from avrgym.train.stream import Diet, demonstrations


def imitate(pair: Pair, run: Run, *, folder: Path, callbacks: list[Any]) -> None:
    """Trains the model in place; TRL may write to ``folder``."""
    plan = run.sft
    model, processor = pair
    at_once = plan.at_once or plan.batch
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
            output_dir=str(folder),
            max_steps=plan.steps,
            per_device_train_batch_size=at_once,
            gradient_accumulation_steps=plan.batch // at_once,
            learning_rate=plan.learning_rate,
            lr_scheduler_type=plan.schedule,
            warmup_steps=plan.warmup_steps,
            adam_beta2=plan.beta2,
            max_length=None,  # cutting a row would cut its picture's tokens
            gradient_checkpointing=False,
            bf16=run.pretrained.bf16,
            seed=run.seed,
            logging_steps=10,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            log_level="error",
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
