"""DPO on verified pairs: of replies to a prompt, a right one over a wrong one, cut where it erred.

python examples/trl_dpo.py                  # a tiny model, made from nothing, on a CPU
python examples/trl_dpo.py --steps 500 --model runs/trl_sft
"""

import argparse
from collections.abc import Sequence
from copy import deepcopy

from datasets import Dataset
from trl import DPOConfig, DPOTrainer

from avrgym import Picture, Prompt, Source
from avrgym.models.fresh import fresh
from avrgym.models.load import begin
from avrgym.models.policy import replies
from avrgym.models.spec import Transformers
from avrgym.train.trainers.pairs import contrasts, rows
from avrgym.train.trainers.unended import Unended


def main(arguments: Sequence[str] | None = None) -> DPOTrainer:
    """Trains, and gives the trainer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a folder, or a name on the hub")
    parser.add_argument("--steps", type=int, default=50)
    asked = parser.parse_args(arguments)
    picture, room = Picture(448 if asked.model else 112, "compact"), 1024 if asked.model else 32
    samples = Source("grid_navigation", "rung0", held_out=4).samples(range(64))
    prompts = [Prompt(sample.address) for sample in samples]
    given = Transformers(path=asked.model) if asked.model else None
    loaded = begin(given, picture=picture) if given else fresh(prompts, picture)
    drawn = replies(loaded, prompts * 4, picture, decoding="sampled", max_reply=room, batch=64)
    said = [each.reply for each in drawn] + [sample.rationale.encode() for sample in samples]
    pairs = rows(list(contrasts(prompts * 5, said)), picture)
    trainer = DPOTrainer(
        loaded.model,
        ref_model=deepcopy(loaded.model),
        processing_class=loaded.processor,
        train_dataset=Dataset.from_list(pairs),
        data_collator=Unended(loaded.processor),  # a cut reply did not end there
        args=DPOConfig(
            output_dir="runs/trl_dpo",
            max_steps=asked.steps,
            per_device_train_batch_size=16,
            learning_rate=1e-6 if asked.model else 1e-4,
            loss_type=["sigmoid", "sft"],  # the first alone lowers both replies
            max_length=None,  # cutting a row would cut its picture
            remove_unused_columns=False,
            bf16=bool(asked.model),
            report_to="none",
        ),
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
