"""Compares climbs at equal sampled replies: writes ``docs/results/curricula.md``.

Of each problem one model is imitated per seed, with which all climbs go on, so that they are
compared pair by pair with the uniform one. Finished runs are not run again, and one that was
stopped goes on: interrupt as you like.

    python scripts/curricula.py                                   # all of it: days of one CPU
    python scripts/curricula.py --problems grid --climbs uniform window --seeds 0 1
"""

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tyro
from study import share

from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.seeds import entry
from avrgym.core.score import Score
from avrgym.evaluate.suite import Evaluation
from avrgym.runs.record import Record, write
from avrgym.train.curricula import CLIMBS, Levels
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft

TO = Path("docs/results/curricula.md")
REFILLED = "uniform, refilled"
KINDS = [each().kind for each in CLIMBS]

#: The quickstart of whose task is imitated, what is climbed then, and how hard it is to begin with.
PROBLEMS: dict[str, tuple[str, Levels, str]] = {
    "grid": (
        "grid_navigation",
        Levels(task="grid_navigation", levels="rung0..rung4"),
        "The grid's first five rungs, of which two are imitated",
    ),
    "readout": (
        "consecutive_table_readout",
        Levels(task="consecutive_table_readout", levels="rung0..rung2"),
        "The first three rungs of consecutive readouts, of which one is imitated",
    ),
    "lengths": (
        "consecutive_table_readout",
        Levels(
            task="consecutive_table_readout",
            levels="rung3",
            params={"names": "letters"},
            widen={"cells": "1-16"},
        ),
        "Paths of 1 to 16 cells, of which 1 to 8 are imitated: the rest is out of reach at first",
    ),
}


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    problems: tuple[str, ...] = tuple(PROBLEMS)
    climbs: tuple[str, ...] = (*KINDS, REFILLED)
    """``uniform`` among them, with which the others are compared."""
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    imitated: int = 0
    """Steps of imitation; the quickstart's if 0."""
    steps: int = 250
    """Of reinforcement, 16 prompts with 8 replies each: the budget of all."""
    items: int = 256
    """Samples that each level is measured on."""
    runs: Path = Path("runs/curricula")
    to: Path = TO


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    for what, names, known in (
        ("problem", study.problems, list(PROBLEMS)),
        ("climb", study.climbs, [*KINDS, REFILLED]),
    ):
        if wrong := [name for name in names if name not in known]:
            raise TaskError(f"there is no {what} {wrong[0]}; known: {', '.join(known)}")
    records: dict[tuple[str, str], list[Record]] = {}
    for seed in study.seeds:
        for problem in study.problems:
            first: Record | None = None
            for climb in study.climbs:
                planned = run_of(study, problem, climb, seed)
                if first:
                    share(first, planned, study.runs / planned.name)
                record = train(planned, folder=study.runs)
                records.setdefault((problem, climb), []).append(record)
                first = first or record
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, records, given)) + "\n")
    print(study.to)


def run_of(study: Study, problem: str, climb: str, seed: int) -> Run:
    """One run: imitation as the quickstart has it, then reinforcement under a climb."""
    task, levels, _ = PROBLEMS[problem]
    base = load(quickstart(task))
    [sft] = [stage for stage in base.stages if isinstance(stage, Sft)]
    kind = "uniform" if climb == REFILLED else climb
    spec: Any = next(each for each in CLIMBS if each().kind == kind)
    room = max(96, base.evaluation.max_reply)  # of the longest rationale of rung4
    grpo = Grpo(
        steps=study.steps,
        max_reply=room,
        rewards={"progress": 1.0},
        refill=2 if climb == REFILLED else 0,
        curriculum=replace(levels, climb=spec()),
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98},
    )
    asked = dict.fromkeys(setting for setting, _ in levels.asks(Occasion(rows=1)))
    return replace(
        base,
        name=f"{problem}-{seed}-{climb.replace(', ', '-')}",
        seed=seed,
        stages=(replace(sft, steps=study.imitated or sft.steps), grpo),
        evaluation=Evaluation(
            suite=tuple(asked), items=study.items, formats=("image",), max_reply=room, seed=7
        ),
    )


def page(
    study: Study, records: dict[tuple[str, str], list[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    yield "# Curricula at equal sampled replies\n"
    replies = study.steps * 16 * 8
    yield (
        f"Each climb draws {replies:,} replies (prompts that are left out among them), begins with "
        f"the same imitation model of its seed, and is measured on {study.items} held-out problems "
        "a level, split `test`, pictures. Per cent right, mean of all levels, each weighing the "
        "same: mean over seeds ± half the 95 % interval over seeds (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}). What a climb gains is counted seed by seed "
        "against the uniform one: where that interval holds 0, nothing was shown.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/curricula.py', *given])}`.\n"
    for problem in study.problems:
        yield f"\n## {PROBLEMS[problem][2]}\n"
        yield from _table(study, problem, records)


def _table(
    study: Study, problem: str, records: dict[tuple[str, str], list[Record]]
) -> Iterator[str]:
    """A line for each climb: per cent right, and what it gains on the uniform one."""
    shares = {climb: _shares(records[problem, climb]) for climb in study.climbs}
    yield "| climb | greedy | sampled | hardest level, greedy | gain, greedy | gain, sampled |"
    yield "|---|---|---|---|---|---|"
    first = next(iter(shares.values()))
    yield f"| none: imitation alone | {' | '.join(entry(first['sft', c]) for c in COLUMNS)} | | |"
    for climb, found in shares.items():
        cells = [entry(found["grpo", column]) for column in COLUMNS]
        for column in COLUMNS[:2]:
            if climb == "uniform" or "uniform" not in shares:
                cells.append("")
                continue
            base = shares["uniform"]["grpo", column]
            pairs = zip(found["grpo", column], base, strict=True)
            cells.append(entry([a - b for a, b in pairs], sign=True))
        yield f"| {climb} | {' | '.join(cells)} |"


COLUMNS = ("greedy", "sampled", "hardest")


def _shares(runs: Sequence[Record]) -> dict[tuple[str, str], list[float]]:
    """Per cent by stage and column, a number a seed."""
    found: dict[tuple[str, str], list[float]] = {}
    for record in runs:
        rows = list(record.results())
        scores = accuracy(rows, "stage", "decoding", "level")
        levels = list(dict.fromkeys(row["level"] for row in rows))
        for stage in ("sft", "grpo"):
            for decoding in ("greedy", "sampled"):
                each = [
                    100 * scores.get((stage, decoding, level), Score(0, 0)).accuracy
                    for level in levels
                ]
                found.setdefault((stage, decoding), []).append(sum(each) / len(each))
                if decoding == "greedy":
                    found.setdefault((stage, "hardest"), []).append(each[-1])
    return found


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
