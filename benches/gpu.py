"""Where the time of a run's steps went, and how fast pictures reach the device; prints Markdown.

    avrgym train benches/gpu.toml
    python benches/gpu.py runs/gpu

The first steps of a stage, up to what it logged first, are left out: kernels are made in them.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import torch
import tyro

import avrgym
from avrgym import Picture, Prompt, config
from avrgym.models.load import Loaded, restore
from avrgym.models.policy import encoded
from avrgym.report.seconds import STEP, summed
from avrgym.runs.record import Record
from avrgym.train.quiet import quieten
from avrgym.train.spec import Run

PARTS = ("environment", "pictures", "verifier", "rewards", "credit", "record")
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """What to measure.

    Attributes:
        run: Its folder.
        batch: Pictures that are sent together.
        seconds: Of each way in each round.
    """

    run: tyro.conf.Positional[Path] = Path("runs/gpu")
    batch: int = 64
    seconds: float = 1.0


def main(measure: Measure) -> None:
    """Prints both tables."""
    quieten()
    record = Record(measure.run)
    run = config.build(Run, record.settings(), str(measure.run / "run.json"))
    print(f"{device_name()}, {os.cpu_count()} CPU cores, torch {torch.__version__}\n")
    print("\n".join(shares(record)))
    loaded = restore(run.model, record.model(record.stages()[-1]))
    print()
    print("\n".join(rates(measure, loaded, run.picture)))


def device() -> torch.device:
    """The accelerator, or the CPU where there is none."""
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def device_name() -> str:
    """The card's."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{device()}, no GPU"


def shares(record: Record) -> Iterator[str]:
    """A line for each stage: seconds of a step, and what share of them each part took."""
    yield f"| stage | steps | seconds a step | {' | '.join(PARTS)} | the model and the rest |"
    yield "|---" * (len(PARTS) + 4) + "|"
    for stage in dict.fromkeys(event["stage"] for event in record.events("log")):
        logs = [event for event in record.events("log") if event["stage"] == stage]
        first, last = logs[0]["step"] if len(logs) > 1 else 0, logs[-1]["step"]
        spent = summed(logs, after=first)
        whole = spent.pop(STEP)
        parts = [spent.get(name, 0.0) / whole for name in PARTS]
        cells = [f"{100 * share:.2f} %" for share in (*parts, 1 - sum(parts))]
        yield f"| {stage} | {last - first} | {whole / (last - first):.3f} | {' | '.join(cells)} |"


def rates(measure: Measure, loaded: Loaded, picture: Picture) -> Iterator[str]:
    """A line for each way into the device: pictures a second, median over rounds taken in turn."""
    fresh = count()
    layout = avrgym.Layout.from_processor(loaded.processor)

    def prompts() -> list[Prompt]:
        return [
            Prompt(f"grid_navigation/rung2#train:0:{next(fresh)}") for _ in range(measure.batch)
        ]

    def drawn() -> torch.Tensor:
        return torch.from_numpy(picture.draw([each.address for each in prompts()]))

    def planes() -> torch.Tensor:
        addresses = [each.address for each in prompts()]
        made = avrgym.pixels(addresses, layout, theme=picture.theme, dtype="bfloat16")
        return torch.from_numpy(made["pixel_values"]).view(torch.bfloat16)

    def as_trainers() -> Any:
        return encoded(loaded, prompts(), picture)["pixel_values"]

    again = drawn()
    ways: dict[str, Callable[[], torch.Tensor]] = {
        "a copy of pictures that are there, bytes": lambda: again,
        "drawn from addresses, bytes": drawn,
        "model input from addresses (`avrgym.pixels`), bfloat16": planes,
        "as trainers do: words, Pillow and the processor, float32": as_trainers,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            found[name].append(rate(partial(sent, way), measure))
    yield f"| {picture.size} pixels, theme {picture.theme}, {measure.batch} together | a second |"
    yield "|---|---|"
    for name, rounds in found.items():
        yield f"| {name} | {median(rounds):,.0f} |"


def sent(way: Callable[[], torch.Tensor]) -> None:
    """Makes a batch and waits until it is on the device."""
    way().to(device())
    if torch.accelerator.is_available():
        torch.accelerator.synchronize()


def rate(work: Callable[[], None], measure: Measure) -> float:
    """Pictures a second by the clock."""
    batches, begun = 0, time.perf_counter()
    while (spent := time.perf_counter() - begun) < measure.seconds:
        work()
        batches += 1
    return batches * measure.batch / spent


if __name__ == "__main__":
    main(tyro.cli(Measure, description=__doc__))
