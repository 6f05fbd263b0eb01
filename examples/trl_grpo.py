"""Reinforces a model on the verifier's judgement, by TRL's own trainer, one modality a batch.

python examples/trl_grpo.py                 # a tiny model, made from nothing, on a CPU
python examples/trl_grpo.py --steps 1000 --model runs/trl_sft
"""

import argparse
from collections.abc import Sequence

from trl import GRPOConfig, GRPOTrainer

from avrgym import Picture, Prompt, Source, rewards
from avrgym.mixtures import named
from avrgym.models.fresh import fresh
from avrgym.models.load import begin
from avrgym.models.spec import Transformers
from avrgym.stream import Rows, with_pillow
from avrgym.stream.hf import iterable

TASK, PROMPTS, REPLIES = "grid_navigation", 8, 4


def main(arguments: Sequence[str] | None = None) -> GRPOTrainer:
    """Trains, and gives the trainer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a folder, or a name on the hub")
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args(arguments)
    picture = Picture(448 if asked.model else 112, "compact")
    if asked.model:
        loaded = begin(Transformers(path=asked.model), picture=picture)
    else:
        known = Source(TASK, "rung1").addresses(range(256))
        loaded = fresh([Prompt(address) for address in known], picture)
    # TRL fails on a batch of both modalities, so rows come in runs.
    mixture = named("mix+", TASK, 240_000, simple="rung0", hard="rung1", batch=PROMPTS)
    rows = Rows(mixture, size=picture.size, theme=picture.theme, transform=with_pillow)
    trainer = GRPOTrainer(
        loaded.model,
        processing_class=loaded.processor,
        reward_funcs=[rewards.progress],
        train_dataset=iterable(rows),
        args=GRPOConfig(
            output_dir="runs/trl_grpo",
            max_steps=asked.steps,
            per_device_train_batch_size=PROMPTS * REPLIES,
            num_generations=REPLIES,
            max_completion_length=1024 if asked.model else 32,
            learning_rate=1e-6 if asked.model else 2.5e-4,
            shuffle_dataset=False,  # would break the runs
            bf16=bool(asked.model),
            report_to="none",
        ),
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
