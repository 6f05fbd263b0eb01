"""Encoded pictures and model input, beside Pillow and the real processors; one thread, one run.

``python benches/pictures.py`` prints the tables of files and of Pillow's processors; ``files``,
``pil`` and ``torchvision`` can be named. Each figure is taken in turn
with what it is compared to, so that a noisy machine slows both; rates are per second of CPU time,
ratios the medians of pairs. Ours begin with addresses and draw the picture; the others are given
it. What drawing takes of a file is shown by ``cargo bench --bench core -- png_448``.
"""

import io
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"  # before the core makes its threads

import numpy as np
import torch
from PIL import Image

import avrgym

BATCH = 8
ROUNDS = 5


def seconds(work: Callable[[], object], least: float = 0.1) -> float:
    """CPU time of one call."""
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < least:
        work()
        calls += 1
    return spent / calls


def paired(*works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each work a picture, ``ROUNDS`` of them, taken in turn."""
    rounds = [[seconds(work) / BATCH for work in works] for _ in range(ROUNDS)]
    return [list(column) for column in zip(*rounds, strict=True)]


def ratio(slow: list[float], fast: list[float]) -> str:
    """How many times as fast."""
    return f"{median(a / b for a, b in zip(slow, fast, strict=True)):.1f}"


def rate(spent: list[float]) -> str:
    """Pictures per second."""
    return f"{1 / median(spent):,.0f}/s"


def saved(pictures: list[Any], **options: Any) -> list[bytes]:
    """Files by Pillow."""
    files = []
    for picture in pictures:
        file = io.BytesIO()
        picture.save(file, **options)
        files.append(file.getvalue())
    return files


def encoded(addresses: list[str], theme: str, options: dict[str, Any]) -> None:
    """Files by the core, one by one."""
    for address in addresses:
        avrgym.encode([address], theme=theme, **options)


def table(head: list[str], rows: Iterable[list[str]]) -> None:
    """Prints a Markdown table as its rows are made."""
    for row in itertools.chain([head, ["---"] * len(head)], rows):
        print(f"| {' | '.join(row)} |", flush=True)
    print()


def file_rows() -> Iterator[list[str]]:
    """448 x 448, PNG by default and at level 1, and JPEG."""
    for task, level in itertools.product(avrgym.TASKS, ("simple", "hard")):
        for theme in ("paper", "varied"):
            addresses = avrgym.Source(task, level, split="test", seed=1).addresses(range(BATCH))
            out = np.empty((448, 448, 3), np.uint8)
            pictures = [Image.fromarray(p) for p in avrgym.render(addresses, theme=theme)]
            kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
                ("png", {}, {"format": "PNG"}),
                ("png, level 1", {}, {"format": "PNG", "compress_level": 1}),
                ("jpeg 90", {"encoding": "jpeg", "quality": 90},
                 {"format": "JPEG", "quality": 90, "subsampling": 0}),
            ]  # fmt: skip
            for name, mine, theirs in kinds:
                ours, filling, pillow = paired(
                    lambda a=addresses, t=theme, m=mine: encoded(a, t, m),
                    lambda o=out: [o.fill(7) for _ in range(BATCH)],
                    lambda p=pictures, o=theirs: saved(p, **o),
                )
                sizes = [
                    sum(map(len, files)) / BATCH / 1024
                    for files in (avrgym.encode(addresses, theme=theme, **mine),
                                  saved(pictures, **theirs))
                ]  # fmt: skip
                yield [
                    name,
                    f"{task} {level} {theme}",
                    rate(ours),
                    rate(filling),
                    rate(pillow),
                    ratio(pillow, ours),
                    *(f"{size:.1f}" for size in sizes),
                ]


def processors(backend: str) -> list[tuple[Any, int, str]]:
    """The real processors on ``pil`` or ``torchvision``, each with a picture size and dtype."""
    if backend == "pil":
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil as Clip
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
            Qwen2VLImageProcessorPil as Qwen,
        )
        from transformers.models.siglip.image_processing_pil_siglip import (
            SiglipImageProcessorPil as Siglip,
        )
    else:
        import torchvision  # noqa: F401  # without it transformers gives Pillow's under these names
        from transformers import CLIPImageProcessor as Clip
        from transformers import Qwen2VLImageProcessor as Qwen
        from transformers import SiglipImageProcessor as Siglip
    wide = {"size": {"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 16384}}
    return [
        (Qwen(**wide), 448, "float32"),
        (Qwen(**wide), 448, "bfloat16"),
        (Qwen(**wide, patch_size=16, image_mean=[0.5] * 3, image_std=[0.5] * 3), 448, "float32"),
        (Siglip(size={"height": 448, "width": 448}), 448, "float32"),
        (Siglip(), 224, "float32"),
        (Clip(), 224, "float32"),
    ]


def processed(real: Any, pictures: Any, dtype: str) -> torch.Tensor:
    """What a processor makes of pictures, as a model in ``dtype`` takes it."""
    made: torch.Tensor = real(pictures, return_tensors="pt")["pixel_values"]
    return made.to(getattr(torch, dtype))


def input_rows(backend: str) -> Iterator[list[str]]:
    """Batches of 8 into a buffer that is used again, beside the processors on torch tensors."""
    cases = processors(backend)
    for task in ("table_readout", "grid_navigation"):
        addresses = avrgym.Source(task, "hard", split="test", seed=1).addresses(range(BATCH))
        for real, size, dtype in cases:
            layout = avrgym.Layout.from_processor(real)
            pictures = list(avrgym.render(addresses, size))
            out = avrgym.pixels(addresses, layout, size, dtype=dtype)["pixel_values"]
            ours, filling, one, many = paired(
                lambda a=addresses, la=layout, s=size, o=out, d=dtype: avrgym.pixels(
                    a, la, s, out=o, dtype=d
                ),
                lambda o=out: o.fill(7),
                lambda r=real, p=pictures, d=dtype: [processed(r, x, d) for x in p],
                lambda r=real, p=pictures, d=dtype: processed(r, p, d),
            )
            name = f"{type(real).__name__}, {size}"
            if layout.patches:
                name += f", patch {layout.patches.side}, {dtype}"
            yield [
                name,
                task,
                rate(ours),
                rate(filling),
                rate(one),
                rate(many),
                ratio(one, ours),
                ratio(many, ours),
            ]


def main() -> None:
    """Measures and prints the tables asked for."""
    asked = sys.argv[1:] or ["files", "pil"]
    if unknown := set(asked) - {"files", "pil", "torchvision"}:
        sys.exit(f"no table {', '.join(sorted(unknown))}; there are files, pil and torchvision")
    torch.set_num_threads(1)
    if "files" in asked:
        table(
            ["file", "of", "ours", "plain fill", "Pillow", "ratio", "KiB", "Pillow KiB"],
            file_rows(),
        )
    for backend in asked:
        if backend != "files":
            table(
                ["as", "of", "ours", "plain fill", "processor, alone", "processor, 8",
                 "ratio", "ratio"],
                input_rows(backend),
            )  # fmt: skip


if __name__ == "__main__":
    main()
