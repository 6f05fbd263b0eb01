"""Verbs of datasets: generate, data check, data info."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from avrgym._core import TaskError
from avrgym.cli.look import Task
from avrgym.data.settings import Settings, Writing
from avrgym.mixtures import NAMES, Format, Internalise, Mixture, Part, Phase, load, named

if TYPE_CHECKING:
    from rich.progress import Progress

# Problems printed before the rest is only counted.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Generate:
    """Write a dataset: a mixture of the paper, one of your own, or a range of addresses.

    The same settings give the same bytes, with any number of workers, on any machine. Interrupted
    or killed, the same command goes on where it was. For example:

    avrgym generate mix+ --task grid_navigation --examples 240000 --to data/mix

    avrgym generate mix.toml --to data/mix --layout sharegpt --container jsonl --exclude data/eval

    avrgym generate "table_readout/hard#test:0:0-999" --to data/eval --layout vlmevalkit

    Attributes:
        mixture: The name of one of the paper's (text, image, image_via_text, image+text, mix, mix+,
            align, align-mix+), a TOML file, or addresses such as table_readout/hard#test:0:0-999.
        to: The folder: new, or begun by the same command.
        task: Of a mixture by name.
        examples: How many a trainer sees in each phase of a mixture by name; its rows are these
            divided by its epochs.
        seed: Of instances and order; if left out 0, or what the file says.
        template: How prompts are worded: plain, the name of another wording, or any; if left out
            plain, or what the file says.
        format: Of a range of addresses: text, image, image_via_text or image_to_text; with -direct
            behind it the answer alone is asked for.
        simple: The level that stands for SIMPLE in a mixture by name.
        hard: The level that stands for HARD in a mixture by name.
        rationale: Whether a mixture by name has worked steps before its answers.
        internalise: Whether the rationales of a mixture by name shrink until none is left.
        params: Overrides of the levels' parameters in a mixture by name, such as trace=dfs.
        exclude: No content of these may occur: folders of finished datasets, addresses such as
            grid_navigation/hard#test:0:0-999, TOML files of mixtures, files of content hashes.
        writing: How rows are written.
        workers: How many work at once; all cores if left out.
        engine: Processes of this machine, or tasks of the Ray cluster that runs.
        dry_run: Only say what would be written.
    """

    mixture: Annotated[str, tyro.conf.Positional]
    to: Path
    task: Task | None = None
    examples: int | None = None
    seed: int | None = None
    template: str | None = None
    format: str = "image"
    simple: str = "simple"
    hard: str = "hard"
    rationale: bool = True
    internalise: bool = False
    params: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    writing: Writing = field(default_factory=Writing)
    workers: int | None = None
    engine: Literal["local", "ray"] = "local"
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Prove a finished dataset: files, words, pictures, duplicates, leaks. Exit code 1 if not so.

    For example: avrgym data check data/mix --all

    Attributes:
        folder: What avrgym generate wrote.
        exclude: More sets that must share no content with it, besides what was excluded when it was
            written; as avrgym generate takes them.
        all: Make every row anew and compare it, not some of each file.
    """

    folder: Annotated[Path, tyro.conf.Positional]
    exclude: tuple[str, ...] = ()
    all: bool = False


@dataclass(frozen=True, slots=True)
class Info:
    """Say what a finished dataset has.

    Attributes:
        folder: What avrgym generate wrote.
    """

    folder: Annotated[Path, tyro.conf.Positional]


@dataclass(frozen=True, slots=True)
class Data:
    """Prove a finished dataset, or say what it has."""

    verb: (
        Annotated[Check, tyro.conf.subcommand("check")]
        | Annotated[Info, tyro.conf.subcommand("info")]
    )


