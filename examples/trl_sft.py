"""Fine-tunes a model on worked replies, by TRL's own trainer; rows are drawn while it trains.

python examples/trl_sft.py                  # a tiny model, made from nothing, on a CPU
python examples/trl_sft.py --steps 1000 --model Qwen/Qwen2.5-VL-3B-Instruct
"""

import argparse
from collections.abc import Sequence

from trl import SFTConfig, SFTTrainer

from avrgym import Picture, Prompt, Source
from avrgym.mixtures import named
from avrgym.models.fresh import fresh
from avrgym.models.load import begin
from avrgym.models.spec import Transformers
from avrgym.stream import Rows, with_pillow
from avrgym.stream.hf import iterable

TASK = "grid_navigation"


def main(arguments: Sequence[str] | None = None) -> SFTTrainer:
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

    # In the paper's shares: pictures, words, and pictures put into words.
    mixture = named("mix+", TASK, 240_000, simple="rung0", hard="rung1")
    rows = Rows(mixture, size=picture.size, theme=picture.theme, transform=with_pillow)
    trainer = SFTTrainer(
        loaded.model,
        processing_class=loaded.processor,
        train_dataset=iterable(rows),
        args=SFTConfig(
            output_dir="runs/trl_sft",
            max_steps=asked.steps,
            per_device_train_batch_size=16,
            learning_rate=1e-5 if asked.model else 2e-3,
            max_length=None,  # cutting a row would cut its picture
            bf16=bool(asked.model),
            report_to="none",
        ),
    )
    trainer.train()
    return trainer


if __name__ == "__main__":
    main()
