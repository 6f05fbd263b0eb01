"""Rows of a mixture with 448 x 448 pictures: drawn on the fly, and read from Parquet with PNGs.

The same 384 rows of the paper's ``mix`` for one task, on one thread, all ways in turn in one run,
so that a noisy machine slows all. Rates are rows per second of CPU time, the median of nine
rounds; a row is a prompt, a completion and, for two rows in three, a picture.

    python benches/stream.py            # prints the table, writes docs/results/stream.md
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"  # before the core makes its threads
os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
import numpy as np

from avrgym import Layout
from avrgym.mixtures import named
from avrgym.stream import Rows, with_pillow
from avrgym.stream.hf import iterable
from avrgym.stream.torch import Stream

OUT = Path("docs/results/stream.md")
TASKS = ("table_readout", "grid_navigation", "visual_analogy")
ROWS = 384
ROUNDS = 9


def drained(rows: Iterable[dict[str, Any]]) -> int:
    """Reads rows and looks at one pixel of each picture; how many rows there were."""
    count = 0
    for row in rows:
        if "pixel_values" in row:
            assert row["pixel_values"].shape == (1024, 1176)
        for picture in row.get("images", ()):
            if isinstance(picture, np.ndarray):
                assert picture.shape == (448, 448, 3)
            else:
                picture.getpixel((0, 0))  # Pillow decodes no sooner
        count += 1
    return count


def rate(work: Callable[[], int]) -> float:
    """Rows per second of CPU time."""
    start = time.process_time()
    return work() / (time.process_time() - start)


def as_parquet(rows: Rows, folder: str) -> str:
    """The rows as ``datasets`` writes them, pictures as PNGs."""
    given = datasets.Dataset.from_generator(
        lambda: map(with_pillow, (rows[i] for i in range(len(rows)))),
        cache_dir=folder,
        features=datasets.Features(
            {
                "prompt": [{"role": datasets.Value("string"), "content": datasets.Json()}],
                "completion": [{"role": datasets.Value("string"), "content": datasets.Json()}],
                "images": datasets.List(datasets.Image()),
                "address": datasets.Value("string"),
            }
        ),
    )
    path = f"{folder}/rows.parquet"
    given.to_parquet(path)
    return path


def ways(task: str, folder: str) -> dict[str, Callable[[], int]]:
    """Each way to read the rows of a task."""
    rows = Rows(named("mix", task, ROWS))
    pillow = Rows(named("mix", task, ROWS), transform=with_pillow)
    patches = Rows(named("mix", task, ROWS), layout=Layout.qwen2_vl(), dtype="bfloat16")
    path = as_parquet(rows, folder)
    load = {"path": "parquet", "data_files": path, "split": "train", "cache_dir": folder}
    stored, streamed = (
        datasets.load_dataset(**load),
        datasets.load_dataset(**load, streaming=True),
    )
    shuffled = np.random.default_rng(0).permutation(ROWS).tolist()
    batches = [shuffled[start : start + 32] for start in range(0, ROWS, 32)]
    return {
        "Stream, arrays": lambda: drained(Stream(rows)),
        "Stream, Pillow pictures": lambda: drained(Stream(pillow)),
        "Stream, patches for Qwen2.5-VL in bfloat16": lambda: drained(Stream(patches)),
        "stream.hf.iterable, arrays": lambda: drained(iterable(rows)),
        "Rows by shuffled batches, arrays": lambda: drained(
            row for batch in batches for row in rows.__getitems__(batch)
        ),
        "Parquet, load_dataset": lambda: drained(stored),
        "Parquet, load_dataset(streaming=True)": lambda: drained(streamed),
    }


def main() -> None:
    """Measures, prints and writes the table."""
    datasets.disable_progress_bars()
    columns: dict[str, dict[str, float]] = {}
    for task in TASKS:
        with tempfile.TemporaryDirectory() as folder:
            by_way = ways(task, folder)
            for work in by_way.values():
                assert work() == ROWS
            rounds = [{way: rate(work) for way, work in by_way.items()} for _ in range(ROUNDS)]
        columns[task] = {way: median(found[way] for found in rounds) for way in by_way}
        base = "Parquet, load_dataset"
        columns[f"{task}, ratio"] = {
            way: median(found[way] / found[base] for found in rounds) for way in by_way
        }
    lines = [f"| rows per CPU-second | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
    for way in next(iter(columns.values())):
        cells = [
            f"{column[way]:.1f}" if name.endswith("ratio") else f"{column[way]:,.0f}"
            for name, column in columns.items()
        ]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    text = f"# Rows of a mixture\n\n{(__doc__ or '').partition('    python')[0]}\n"
    text += "Measured by `python benches/stream.py`; ratios are to `load_dataset`.\n\n"
    OUT.write_text(text + "\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
