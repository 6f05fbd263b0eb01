"""The table of speeds, side by side with what they are compared to; one thread, one run.

``make bench`` runs the criterion benches first; their estimates (instance at hand) are read from
``target/criterion``. Everything else is measured here through the Python boundary, each figure in
turn with a plain fill of the same buffer, so that a noisy machine slows both. Writes
``docs/results/speed.md``.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

os.environ["RAYON_NUM_THREADS"] = "1"  # before the core makes its threads

import cv2
import numpy as np
from numpy.typing import NDArray
from peers import cv2_table, numba_table, pillow_table

import avrgym
from avrgym.core import facts

OUT = Path("docs/results/speed.md")
CRITERION = Path("target/criterion")
RING_BYTES = 160 << 20
ROUNDS = 9


def rate(work: Callable[[], int], seconds: float = 0.15) -> float:
    """Units per second of CPU time; ``work`` returns how many units one call does."""
    units, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        units += work()
    return units / spent


def paired(work: Callable[[], int], limit: Callable[[], int]) -> tuple[float, float, float]:
    """Median rates of both and the median of their ratio, taken in turn."""
    pairs = [(rate(work), rate(limit)) for _ in range(ROUNDS)]
    return (
        median(a for a, _ in pairs),
        median(b for _, b in pairs),
        median(a / b for a, b in pairs),
    )


class Ring:
    """A buffer of pictures far larger than the caches, handed out in batches."""

    def __init__(self, height: int, width: int, batch: int = 16) -> None:
        self.pictures = np.zeros((RING_BYTES // (height * width * 3), height, width, 3), np.uint8)
        self.batch = batch
        self.at = 0

    def next(self) -> NDArray[np.uint8]:
        """The next batch."""
        if self.at + self.batch > len(self.pictures):
            self.at = 0
        self.at += self.batch
        return self.pictures[self.at - self.batch : self.at]


def drawing(source: avrgym.Source, ring: Ring, whole: bool) -> Callable[[], int]:
    """Work that takes the next samples from address to picture; ``whole``: words too."""
    indices = itertools.count()

    def work() -> int:
        addresses = source.addresses(itertools.islice(indices, ring.batch))
        if whole:
            avrgym.samples(addresses)
        avrgym.render(addresses, out=ring.next())
        return ring.batch

    return work


def filling(ring: Ring) -> Callable[[], int]:
    """Work that fills the next pictures of a ring with one byte."""

    def work() -> int:
        ring.next().fill(7)
        return ring.batch

    return work


def drawing_by(
    draw: Callable[[NDArray[np.int64], NDArray[np.uint8]], None], ring: Ring
) -> Callable[[], int]:
    """Work that draws a table of fresh digits by other means."""
    tables = itertools.cycle(np.random.default_rng(0).integers(0, 10, (64, 9, 9)))

    def work() -> int:
        draw(next(tables), ring.next()[0])
        return 1

    return work


def speaking(source: avrgym.Source) -> Callable[[], int]:
    """Work that writes the next samples of a source out."""
    indices = itertools.count()
    return lambda: len(source.samples(itertools.islice(indices, 1024)))


def judging(asked: list[str], said: list[str], units: int) -> Callable[[], int]:
    """Work that judges replies and counts them as so many units."""

    def work() -> int:
        avrgym.verify(asked, said)
        return units

    return work


def picture_rows(cases: list[tuple[str, str]]) -> list[list[str]]:
    """From a bare address at 448 pixels, and whole items at the paper's size."""
    rows = []
    for whole in (False, True):
        for task, level in cases:
            height, width = facts.picture(task) if whole else (448, 448)
            ring = Ring(height, width)
            source = avrgym.Source(task, level, split="test", seed=1)
            mine, limit, ratio = paired(drawing(source, ring, whole), filling(ring))
            what = f"whole item {width} x {height}" if whole else "address to picture 448 x 448"
            rows.append(
                [what, f"{task} {level}", f"{mine:,.0f}/s", f"{limit:,.0f}/s", f"{ratio:.2f}"]
            )
    return rows


def criterion(group: str, *name: str) -> float | None:
    """Nanoseconds per iteration as criterion estimated them, if it ran."""
    folder = CRITERION.joinpath(group, *(part.replace("/", "_") for part in name))
    file = folder / "new" / "estimates.json"
    if not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_text())
    return float(found["median"]["point_estimate"])


def drawn_rows(cases: list[tuple[str, str]]) -> list[list[str]]:
    """Drawing with the instance at hand, from the criterion run."""
    rows = []
    fill = criterion("draw_448", "fill")
    for task, level in cases:
        for theme in avrgym.THEMES:
            nanoseconds = criterion("draw_448", f"{task}/{level}", theme)
            if nanoseconds is None or fill is None:
                continue
            rows.append(
                [
                    f"draw 448 x 448, {theme}",
                    f"{task} {level}",
                    f"{1e9 / nanoseconds:,.0f}/s",
                    f"{1e9 / fill:,.0f}/s",
                    f"{fill / nanoseconds:.2f}",
                ]
            )
    return rows


def peer_rows() -> list[list[str]]:
    """The same kind of table drawn by others into the same ring."""
    cv2.setNumThreads(1)
    rows = []
    for name, draw in (
        ("Pillow", pillow_table),
        ("OpenCV", cv2_table),
        ("numba tiles", numba_table),
    ):
        ring = Ring(448, 448, batch=1)
        work = drawing_by(draw, ring)
        work()  # compiles what is compiled at the first call
        mine, limit, ratio = paired(work, filling(ring))
        rows.append(["draw 448 x 448", name, f"{mine:,.0f}/s", f"{limit:,.0f}/s", f"{ratio:.2f}"])
    return rows


