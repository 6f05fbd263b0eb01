"""Rows of layout verl, scored by the reward that verl calls, and a climb over their levels.

Run it; verl's own dataset class draws each batch, and hears of it as from its ``RayPPOTrainer``::

    python examples/verl_rows.py --steps 6
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from omegaconf import OmegaConf
from verl.protocol import DataProto
from verl.utils.dataset.rl_dataset import get_dataset_class

import avrgym
from avrgym.data import Settings, Writing, generate
from avrgym.data.scores import verl
from avrgym.mixtures import Format, Mixture, Part, Phase

BATCH = 16


def main() -> None:
    """Writes rows of three levels; draws, answers, scores and reports batches of them."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--task", default="grid_navigation")
    said.add_argument("--steps", type=int, default=6, help="how many batches")
    given = said.parse_args()

    with TemporaryDirectory() as folder:
        parts = tuple(Part(given.task, f"rung{rung}", Format("text")) for rung in range(3))
        mixture = Mixture("climb", (Phase("climb", 96, parts),))
        generate(Settings(mixture, Writing(layout="verl")), folder)
        [file] = map(str, Path(folder).rglob("*.parquet"))
        # Of verl's command line: data.custom_cls.path, data.custom_cls.name, +data.levels.window …
        climbs = {"path": "pkg://avrgym.adapters.verl", "name": "LevelDataset"}
        settings = {"custom_cls": climbs, "levels": {"window": 32}, "cache_dir": folder}
        config = OmegaConf.create({**settings, "filter_overlong_prompts": False})
        dataset = get_dataset_class(config)(file, tokenizer=None, config=config)
        for step in range(given.steps):
            rows = [dataset[index] for index in range(BATCH)]
            infos = [row["extra_info"] for row in rows]
            # Your model here: row["raw_prompt"] has the messages.
            samples = avrgym.samples(info["address"] for info in infos)
            scores = [
                verl(row["data_source"], sample.rationale, sample.answer, row["extra_info"])
                for row, sample in zip(rows, samples, strict=True)
            ]
            right = np.array([score["acc"] for score in scores], object)
            columns = {"extra_info": np.array(infos, object), "acc": right}
            dataset.on_batch_end(batch=DataProto(non_tensor_batch=columns))
            levels = sorted({info["level"].partition("?")[0] for info in infos})
            at = dataset.climb.ladders[given.task][dataset.climb.at[given.task]]
            print(f"{step}: {', '.join(levels)}, right {right.mean():.2f}; now at {at}")


if __name__ == "__main__":
    main()
