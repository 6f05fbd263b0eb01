"""Verbs of datasets: generate, data check, data info."""

import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, NoReturn

import tyro

from avrgym._core import TaskError
from avrgym.cli.codes import NotWrittenError, writing
from avrgym.cli.look import Task
from avrgym.cli.progress import progress
from avrgym.data.settings import Settings, Writing
from avrgym.mixtures import (
    NAMES,
    SUFFIXES,
    Format,
    Internalise,
    Mixture,
    Part,
    Phase,
    load,
    named,
)

KEPT = "what is finished is kept, the same command goes on from there"

# Problems shown on a terminal before the rest is only counted.
_SHOWN = 20

# Options that a mixture by name has a use for, and those that not every mixture has one for.
_OF_NAMED = ("task", "examples", "seed", "simple", "hard", "rationale", "internalise", "params")
_OF_SOME = (*_OF_NAMED, "format", "batch")


class _BegunError(Exception):
    """All was in order up to the first instance."""


def _default(what: str, kind: type | None = None) -> object:
    """What an option stands for if left out, where None tells that it was left out."""
    return tyro.conf.arg(help_behavior_hint=f"(default: {what})", constructor=kind)


@dataclass(frozen=True, slots=True)
class _Typed(Writing):
    # As it is typed: a field cannot have the name of a keyword.
    __doc__ = Writing.__doc__

    trainer: Annotated[str | None, tyro.conf.arg(name="for"), _default("both's columns")] = None