def generate(verb: Generate) -> None:
    """Writes a dataset and says what it has."""
    from avrgym.data import generate

    settings = Settings(mixture(verb), _writing(verb))
    if verb.dry_run:
        _say_plan(settings.mixture)
        return
    with _progress() as bar:
        bars: dict[str, Any] = {}
        said = {"plan": "comparing contents", "write": "writing rows"}

        def hear(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                # What was there before this run does not count for its rate.
                bars[stage] = (bar.add_task(said[stage], total=of - done), done)
            task, before = bars[stage]
            bar.update(task, completed=done - before)

        workers = (os.cpu_count() or 1) if verb.workers is None else verb.workers
        made = generate(settings, verb.to, verb.exclude, workers, verb.engine, hear)
    _say(verb.to, made)


def data(verb: Data) -> bool:
    """Checks or describes a dataset; False if something is wrong with it."""
    from avrgym.data import check, manifest

    if isinstance(verb.verb, Info):
        _say(verb.verb.folder, manifest.load(verb.verb.folder))
        return True
    asked, count = verb.verb, 0
    with _progress() as bar:
        task = bar.add_task("reading rows", total=None)
        found = check(
            asked.folder,
            asked.exclude,
            asked.all,
            lambda done, of: bar.update(task, completed=done, total=of),
            lambda said: bar.console.print(f"note: {said}", markup=False, soft_wrap=True),
        )
        for count, finding in enumerate(found, 1):
            if count <= _SHOWN:
                bar.console.print(f"wrong: {finding}", markup=False, soft_wrap=True)
    if count > _SHOWN:
        print(f"and {count - _SHOWN} more")
    print(f"{asked.folder}: " + (f"{count} findings" if count else "all holds"))
    return count == 0


def mixture(verb: Generate) -> Mixture:
    """What the verb asks for.

    Raises:
        TaskError: Something is missing, or does not go with the kind of mixture.
    """
    from avrgym.data.exclusions import address_range

    name = verb.mixture
    if name in NAMES:
        if verb.task is None or verb.examples is None:
            raise TaskError(f"mixture {name} needs --task and --examples")
        params = dict(pair.partition("=")[::2] for pair in verb.params)
        return named(
            name,
            verb.task,
            verb.examples,
            verb.seed or 0,
            simple=verb.simple,
            hard=verb.hard,
            rationale=verb.rationale,
            params=params,
            template=verb.template or "plain",
            internalise=Internalise() if verb.internalise else None,
        )
    if verb.task is not None or verb.examples is not None:
        raise TaskError(
            f'"{name}" is no mixture by name, so --task and --examples say nothing; leave them '
            f"out, or give one of {', '.join(NAMES)}"
        )
    if span := address_range(name):
        head, first, stop = span
        if first:
            raise TaskError(f"{name} does not begin at 0; give addresses from 0 on")
        made = _of_addresses(verb, head, stop)
    elif Path(name).suffix == ".toml":
        made = load(name)
    else:
        raise TaskError(
            f'no mixture "{name}"; give one of {", ".join(NAMES)}, a TOML file, '
            "or addresses such as grid_navigation/hard#test:0:0-999"
        )
    if verb.seed is not None:
        made = replace(made, seed=verb.seed)
    return replace(made, template=verb.template) if verb.template else made


def _of_addresses(verb: Generate, head: str, count: int) -> Mixture:
    """The first instances of one source, in one format: these and no others.

    Raises:
        TaskError: Others would have to take the place of some.
    """
    from avrgym.data.exclusions import first_excluded

    if verb.writing.duplicates == "drop":
        raise TaskError(
            f"--duplicates drop would put other instances in place of some of {verb.mixture}; "
            "leave it out, or give count or fail"
        )
    format = Format.parse(verb.format)
    if found := first_excluded(head, count, verb.exclude):
        address, name = found
        raise TaskError(
            f"{address} has a content that --exclude {name} forbids; "
            "exclude less, or give other addresses"
        )
    setting, _, stream = head.partition("#")
    path, _, overrides = setting.partition("?")
    task, _, level = path.partition("/")
    split, seed, _ = stream.split(":")
    params = dict(pair.partition("=")[::2] for pair in overrides.split("&") if pair)
    part = Part(task, level, format, params=params, seed=int(seed), split=split)
    return Mixture(f"{task}-{level}", (Phase(split, count, (part,)),))


def _writing(verb: Generate) -> Writing:
    """How rows are written, with the way with duplicates that addresses need."""
    from avrgym.data.exclusions import address_range

    if verb.writing.duplicates == "auto" and address_range(verb.mixture):
        return replace(verb.writing, duplicates="count")
    return verb.writing


def _say_plan(mixture: Mixture) -> None:
    for phase in mixture.phases:
        print(f"{phase.name}: {phase.size:,} rows, to be seen {phase.epochs:g} times")
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            source = part.source(mixture.seed).address(0).removesuffix(":0")
            print(f"    {count:>12,}  {part.format.name}  {source}")


def _say(folder: Path, manifest: dict[str, Any]) -> None:
    for name, phase in manifest["phases"].items():
        kinds = ", ".join(f"{key} {count:,}" for key, count in phase["formats"].items())
        gave_way = phase["replaced"]
        print(
            f"{name}: {phase['rows']:,} rows ({kinds}), {len(phase['shards'])} files, "
            f"{phase['bytes']:,} bytes; replaced {gave_way['excluded']:,} excluded and "
            f"{gave_way['dropped']:,} duplicate; {phase['duplicates']:,} duplicates left"
        )
    print(f"{folder / 'manifest.json'}; prove it with: avrgym data check {folder}")


@contextmanager
def _progress() -> "Iterator[Progress]":
    """A bar with rate and time left, on the error stream, where it is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Task as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Bar) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    console = Console(stderr=True, highlight=False)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not sys.stderr.isatty(),
    ) as bar:
        yield bar
