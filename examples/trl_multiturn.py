"""GRPO over several turns: a grid is walked by calls of a tool that returns a picture.

python examples/trl_multiturn.py            # a tiny Qwen3-VL, made from nothing, on a CPU
python examples/trl_multiturn.py --steps 1000 --model Qwen/Qwen3-VL-2B-Instruct
"""

import argparse
from collections.abc import Sequence

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from avrgym import Picture, Prompt, Source
from avrgym.adapters.trl import GridBoard
from avrgym.models.fresh import calls, fresh, unspoken
from avrgym.models.load import begin
from avrgym.models.spec import Tiny, Transformers


def main(arguments: Sequence[str] | None = None) -> GRPOTrainer:
    """Trains, and gives the trainer."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="one that sees pictures that tools return")
    parser.add_argument("--steps", type=int, default=100)
    asked = parser.parse_args(arguments)
    picture, silenced = Picture(448 if asked.model else 112, "compact"), None
    addresses = Source("grid_navigation", "rung0", held_out=4).addresses(range(4_096))
    if asked.model:
        loaded = begin(Transformers(path=asked.model), picture=picture)
    else:  # its words are those of the board, each call is a token, and it says nothing else
        board = GridBoard(format="text")
        told = [f"{board.reset(address=at)}\n{board.move('up')}" for at in addresses[:16]]
        tools, prompts = [board.move, board.no_path], [Prompt(at) for at in addresses[:64]]
        loaded = fresh(prompts, picture, Tiny(family="qwen3_vl"), texts=told, tools=tools)
        silenced = unspoken(loaded, calls([board.move]))
    trainer = GRPOTrainer(
        loaded.model,
        processing_class=loaded.processor,
        environment_factory=lambda: GridBoard(picture=picture, max_moves=6, cost=0.005),
        train_dataset=Dataset.from_dict({"address": addresses}),
        args=GRPOConfig(
            output_dir="runs/trl_multiturn",
            max_steps=asked.steps,
            per_device_train_batch_size=16,
            num_generations=4,
            max_completion_length=1024 if asked.model else 512,
            learning_rate=1e-6 if asked.model else 1e-3,
            scale_rewards="none",  # else the cost is all that counts where none arrives
            generation_kwargs={"suppress_tokens": silenced},
            bf16=bool(asked.model),
            report_to="none",
        ),
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
