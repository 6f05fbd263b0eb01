"""GRPO whose advantages go to tokens by the verifier's steps: what is wrong is never praised.

python examples/trl_grpo_step_credit.py     # a tiny model, made from nothing, on a CPU
python examples/trl_grpo_step_credit.py --steps 1000 --model runs/trl_sft
"""

import argparse
from collections.abc import Sequence

from datasets import Dataset
from trl import GRPOConfig

from avrgym import Picture, Prompt, Source, rewards
from avrgym.models.fresh import fresh
from avrgym.models.load import begin
from avrgym.models.spec import Transformers
from avrgym.train.credit import BySteps
from avrgym.train.trainers.credited import StepCreditTrainer

PROMPTS, REPLIES = 8, 4


def main(arguments: Sequence[str] | None = None) -> StepCreditTrainer:
    """Trains, and gives the trainer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a folder, or a name on the hub")
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args(arguments)

    picture = Picture(448 if asked.model else 112, "compact")
    addresses = Source("grid_navigation", "rung0", held_out=4).addresses(range(4_096))
    if asked.model:
        loaded = begin(Transformers(path=asked.model), picture=picture)
    else:
        loaded = fresh([Prompt(address) for address in addresses[:256]], picture)

    trainer = StepCreditTrainer(
        loaded.model,
        processing_class=loaded.processor,
        reward_funcs=[rewards.progress],
        credit=BySteps(),
        picture=picture,
        train_dataset=Dataset.from_dict({"address": addresses}),  # prompts are made of these
        args=GRPOConfig(
            output_dir="runs/trl_grpo_step_credit",
            max_steps=asked.steps,
            per_device_train_batch_size=PROMPTS * REPLIES,
            num_generations=REPLIES,
            max_completion_length=1024 if asked.model else 32,
            learning_rate=1e-6 if asked.model else 2.5e-4,
            bf16=bool(asked.model),
            report_to="none",
        ),
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
