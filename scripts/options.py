"""Settings of GRPO at equal sampled replies, over seeds: writes a page of results.

Runs of one seed share everything before their last stage, and differ in that one: losses, clipping
and masks as TRL has them, replies a prompt, counterfactual pay. Replies are drawn for several
optimiser steps together, since on replies of the present model all ratios are 1, and clipping them
does nothing. Finished runs are not run again: interrupt and go on as you like.

    python scripts/options.py --seeds 0 1 2
    python scripts/options.py --only dapo counterfactual --steps 400 --to docs/results/twins.md
"""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro
from study import share

from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.seeds import entry
from avrgym.report.failures import failures
from avrgym.report.names import level_name
from avrgym.runs.record import Record, write
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo

#: What each variant sets of the stage, by dotted key; replies a prompt set how many prompts.
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "dapo": {"trl.loss_type": "dapo"},
    "grpo": {"trl.loss_type": "grpo"},
    "dr_grpo": {"trl.loss_type": "dr_grpo", "trl.scale_rewards": "none"},
    "bnpo": {"trl.loss_type": "bnpo"},
    "cispo": {"trl.loss_type": "cispo", "trl.epsilon_high": "5.0"},
    "gspo": {"trl.loss_type": "grpo", "trl.importance_sampling_level": "sequence"},
    "clip-higher": {"trl.epsilon_high": "0.28"},
    "overlong masks": {"trl.mask_truncated_completions": "true"},
    "2 replies": {"replies": "2"},
    "4 replies": {"replies": "4"},
    "16 replies": {"replies": "16"},
    "counterfactual": {"counterfactual": "1.0"},
    "half counterfactual": {"counterfactual": "0.5"},
}


@dataclass(frozen=True, slots=True)
class Options:
    """What to run."""

    task: str = "grid_navigation"
    config: Path | None = None
    """A run's file, whose last stage is ``grpo``; the quickstart of the task if left out."""
    only: tuple[str, ...] = tuple(OPTIONS)
    """Names of variants; the first is what the others are compared with."""
    seeds: tuple[int, ...] = (0, 1, 2)
    steps: int = 160
    """Of the last stage."""
    together: int = 4
    """Optimiser steps for which replies are drawn together."""
    items: int = 256
    """Problems a level in the evaluation."""
    split: Literal["val", "test"] = "test"
    runs: Path = Path("runs/options")
    to: Path = Path("docs/results/options.md")


def main(asked: Options, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    file = asked.config or quickstart(asked.task)
    variants = {name: varied(file, name, asked) for name in asked.only}
    records: dict[str, list[Record]] = {name: [] for name in variants}
    for seed in asked.seeds:
        first: Record | None = None
        for name, variant in variants.items():
            planned = replace(
                variant, name=f"{variant.name}-{seed}-{name.replace(' ', '-')}", seed=seed
            )
            if first:
                share(first, planned, asked.runs / planned.name)
            record = train(planned, folder=asked.runs)
            records[name].append(record)
            first = first or record
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    write(asked.to, "\n".join(page(next(iter(variants.values())), asked, records, given)) + "\n")
    print(asked.to)


def varied(file: Path, name: str, asked: Options) -> Run:
    """A variant of a run, at as many sampled replies as any other.

    Raises:
        TaskError: There is no such variant, or the run does not end in ``grpo``.
    """
    if name not in OPTIONS:
        raise TaskError(f"only has {name!r}; variants: {', '.join(OPTIONS)}")
    run = load(file)
    last = run.stages[-1]
    if not isinstance(last, Grpo):
        raise TaskError(f"{file} ends in {last.kind}; give a run whose last stage is grpo")
    replies = int(OPTIONS[name].get("replies", last.replies))
    settings = {
        "steps": str(asked.steps),
        "steps_per_generation": str(asked.together),
        "checkpoint_every": "0",
        "prompts": str(last.prompts * last.replies // replies),
        **OPTIONS[name],
    }
    at = len(run.stages) - 1
    made = load(file, {f"stages.{at}.{key}": value for key, value in settings.items()})
    measured = replace(made.evaluation, split=asked.split, items=asked.items)
    return replace(made, evaluation=measured)


def page(
    run: Run, asked: Options, records: Mapping[str, Sequence[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    last = run.stages[-1]
    assert isinstance(last, Grpo), "varied() saw to it"
    drawn = last.prompts * last.replies
    seeds = " ".join(map(str, asked.seeds))
    yield f"# {asked.task}: settings of GRPO at equal sampled replies\n"
    yield (
        f"{asked.steps} steps of {drawn} replies, drawn for {asked.together} steps together; runs "
        f"of one seed share their model before. Split `{asked.split}`, up to {asked.items} samples "
        "of distinct content a level, none of which occurs in training. Per cent of replies: mean "
        f"over seeds ± half the 95 % interval over seeds (Student), then by seed (seeds {seeds}).\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/options.py', *given])}`."
    held = {name: [list(record.results()) for record in runs] for name, runs in records.items()}
    rows = next(iter(held.values()))[0]
    for form in dict.fromkeys(row["format"] for row in rows):
        for decoding in dict.fromkeys(row["decoding"] for row in rows):
            yield f"\n## Right: {form}, {decoding}\n"
            levels = list(dict.fromkeys(row["level"] for row in rows))
            yield f"| variant | {' | '.join(map(level_name, levels))} | all | ahead of the first |"
            yield f"|{'---|' * (3 + len(levels))}"
            base: list[float] = []
            for name, runs in held.items():
                scores = [_scores(each, form, decoding, levels) for each in runs]
                means = [sum(score) / len(score) for score in scores]
                base = base or means
                ahead = [mine - its for mine, its in zip(means, base, strict=True)]
                cells = [entry(column) for column in zip(*scores, strict=True)]
                cells += [entry(means), entry(ahead, sign=True)]
                yield f"| {name} | {' | '.join(cells)} |"
    yield "\n## What fails first\n\nGreedy replies of all levels together."
    yield from failures(records, "variant")


def _scores(
    rows: Sequence[Mapping[str, object]], form: str, decoding: str, levels: Sequence[str]
) -> list[float]:
    """Per cent right of a run's last stage, by level."""
    last = rows[-1]["stage"]
    mine = [
        row
        for row in rows
        if (row["stage"], row["format"], row["decoding"]) == (last, form, decoding)
    ]
    found = accuracy(mine, "level")
    return [100 * found[(level,)].right / found[(level,)].total for level in levels]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__), sys.argv[1:])
