"""Datasets written: rates side by side, memory, and the large ones; writes docs/results/data.md.

``python benches/data.py`` measures all but the large ones, ``python benches/data.py large`` those,
which takes minutes; any of side, memory, cores and large can be named. Each figure comes from a
process of its own: CPU seconds without imports, and the most memory the process and its workers
ever held.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OUT = Path("docs/results/data.md")
SIDE = 448
KIB_PER_MIB = 1024


def ours(folder: Path, task: str, format: str, rows: int, workers: int = 1) -> None:
    """``avrgym generate`` as the library does it: plan, words, pictures, files, card."""
    from avrgym.data import Settings, generate
    from avrgym.mixtures import Format, Mixture, Part, Phase

    part = Part(task, "simple", Format(format))
    mixture = Mixture("bench", (Phase("bench", rows, (part,)),))
    generate(Settings(mixture), folder / "data", workers=workers)


def plain_rows(task: str, format: str, rows: int) -> tuple[list[dict[str, Any]], list[str]]:
    """The same words, as any script would lay them out."""
    import avrgym

    drawn = avrgym.samples(f"{task}/simple#train:0:{i}" for i in range(rows))
    laid = [
        {
            "prompt": [{"role": "user", "content": avrgym.formats.prompt(sample, format)}],
            "completion": [{"role": "assistant", "content": avrgym.formats.target(sample, format)}],
            "answer": sample.answer,
            "address": sample.address,
            "content": sample.content,
        }
        for sample in drawn
    ]
    return laid, [sample.address for sample in drawn]


def by_datasets(folder: Path, task: str, format: str, rows: int) -> None:
    """The library ``datasets``, which encodes pictures with Pillow."""
    import datasets
    from PIL import Image

    import avrgym

    laid, addresses = plain_rows(task, format, rows)
    if format != "text":
        for row, picture in zip(laid, avrgym.render(addresses, SIDE), strict=True):
            row["images"] = [Image.fromarray(picture)]
    datasets.disable_progress_bars()
    datasets.Dataset.from_list(laid).to_parquet(str(folder / "data.parquet"))


def by_pyarrow(folder: Path, task: str, format: str, rows: int) -> None:
    """pyarrow, with PNGs by Pillow."""
    from io import BytesIO

    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    import avrgym

    laid, addresses = plain_rows(task, format, rows)
    if format != "text":
        for row, picture in zip(laid, avrgym.render(addresses, SIDE), strict=True):
            file = BytesIO()
            Image.fromarray(picture).save(file, "PNG")
            row["images"] = [{"bytes": file.getvalue(), "path": None}]
    pq.write_table(pa.Table.from_pylist(laid), folder / "data.parquet")


WRITERS: dict[str, Callable[..., None]] = {
    "avrgym": ours,
    "datasets": by_datasets,
    "pyarrow": by_pyarrow,
}


def measure(writer: str, task: str, format: str, rows: int, workers: int) -> None:
    """Runs one writer and prints what it cost; in a process of its own."""
    import datasets  # noqa: F401
    import PIL.Image  # noqa: F401
    import pyarrow.parquet  # noqa: F401

    def cpu() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)

    with tempfile.TemporaryDirectory(dir=os.environ.get("AVRGYM_BENCH_DIR")) as name:
        folder = Path(name)
        before, began = cpu(), time.perf_counter()
        extra = {"workers": workers} if writer == "avrgym" else {}
        WRITERS[writer](folder, task, format, rows, **extra)
        spent, wall = cpu() - before, time.perf_counter() - began
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    held = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    print(json.dumps({"cpu": spent, "wall": wall, "mib": max(held) / KIB_PER_MIB, "bytes": size}))


def measured(writer: str, task: str, format: str, rows: int, workers: int = 1) -> dict[str, float]:
    """What :func:`measure` prints, from a process of its own on one thread a worker."""
    command = [sys.executable, __file__, "measure", writer, task, format, str(rows), str(workers)]
    environment = {**os.environ, "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    environment["HF_HUB_OFFLINE"] = "1"
    said = subprocess.check_output(command, env=environment, text=True)
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    print(writer, task, format, rows, workers, found, file=sys.stderr, flush=True)
    return found


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]] + [""]


def side_by_side() -> list[str]:
    """The same rows by three writers."""
    rows = []
    for task, format, count in (
        ("table_readout", "image", 400),
        ("table_readout", "text", 10_000),
    ):
        # In turn, and the middle of three, because others use the machine too.
        runs = {name: [measured(name, task, format, count) for _ in range(3)] for name in WRITERS}
        for name, each in runs.items():
            cost = sorted(each, key=lambda run: run["cpu"])[1]
            rows.append(
                [
                    f"`{task}`, {format}, {count:,} rows",
                    {"avrgym": "avrgym", "datasets": "`datasets` + Pillow"}.get(
                        name, "pyarrow" + (" + Pillow" if format != "text" else "")
                    ),
                    f"{count / cost['cpu']:,.0f}",
                    f"{cost['bytes'] / count / 1024:.1f}",
                    f"{cost['mib']:,.0f}",
                ]
            )
    return table(
        ["rows", "written by", "rows per CPU second", "KiB a row", "most memory, MiB"], rows
    )


def memory() -> list[str]:
    """Memory by number of rows."""
    rows = []
    for count in (1_000, 10_000, 100_000, 1_000_000):
        cost = measured("avrgym", "table_readout", "text", count)
        rows.append([f"{count:,}", f"{cost['mib']:,.0f}", f"{count / cost['cpu']:,.0f}"])
    return table(["rows", "most memory, MiB", "rows per CPU second"], rows)


def cores() -> list[str]:
    """Rates of a core, and what follows for a thousand if nothing else holds them up."""
    import avrgym

    rows = []
    for task in sorted(avrgym.TASKS):
        for format, count in (("text", 20_000), ("image", 2_000)):
            cost = measured("avrgym", task, format, count)
            rate = count / cost["cpu"]
            rows.append(
                [
                    f"`{task}`",
                    format,
                    f"{rate:,.0f}",
                    f"{1e6 / rate / 60:.1f} min",
                    f"{cost['bytes'] / count * 1e9 / 1e12:.2f} TB",
                ]
            )
    return table(
        [
            "task, `simple`",
            "rows",
            "rows per second and core",
            "1 M on one core, 1,000 M on 1,000 cores",
            "1,000 M on disk",
        ],
        rows,
    )


def large() -> list[str]:
    """The large ones, each one command."""
    rows = []
    for shown, count in (("text", 1_000_000), ("text", 10_000_000), ("image", 100_000)):
        cost = measured("avrgym", "table_readout", shown, count, 2)
        examples = 2 * count  # the paper's text and image mixtures are seen twice
        rows.append(
            [
                f"`avrgym generate {shown} --task table_readout --examples {examples} --workers 2`",
                f"{count:,}",
                f"{cost['wall']:,.0f}",
                f"{cost['cpu']:,.0f}",
                f"{cost['mib']:,.0f}",
                f"{cost['bytes'] / 1e9:.2f}",
            ]
        )
    return table(
        ["what", "rows", "seconds", "CPU seconds", "most memory of a process, MiB", "GB"], rows
    )


def main() -> None:
    """Measures and writes the page; sections that were not asked for stay as they were."""
    sections = {
        "Side by side": (
            "side",
            side_by_side,
            "The same words and pictures, 448 x 448, to Parquet. avrgym's figure has the search "
            "for duplicates, hashes, card and manifest in it; the others only write.",
        ),
        "Memory": ("memory", memory, "`table_readout`, text, one worker."),
        "One core, and a thousand": (
            "cores",
            cores,
            "The rate is measured; the other two are computed from it. Shards share nothing but "
            "the disk and a list of exceptions, so a thousand cores are taken for a thousand "
            "times one, on a disk that keeps up; no thousand cores were at hand.",
        ),
        "One command each": (
            "large",
            large,
            "The same rows through the library call that the command makes. "
            "Two workers on two cores that others used as well, hence seconds above CPU seconds / "
            "2. Written by `python benches/data.py large`.",
        ),
    }
    asked = sys.argv[1:] or ["side", "memory", "cores"]
    if unknown := set(asked) - {short for short, *_ in sections.values()}:
        sys.exit(f"no section {', '.join(unknown)}")
    made = {
        title: "\n".join([title, "", words, "", *work()])
        for title, (short, work, words) in sections.items()
        if short in asked
    }
    old = OUT.read_text("utf-8") if OUT.exists() else ""
    kept = {part.partition("\n")[0]: part for part in old.split("\n## ")[1:]} | made
    lines = [
        "# Datasets written",
        "",
        "Made by `python benches/data.py` on one thread of a shared machine, unless said.",
        "",
    ]
    for title in sections:
        if title in kept:
            lines += [f"## {kept[title]}".rstrip(), ""]
    OUT.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(*sys.argv[2:5], int(sys.argv[5]), int(sys.argv[6]))
    else:
        main()
