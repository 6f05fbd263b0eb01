"""The verb generate: a dataset on disk."""

import functools
import math
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from avrgym._core import TaskError
from avrgym.cli import asked, stated
from avrgym.cli.codes import KEPT, writing
from avrgym.cli.options import Task, default
from avrgym.cli.progress import progress
from avrgym.core.extras import needs
from avrgym.data.settings import Settings, Writing
from avrgym.mixtures import Mixture

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class _Typed(Writing):
    # As it is typed: a field cannot have the name of a keyword.
    __doc__ = Writing.__doc__

    trainer: Annotated[str | None, tyro.conf.arg(name="for"), default("both's columns")] = None


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

    avrgym generate runs/quickstart --for dpo --to data/pairs

    avrgym generate "grid_navigation/simple#train:0:0-9999" --for prm --to data/steps

    Attributes:
        mixture: The name of one of the paper's (text, image, image_via_text, image+text, mix, mix+,
            image_via_text+, align, align-mix+), a TOML or YAML file, or addresses such as
            table_readout/hard#test:0:0-999; for dpo the folder of a run or an evaluation, of whose
            replies pairs are made; for prm such a folder, whose replies have a label for each
            step, or addresses, whose rationales are corrupted on purpose.
        to: The folder: new, or begun by the same command.
        writing: How rows are written.
        task: Of a mixture by name, which needs it.
        examples: How many a trainer sees in each phase of a mixture by name, which needs it; its
            rows are these divided by its epochs.
        seed: Of instances and order, but not of addresses, which have their own.
        template: How prompts are worded: plain, the name of another wording, or any.
        format: Of a range of addresses: text, image, image_via_text, image_to_text or structured;
            with -direct behind it the answer alone is asked for.
        simple: The level that stands for SIMPLE in a mixture by name.
        hard: The level that stands for HARD in a mixture by name.
        rationale: Whether a mixture by name has worked steps before its answers.
        internalise: Whether the rationales of a mixture by name shrink until none is left.
        params: Overrides of the levels' parameters in a mixture by name, such as trace=dfs.
        batch: Rows come in runs of so many that all show a picture, or none do: the rows that a
            trainer takes at once, or a multiple. Not of addresses, which have one format.
        accuracy: Of pairs: prompts are left out of whose replies a smaller or a larger share is
            right.
        most: Of pairs: how many a prompt gives at most.
        cut: Of pairs: first_error ends a wrong reply behind its first wrong step and takes the
            right one that shares the longest beginning; none leaves both whole.
        ratio: Of pairs: how many times as long one reply may be as the other; 0 for any.
        words: Of pairs: how many words of each reply stay; 0 for all.
        form: Of steps: columns has all that is known; stepwise is TRL's, math-shepherd and
            visualprm are what their papers train on.
        kinds: Of steps: what is done to rationales: fact, claim, copy, skipped, swapped, answer,
            carried, and gold for those as they are.
        continuations: Of steps of replies: label them by so many continuations of the policy behind
            each step instead of the verifier's word, which they are held to.
        policy: Of continuations: the folder of a model or a run that goes on.
        labels: Of continuations: hard is right where any came out right, soft the share.
        exclude: No content of these may occur: folders of finished datasets, addresses such as
            grid_navigation/hard#test:0:0-999, files of mixtures, files of content hashes.
        workers: How many work at once.
        engine: Processes of this machine, or tasks of the Ray cluster that runs.
        processor: What will read the pictures: qwen2-vl, qwen2.5-vl, qwen3-vl, siglip, clip, or a
            folder with a preprocessor_config.json. A size that it would change is warned of.
        dry_run: Only say what would be written, and refuse what could not be.
    """

    mixture: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="MIXTURE")]
    to: Path
    writing: Annotated[Mapping[str, Any], tyro.conf.arg(constructor=_as_given)]
    task: Task | None = None
    examples: int | None = None
    seed: Annotated[int | None, default("0, or what the file says")] = None
    template: Annotated[str | None, default("plain, or what the file says")] = None
    format: Annotated[str | None, default("image")] = None
    simple: Annotated[str | None, default("simple")] = None
    hard: Annotated[str | None, default("hard")] = None
    rationale: Annotated[bool | None, default("True", bool)] = None
    internalise: Annotated[bool | None, default("False", bool)] = None
    params: Annotated[tuple[str, ...] | None, default("none")] = None
    batch: Annotated[int | None, default("1, or what the file says")] = None
    accuracy: Annotated[tuple[float, float] | None, default("0.25 0.85")] = None
    most: Annotated[int | None, default("3")] = None
    cut: Annotated[Literal["first_error", "none"] | None, default("first_error")] = None
    ratio: Annotated[float | None, default("0")] = None
    words: Annotated[int | None, default("0")] = None
    form: Annotated[
        Literal["columns", "stepwise", "math-shepherd", "visualprm"] | None, default("columns")
    ] = None
    kinds: Annotated[tuple[str, ...] | None, default("all")] = None
    continuations: Annotated[int | None, default("none")] = None
    policy: Annotated[Path | None, default("the run whose replies they are")] = None
    labels: Annotated[Literal["hard", "soft"] | None, default("hard")] = None
    exclude: Annotated[tuple[str, ...], default("none")] = ()
    workers: Annotated[int | None, default("all cores")] = None
    engine: Literal["local", "ray"] = "local"
    processor: Annotated[str | None, default("none")] = None
    dry_run: bool = False

    def do(self) -> bool:
        """Writes the dataset and says what it has."""
        from avrgym.data import generate
        from avrgym.data.layouts import worded
        from avrgym.data.rehearsal import rehearse

        if self.writing.get("trainer") == "dpo":
            return _pairs(self)
        if self.writing.get("trainer") == "prm":
            return _steps(self)
        asked.no_pairs(self)
        settings = Settings(asked.mixture(self), asked.writing(self))
        if self.workers is not None and self.workers < 1:
            raise TaskError(f"--workers: {self.workers} workers do no work; give 1 or more")
        if self.processor is not None and (said := _resized(self.processor, settings.writing)):
            print(f"avrgym: warning: {said}", file=sys.stderr)
        if self.dry_run:
            with writing("give another folder with --to", self.to):
                rehearse(settings, self.to, self.exclude, self.workers, self.engine)
            _say_plan(worded(settings).mixture)
            return True
        with progress() as hear, writing(f"{KEPT} once that is mended", self.to):
            made = generate(settings, self.to, self.exclude, self.workers, self.engine, hear)
        stated.say(self.to, made)
        return True


def _pairs(verb: Generate) -> bool:
    """Writes pairs, and says how many of what."""
    from avrgym.train.preferences import TABLE, write

    rule = asked.pairing(verb)
    with writing("make room, and give the same command", verb.to):
        made = write(verb.to, Path(verb.mixture), rule)
    print(
        f"{len(made.pairs):,} pairs of {made.replies:,} replies to {made.prompts:,} prompts, "
        f"{made.mixed:,} of which had both right and wrong ones; {verb.to / TABLE}"
    )
    return True


def _steps(verb: Generate) -> bool:
    """Writes labelled steps, and says how many of what."""
    from avrgym.cli.labelled import AGAIN, alone, labelled
    from avrgym.prm.corpus import TABLE, counted, write

    with nullcontext() if verb.continuations is None else alone(verb.to):
        made = labelled(verb)
        with writing(AGAIN, verb.to):
            write(verb.to, made.rows, made.picture, verb.form or "columns", made.facts)
    steps = counted(made.rows)
    for name, found in made.audit.items():
        known = verb.labels == "soft" and math.isfinite(found.auc)
        ranked = f"; by share their AUC is {found.auc:.2f}" if known else ""
        print(
            f"{name}: {found.steps:,} steps, {found.wrong:.1%} wrong; of those labelled wrong "
            f"{found.precision.value:.1%} are, of wrong ones {found.recall.value:.1%} are labelled "
            f"so{ranked}"
        )
    print(
        f"{len(made.rows):,} replies of {steps['steps']:,} steps, {steps['wrong']:,} of them wrong "
        f"and {steps['unknown']:,} that cannot be judged; {verb.to / TABLE}"
    )
    return True


def _resized(processor: str, writing: Writing) -> str | None:
    """What to say where a processor would resize or pad pictures; else None."""
    from avrgym.models.processors import layout
    from avrgym.prompts.fitting import changed

    height, width = writing.sides
    try:
        fits = changed(layout(processor), height, width)
    except TaskError as wrong:
        raise TaskError(f"--processor: {wrong}") from None
    except OSError as wrong:  # bad input, not a failure to write
        raise TaskError(f"--processor: {' '.join(str(wrong).split())}") from None
    sizes = " or ".join(f"{tall} x {wide}" for tall, wide in fits)
    said = f"would resize pictures of {height} x {width} pixels; --size that fits: {sizes}"
    return f"{processor} {said}" if fits else None


def _say_plan(mixture: Mixture) -> None:
    for phase in mixture.phases:
        print(f"{phase.name}: {phase.size:,} rows, to be seen {phase.epochs:g} times")
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            source = part.source(mixture.seed).address(0).removesuffix(":0")
            print(f"    {count:>12,}  {part.format.name}  {source}")
