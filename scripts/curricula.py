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
from avrgym.train.shipped import find
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft

TO = Path("docs/results/curricula.md")
REFILLED = "uniform, refilled"
REPLIES = 8  # to a prompt
KINDS = [each().kind for each in CLIMBS]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is climbed.

    Attributes:
        words: What it is, and how hard to begin with.
        base: The shipped run whose model, wording and imitation are taken.
        climbed: The levels, easiest first.
        steps: Of reinforcement, unless the command says so.
        imitated: What is imitated instead of what the run's file says.
        picture: Of how many pixels to the side, instead of that of the file; 0: of the file.
    """

    words: str
    base: str
    climbed: Levels
    steps: int
    imitated: Levels | None = None
    picture: int = 0


# Boards with a side of 5 have cells of one size whatever the other side is: one patch of 28 pixels.
_BOARDS = {"answers": 0, "blind_max": 0.5}

PROBLEMS: dict[str, Problem] = {
    "lengths": Problem(
        "Paths of 1 to 16 cells, of which 1 to 5 are imitated: the longest are out of reach",
        "lengths_consecutive_table_readout",
        Levels(
            task="consecutive_table_readout",
            levels="rung3",
            params={"names": "letters"},
            widen={"cells": "1-16"},
        ),
        40,
        Levels(
            task="consecutive_table_readout",
            levels="rung3",
            params={"names": "letters", "cells": "1-5"},
        ),
    ),
    "grid": Problem(
        "The grid's first five rungs, of which two are imitated",
        "quickstart_grid_navigation",
        Levels(task="grid_navigation", levels="rung0..rung4"),
        100,
    ),
    "sizes": Problem(
        "Boards of 3 x 5 to 5 x 5 cells, of which the smallest are imitated",
        "quickstart_grid_navigation",
        Levels(
            task="grid_navigation",
            levels=(
                "rung1?rows=3&columns=5",
                "rung1?rows=5&columns=3",
                "rung1?rows=4&columns=5&length=2-5&obstacles=3-5",
                "rung1?rows=5&columns=5&length=2-6&obstacles=4-6",
                "rung1?rows=5&columns=5&length=4-8&obstacles=5-8",
            ),
            params=_BOARDS,
        ),
        100,
        Levels(
            task="grid_navigation",
            levels=("rung1?rows=3&columns=5", "rung1?rows=5&columns=3"),
            params=_BOARDS,
        ),
        picture=168,
    ),
    "readout": Problem(
        "The first three rungs of consecutive readouts, of which one is imitated",
        "quickstart_consecutive_table_readout",
        Levels(task="consecutive_table_readout", levels="rung0..rung2"),
        60,
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
    steps: int = 0
    """Of reinforcement, the budget of all climbs; as many as the problem has if 0."""
    prompts: int = 8
    """Of a step, with 8 replies each."""
    items: int = 64
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
    asked = PROBLEMS[problem]
    base = load(find(asked.base))
    sft = next(stage for stage in base.stages if isinstance(stage, Sft))
    kind = "uniform" if climb == REFILLED else climb
    spec: Any = next(each for each in CLIMBS if each().kind == kind)
    room = max(96, base.evaluation.max_reply)  # of the longest rationale of rung4
    grpo = Grpo(
        steps=study.steps or asked.steps,
        prompts=study.prompts,
        replies=REPLIES,
        max_reply=room,
        rewards={"progress": 1.0},
        refill=2 if climb == REFILLED else 0,
        curriculum=replace(asked.climbed, climb=spec()),
        probe_every=0,
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98},
    )
    suite = dict.fromkeys(setting for setting, _ in asked.climbed.asks(Occasion(rows=1)))
    return replace(
        base,
        name=f"{problem}-{seed}-{climb.replace(', ', '-')}",
        seed=seed,
        picture=replace(base.picture, size=asked.picture) if asked.picture else base.picture,
        stages=(
            replace(
                sft,
                steps=study.imitated or sft.steps,
                curriculum=asked.imitated or sft.curriculum,
                probe_every=0,
            ),
            grpo,
        ),
        evaluation=Evaluation(
            suite=tuple(suite), items=study.items, formats=("image",), max_reply=room, seed=7
        ),
    )


def page(
    study: Study, records: dict[tuple[str, str], list[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    yield "# Curricula at equal sampled replies\n"
    yield (
        "Each climb draws as many replies (prompts that are left out among them), begins with "
        f"the same imitation model of its seed, and is measured on {study.items} held-out problems "
        "a level, split `test`, pictures. Per cent right, mean of all levels, each weighing the "
        "same: mean over seeds ± half the 95 % interval over seeds (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}). What a climb gains is counted seed by seed "
        "against the uniform one: where that interval holds 0, nothing was shown.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/curricula.py', *given])}`.\n"
    for problem in study.problems:
        asked = PROBLEMS[problem]
        yield f"\n## {asked.words}\n"
        replies = (study.steps or asked.steps) * study.prompts * REPLIES
        yield f"{replies:,} replies, {study.prompts} prompts with {REPLIES} each a step.\n"
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
