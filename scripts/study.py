"""Runs a quickstart over seeds, with several rules of credit: writes ``docs/results/<task>.md``.

The runs of one seed share their start and their SFT model, so that rules of credit are compared
pair by pair. Finished runs are not run again: interrupt and go on as you like.

    python scripts/study.py --task grid_navigation --seeds 0 1 2 3 4
    python scripts/study.py --credits outcome steps steps:seeing=2 returns --to credit.md
"""

import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro

from avrgym import config
from avrgym.report.failures import failures
from avrgym.report.study import study as tables
from avrgym.runs.record import RESULTS, Record, write
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import START, Run, load
from avrgym.train.stages import Grpo


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    task: str = "grid_navigation"
    config: Path | None = None
    """A run's file; the quickstart of the task if left out."""
    seeds: tuple[int, ...] = (0, 1, 2)
    credits: tuple[str, ...] = ("steps", "outcome")
    """Of stages that have credit: a kind, and settings behind a colon, ``steps:seeing=2,ends=any``.
    Where no stage has any, one run a seed."""
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``."""
    failures: bool = False
    """Whether a table tells what fails first, seeing or thinking."""
    runs: Path = Path("runs/study")
    to: Path | None = None


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    file = study.config or quickstart(study.task)
    run = load(file)
    reinforced = [place for place, stage in enumerate(run.stages) if isinstance(stage, Grpo)]
    credits = study.credits if reinforced else study.credits[:1]
    variants = {credit: load(file, _asked(credit, reinforced)) for credit in credits}
    records: dict[str, list[Record]] = {}
    for seed in study.seeds:
        first: Record | None = None
        for credit, variant in variants.items():
            planned = replace(
                variant,
                name=f"{study.task}-{seed}-{re.sub('[^a-z0-9.]+', '-', credit)}",
                seed=seed,
                evaluation=replace(run.evaluation, split=study.split),
            )
            if first:
                share(first, planned, study.runs / planned.name)
            record = train(planned, folder=study.runs)
            records.setdefault(credit, []).append(record)
            first = first or record
    to = study.to or Path("docs/results") / f"{study.task}.md"
    to.parent.mkdir(parents=True, exist_ok=True)
    write(to, "\n".join(page(run, study, records, given)) + "\n")
    print(to)


def _asked(credit: str, places: Sequence[int]) -> dict[str, str]:
    """A rule, as the command line of this script says it, in the words of ``avrgym train``'s."""
    kind, _, settings = credit.partition(":")
    said = [each.partition("=") for each in settings.split(",") if each]
    words = {"kind": kind} | {name: value for name, _, value in said}
    return {f"stages.{at}.credit.{name}": word for at in places for name, word in words.items()}


def share(first: Record, planned: Run, folder: Path) -> None:
    """Gives a run of the same seed what ``first`` did before the stage in which they differ."""
    if folder.exists():
        return
    before = [START]
    done = load(first.folder / "run.json").planned()
    for mine, its in zip(planned.planned(), done, strict=False):
        if mine != its:
            break
        before.append(mine.name)
    other = Record(folder)
    other.open(config.table(planned))
    for stage_name in before:
        shutil.copytree(first.model(stage_name), other.model(stage_name))
    other.extend(event for event in first.events() if event["stage"] in before)
    other.extend((row for row in first.results() if row["stage"] in before), to=RESULTS)


def page(
    run: Run, study: Study, records: dict[str, list[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    yield f"# {study.task}: what the quickstart learns\n"
    seeds = " ".join(map(str, study.seeds))
    yield (
        f"Split `{study.split}`, up to {run.evaluation.items} samples of distinct content a "
        "level; none of their contents occurs in training. Per cent of answers right: mean over "
        f"seeds ± half the 95 % interval over seeds (Student), then seed by seed (seeds {seeds}).\n"
    )
    command = shlex.join(["python", "scripts/study.py", *given])
    yield f"Written by `{command}`.\n"
    reinforced = any(isinstance(stage, Grpo) for stage in run.stages)
    titled = {
        f"Credit by {credit}" if reinforced else "Imitation": r for credit, r in records.items()
    }
    if study.failures:
        yield "## What fails first\n\nGreedy replies of all levels together."
        yield from failures(titled, "run")
    yield from tables(titled)


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