@functools.wraps(_Typed)
def _as_given(**values: Any) -> Mapping[str, Any]:
    """Keeps the values as they are: what the parser hears of a wrong one it says badly."""
    return values


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
            image_via_text+, align, align-mix+), a TOML or YAML file, or addresses such as
            table_readout/hard#test:0:0-999.
        to: The folder: new, or begun by the same command.
        writing: How rows are written.
        task: Of a mixture by name, which needs it.
        examples: How many a trainer sees in each phase of a mixture by name, which needs it; its
            rows are these divided by its epochs.
        seed: Of instances and order, but not of addresses, which have their own.
        template: How prompts are worded: plain, the name of another wording, or any.
        format: Of a range of addresses: text, image, image_via_text or image_to_text; with -direct
            behind it the answer alone is asked for.
        simple: The level that stands for SIMPLE in a mixture by name.
        hard: The level that stands for HARD in a mixture by name.
        rationale: Whether a mixture by name has worked steps before its answers.
        internalise: Whether the rationales of a mixture by name shrink until none is left.
        params: Overrides of the levels' parameters in a mixture by name, such as trace=dfs.
        batch: Rows come in runs of so many that all show a picture, or none do: the rows that a
            trainer takes at once, or a multiple. Not of addresses, which have one format.
        exclude: No content of these may occur: folders of finished datasets, addresses such as
            grid_navigation/hard#test:0:0-999, files of mixtures, files of content hashes.
        workers: How many work at once.
        engine: Processes of this machine, or tasks of the Ray cluster that runs.
        processor: What will read the pictures: qwen2-vl, qwen2.5-vl, qwen3-vl, siglip, clip, or a
            folder with a preprocessor_config.json. A size that it would change is warned of.
        dry_run: Only say what would be written, and refuse what could not be.
    """

    mixture: Annotated[str, tyro.conf.Positional]
    to: Path
    writing: Annotated[Mapping[str, Any], tyro.conf.arg(constructor=_as_given)]
    task: Task | None = None
    examples: int | None = None
    seed: Annotated[int | None, _default("0, or what the file says")] = None
    template: Annotated[str | None, _default("plain, or what the file says")] = None
    format: Annotated[str | None, _default("image")] = None
    simple: Annotated[str | None, _default("simple")] = None
    hard: Annotated[str | None, _default("hard")] = None
    rationale: Annotated[bool | None, _default("True", bool)] = None
    internalise: Annotated[bool | None, _default("False", bool)] = None
    params: Annotated[tuple[str, ...] | None, _default("none")] = None
    batch: Annotated[int | None, _default("1, or what the file says")] = None
    exclude: Annotated[tuple[str, ...], _default("none")] = ()
    workers: Annotated[int | None, _default("all cores")] = None
    engine: Literal["local", "ray"] = "local"
    processor: Annotated[str | None, _default("none")] = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Prove a finished dataset: files, words, pictures, duplicates, leaks. Exit code 1 if not so.

    What is wrong goes to the output, a line each: on a terminal the first 20, elsewhere all. For
    example:

    avrgym data check data/mix --all

    avrgym data check data/mix > wrong.txt

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
    if verb.workers is not None and verb.workers < 1:
        raise TaskError(f"--workers: {verb.workers} workers do no work; give 1 or more")
    if verb.processor is not None:
        from avrgym.cli import processors

        if said := processors.warning(verb.processor, *settings.writing.sides):
            print(f"avrgym: warning: {said}", file=sys.stderr)
    if verb.dry_run:
        _rehearse(verb, settings)
        _say_plan(settings.mixture)
        return
    with progress() as hear, writing(f"{KEPT} once that is mended"):
        made = generate(settings, verb.to, verb.exclude, verb.workers, verb.engine, hear)
    _say(verb.to, made)


def data(verb: Data) -> bool:
    """Checks or describes a dataset; False if something is wrong with it."""
    from avrgym.data import check, manifest

    if isinstance(verb.verb, Info):
        _say(verb.verb.folder, manifest.load(verb.verb.folder))
        return True
    asked, count = verb.verb, 0
    shown = _SHOWN if sys.stdout.isatty() else None
    with progress() as hear:
        found = check(
            asked.folder,
            asked.exclude,
            asked.all,
            lambda done, of: hear("read", done, of),
            lambda said: print(f"note: {said}"),
        )
        for count, finding in enumerate(found, 1):
            if shown is None or count <= shown:
                print(f"wrong: {finding}")
    if shown is not None and count > shown:
        print(f"and {count - shown} more; a file has all of them: avrgym data check … > wrong.txt")
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
        _only(verb, "is a mixture by name", "its formats are its own", *_OF_NAMED, "batch")
        return _by_name(verb)
    if span := address_range(name):
        remedy = (
            "addresses say it themselves, such as grid_navigation/hard?trace=dfs#test:0:0-999, "
            "and --format image-direct asks for no steps"
        )
        _only(verb, "is a range of addresses", remedy, "format")
        head, first, stop = span
        if first:
            raise TaskError(f"{name} does not begin at 0; give addresses from 0 on")
        made = _of_addresses(verb, head, stop)
    elif Path(name).suffix.lower() in SUFFIXES:
        _only(verb, "is a file", "a file says it itself", "seed", "batch")
        made = load(name)
        if verb.batch is not None:
            phases = tuple(replace(phase, batch=verb.batch) for phase in made.phases)
            made = replace(made, phases=phases)
    else:
        raise TaskError(
            f'no mixture "{name}"; give one of {", ".join(NAMES)}, a TOML or YAML file, '
            "or addresses such as grid_navigation/hard#test:0:0-999"
        )
    if verb.seed is not None:
        made = replace(made, seed=verb.seed)
    return made if verb.template is None else replace(made, template=verb.template)


def _only(verb: Generate, kind: str, remedy: str, *allowed: str) -> None:
    """Refuses options that the kind of mixture has no use for.

    Raises:
        TaskError: One was given; silence would write other data than asked for.
    """
    given = {option: getattr(verb, option) for option in _OF_SOME if option not in allowed}
    useless = [_typed(option, value) for option, value in given.items() if value is not None]
    if useless:
        raise TaskError(
            f"{verb.mixture} {kind} and has no use for {', '.join(useless)}; "
            f"leave that out: {remedy}"
        )


def _typed(option: str, value: object) -> str:
    """An option as it was typed."""
    if isinstance(value, bool):
        return f"--{option}" if value else f"--no-{option}"
    return " ".join([f"--{option}", *(value if isinstance(value, tuple) else [str(value)])])


def _by_name(verb: Generate) -> Mixture:
    if verb.task is None or verb.examples is None:
        raise TaskError(f"mixture {verb.mixture} needs --task and --examples")
    pairs = [pair.partition("=")[::2] for pair in verb.params or ()]
    if len(dict(pairs)) < len(pairs):
        raise TaskError(f"--params {' '.join(verb.params or ())} names one twice; give each once")
    return named(
        verb.mixture,
        verb.task,
        verb.examples,
        verb.seed or 0,
        simple=verb.simple if verb.simple is not None else "simple",
        hard=verb.hard if verb.hard is not None else "hard",
        rationale=verb.rationale is not False,
        params=dict(pairs),
        template=verb.template if verb.template is not None else "plain",
        internalise=Internalise() if verb.internalise else None,
        batch=1 if verb.batch is None else verb.batch,
    )


def _writing(verb: Generate) -> Writing:
    """How rows are written, with the way with duplicates that addresses need.

    Raises:
        TaskError: A value is wrong; the message begins with its option.
    """
    from avrgym.data.exclusions import address_range

    for name, value in verb.writing.items():
        try:
            Writing(**{name: value})
        except TaskError as wrong:
            typed = {"trainer": "for"}.get(name, name.replace("_", "-"))
            raise TaskError(f"--{typed}: {wrong}") from None
    made = Writing(**verb.writing)
    if made.duplicates == "auto" and address_range(verb.mixture):
        return replace(made, duplicates="count")
    return made


def _of_addresses(verb: Generate, head: str, count: int) -> Mixture:
    """The first instances of one source, in one format: these and no others.

    Raises:
        TaskError: Others would have to take the place of some.
    """
    from avrgym.data.exclusions import first_excluded

    if verb.writing.get("duplicates") == "drop":
        raise TaskError(
            f"--duplicates drop would put other instances in place of some of {verb.mixture}; "
            "leave it out, or give count or fail"
        )
    format = Format.parse("image" if verb.format is None else verb.format)
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
    return Mixture(f"{task}-{level}", (Phase(split, count, (part,), shuffle=False),))


def _rehearse(verb: Generate, settings: Settings) -> None:
    """Lets all refuse that would, up to the first instance, and leaves nothing behind.

    Raises:
        TaskError: It could not be written as asked for.
        NotWrittenError: The folder cannot be made.
    """
    from avrgym.data import generate

    def stop(_stage: str, _done: int, _of: int) -> NoReturn:
        raise _BegunError

    folder = verb.to.absolute()
    above = next(path for path in (folder, *folder.parents) if path.exists())
    with writing("give another folder with --to"):
        begun = bool(os.listdir(above)) and above == folder
    if not os.access(above, os.W_OK):
        raise NotWrittenError(f"{above}: no right to write; give another folder with --to")
    with TemporaryDirectory(prefix="avrgym-dry-run-") as scratch:
        # What was begun is compared and left as it is; a new folder is not even made.
        place = verb.to if begun else Path(scratch) / "data"
        try:
            generate(settings, place, verb.exclude, verb.workers, verb.engine, stop)
        except _BegunError:
            pass


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
