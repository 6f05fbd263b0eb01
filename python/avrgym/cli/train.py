"""Verbs of training: train, play, report."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

import avrgym
from avrgym.cli.codes import writing
from avrgym.cli.look import Task
from avrgym.train import CONFIGS

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Train:
    """Train a vision-language model and write a report: SFT, then GRPO with exact step credit."""

    task: Task = "grid_navigation"
    """Chooses the quickstart of this task."""
    config: Path | None = None
    """A run in TOML, instead of a quickstart."""
    name: str | None = None
    """Of the folder in `runs`. If left out the config's own, with what else is asked for here."""
    seed: int | None = None
    """The config's own if left out."""
    credit: Literal["step", "outcome"] | None = None
    """Credit by step, or the whole reply's to every token."""
    then: tuple[Literal["dpo"], ...] = ()
    """Stages after GRPO."""
    runs: Path = Path("runs")
    """Holds the folders of all runs."""


@dataclass(frozen=True, slots=True)
class Play:
    """Try a trained model on an address: its reply, each step marked right or wrong."""

    address: Annotated[str, tyro.conf.Positional]
    """Such as grid_navigation/rung2#test:0:7."""
    model: Path | None = None
    """A folder that `from_pretrained` reads; the last stage of runs/quickstart if left out."""
    modality: Literal["image", "text"] = "image"
    sampled: bool = False
    """Draw a reply instead of the most likely one."""
    seed: int = 0
    """Of the drawing."""


@dataclass(frozen=True, slots=True)
class Report:
    """Write the report of a run again."""

    run: Annotated[Path, tyro.conf.Positional] = Path("runs/quickstart")


def report(verb: Report) -> None:
    """Writes a run's report again."""
    from avrgym.report.page import write_report
    from avrgym.runs.record import Record

    print(write_report(Record(verb.run)))


def train(verb: Train) -> None:
    """Trains a model, or goes on training it."""
    from avrgym.train import settings
    from avrgym.train.run import train as run

    planned = settings.load(verb.config or CONFIGS / f"quickstart_{verb.task}.toml")
    name = planned.name
    if verb.seed is not None and verb.seed != planned.seed:
        planned, name = replace(planned, seed=verb.seed), f"{name}-seed{verb.seed}"
    if verb.credit is not None and verb.credit != planned.grpo.credit:
        grpo = replace(planned.grpo, credit=verb.credit)
        planned, name = replace(planned, grpo=grpo), f"{name}-{verb.credit}"
    with writing("give another folder with --runs"):
        verb.runs.mkdir(parents=True, exist_ok=True)
    run(replace(planned, name=verb.name or name), folder=verb.runs, then=verb.then)


def play(verb: Play) -> None:
    """Shows what a model says to an address, step by step."""
    from rich.console import Console

    from avrgym.train.play import play as played

    console = Console(highlight=False)
    model = verb.model or _latest(Path("runs/quickstart/models"))
    reply = played(
        model, verb.address, modality=verb.modality, sampled=verb.sampled, seed=verb.seed
    )
    [sample] = avrgym.samples([verb.address])
    console.print(f"[dim]{sample.address}[/dim]\n{sample.question}\n\n{sample.twin}\n")
    _mark(console, verb.address, reply)


def _mark(console: "Console", address: str, reply: str) -> None:
    """Prints a reply line by line, each step with its judgement."""
    from rich.text import Text

    verdict = avrgym.verify([address], [reply])[0]
    colours = {"ok": "green", "wrong": "red", "unsupported": "yellow"}
    said, at = reply.encode("utf-8", "surrogatepass"), 0
    line = Text()
    for step in verdict.steps:
        line.append(said[at : step.start].decode("utf-8", "replace"))
        line.append(step.claim, colours[step.state])
        line.append(" ✓" if step.state == "ok" else f" ✗ {step.reason}", colours[step.state])
        at = max(at, step.end)
    line.append(said[at:].decode("utf-8", "replace"))
    console.print(line)
    console.print(f"\n[bold]{verdict.outcome}[/bold]")


def _latest(models: Path) -> Path:
    """The last stage that was saved.

    Raises:
        FileNotFoundError: Nothing was.
    """
    for stage in ("dpo", "grpo", "sft", "start"):
        if (models / stage).is_dir():
            return models / stage
    raise FileNotFoundError(f"no model in {models}; train one first, or name one with --model")