def word_rows(cases: list[tuple[str, str]]) -> list[list[str]]:
    """Words and verdicts through the boundary."""
    rows = []
    for task, level in cases:
        source = avrgym.Source(task, level, split="test", seed=1)
        work = speaking(source)
        figure = median([rate(work) for _ in range(5)])
        rows.append(["words", f"{task} {level}", f"{figure:,.0f}/s"])

        samples = source.samples(range(4096))
        addresses = [s.address for s in samples]
        answers = [f"Answer: {s.answer}" for s in samples]
        repeated = [samples[i // 64].address for i in range(4096)]
        short = [answers[i // 64] for i in range(4096)]
        full = [samples[i // 64].rationale for i in range(4096)]
        size = sum(map(len, full))

        for what, work, unit, scale in (
            ("verify short, new addresses", judging(addresses, answers, 4096), "/s", 1),
            ("verify short, 64 replies an address", judging(repeated, short, 4096), "/s", 1),
            ("verify every step", judging(repeated, full, size), " MB/s", 1_000_000),
        ):
            figure = median([rate(work) for _ in range(5)]) / scale
            rows.append([what, f"{task} {level}", f"{figure:,.0f}{unit}"])
    return rows


def import_rows() -> list[list[str]]:
    """CPU seconds of imports, each in a process of its own."""

    def cost(statement: str) -> float:
        code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
        runs = [
            float(
                subprocess.run(
                    [sys.executable, "-c", code], capture_output=True, text=True, check=True
                ).stdout
            )
            for _ in range(7)
        ]
        return median(runs)

    below = cost("import numpy, gymnasium")
    both = cost("import numpy, gymnasium, avrgym")
    return [
        ["import numpy, gymnasium", "", f"{below:.3f} s"],
        ["import avrgym on top", "", f"{both - below:.3f} s"],
    ]


def markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table, printed as it is made."""
    lines = [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def main() -> None:
    """Measures everything and writes the table."""
    cases = [(task, level) for task in avrgym.TASKS for level in ("simple", "hard")]
    compared = ["what", "on", "rate", "plain fill", "ratio"]
    lines = [
        "# Speed",
        "",
        "Made by `make bench` on one thread of a shared machine: rates per second of CPU time,",
        "medians; `ratio` is to a plain fill of the same memory, taken in turn with it. The first",
        "table is wall time, its fill measured once, before the rest. Read the ratios: the pace of",
        "such a machine changes by three.",
        "",
        "## Drawing, the instance at hand (criterion)",
        "",
    ]
    lines += markdown(compared, drawn_rows(cases))
    lines += ["## The same kind of table, drawn by others", ""]
    lines += markdown(compared, peer_rows())
    lines += ["## From a bare address, through Python", ""]
    lines += markdown(compared, picture_rows(cases))
    lines += ["## Words and verdicts, through Python", ""]
    lines += markdown(["what", "on", "rate"], word_rows(cases))
    lines += ["## Environments", ""]
    lines += markdown(["what", "on", "rate"], environment_rows())
    lines += ["## Import, CPU seconds", ""]
    lines += markdown(["what", "", "cost"], import_rows())
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def environment_rows() -> list[list[str]]:
    """Vector environments beside Gymnasium's CartPole and MiniGrid.

    Each of ours twice: as it comes, every observation a copy of the caller's, and with
    ``copy=False``, one array that is overwritten. CartPole's and MiniGrid's are copies.
    """
    import gymnasium
    import minigrid  # noqa: F401  registers its environments

    rows = []

    def stepped(name: str, env: gymnasium.vector.VectorEnv[Any, Any, Any], kinds: int = 0) -> None:
        """Random actions, of all or of the first ``kinds``."""
        env.reset(seed=0)
        env.action_space.seed(0)
        samples = [env.action_space.sample() for _ in range(64)]
        actions = itertools.cycle([sample % kinds if kinds else sample for sample in samples])

        def work() -> int:
            env.step(next(actions))
            return env.num_envs

        figure = median([rate(work, 0.3) for _ in range(5)])
        rows.append(["steps", name, f"{figure:,.0f}/s"])
        env.close()

    make = gymnasium.make_vec
    native = "vector_entry_point"
    board = "avrgym/GridNavigation-Board-Hard-v0"
    # Whoever says digits at random needs another table every other step.
    table = "avrgym/TableReadout-Board-Hard-v0"
    for copies, how in ((True, "copies"), (False, "copy=False")):
        for count in (64, 1024):
            stepped(
                f"{board}, symbolic, {count} envs, {how}", make(board, count, native, copy=copies)
            )
        stepped(
            f"{board}, 448 x 448 pictures, 64 envs, {how}",
            make(board, 64, native, observation="image", size=448, copy=copies),
        )
        for what, kinds in (("moves", 4), ("any actions", 0)):
            stepped(
                f"{table}, symbolic, 1024 envs, {what}, {how}",
                make(table, 1024, native, copy=copies),
                kinds,
            )
        stepped(
            f"{table}, 448 x 448 pictures, 64 envs, moves, {how}",
            make(table, 64, native, observation="image", size=448, copy=copies),
            4,
        )
    for count in (64, 1024):
        stepped(f"CartPole-v1, {count} envs", make("CartPole-v1", count, native))
    from minigrid.wrappers import RGBImgObsWrapper

    stepped("MiniGrid-FourRooms-v0, symbolic, 8 envs", make("MiniGrid-FourRooms-v0", 8, "sync"))
    stepped(
        "MiniGrid-FourRooms-v0, 456 x 456 pictures, 8 envs",
        make(
            "MiniGrid-FourRooms-v0",
            8,
            "sync",
            wrappers=[lambda env: RGBImgObsWrapper(env, tile_size=24)],
        ),
    )
    return rows


if __name__ == "__main__":
    main()
