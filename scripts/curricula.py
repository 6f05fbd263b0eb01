"""Compares climbs at equal sampled replies: writes ``docs/results/curricula.md``.

Of each problem one model is imitated per seed, with which all climbs go on, so that they are
compared pair by pair with the uniform one. Finished runs are not run again, and one that was
stopped goes on: interrupt as you like.

    python scripts/curricula.py                                  # all of it: hours of one CPU
    python scripts/curricula.py --problems far --climbs uniform adarft --seeds 0 1 2
"""

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import tyro
from study import share

from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.seeds import entry
from avrgym.core.score import Score
from avrgym.evaluate.suite import Evaluation
from avrgym.report.names import level_name
from avrgym.runs.record import Record, write
from avrgym.train.curricula import CLIMBS, Levels
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.curricula.uniform import Uniform
from avrgym.train.curricula.window import Window
from avrgym.train.run import train
from avrgym.train.shipped import find
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft

TO = Path("docs/results/curricula.md")
REFILLED = "uniform, refilled"
REPLIES = 8  # to a prompt
#: By name: each climb as it is, and what the pages of documentation advise instead.
VARIANTS: dict[str, Any] = {
    **{each().kind: each() for each in CLIMBS},
    "window at .5": Window(promote=0.5),
    REFILLED: Uniform(),
}


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


_PATHS = Levels(
    task="consecutive_table_readout",
    levels="rung3",
    params={"names": "letters"},
    widen={"cells": "1-16"},
)


def _shown(cells: str) -> Levels:
    return replace(_PATHS, params={"names": "letters", "cells": cells}, widen={})


# Boards with a side of 5 have cells of one size whatever the other side is: one patch of 28 pixels.
_BOARDS = {"answers": 0, "blind_max": 0.5}

PROBLEMS: dict[str, Problem] = {
    "lengths": Problem(
        "Paths of 1 to 16 cells, of which 1 to 6 are imitated: the longest are hardly ever right",
        "quickstart_consecutive_table_readout",
        _PATHS,
        40,
        _shown("1-6"),
    ),
    "far": Problem(
        "Paths of 1 to 16 cells, of which 1 to 5 are imitated: hardly any beyond 8 is right",
        "quickstart_consecutive_table_readout",
        _PATHS,
        40,
        _shown("1-5"),
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


#: Runs by problem and climb, by seed.
Records: TypeAlias = dict[tuple[str, str], dict[int, Record]]


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    problems: tuple[str, ...] = tuple(PROBLEMS)
    climbs: tuple[str, ...] = tuple(VARIANTS)
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
    finished: bool = False
    """Write the page of the runs that are finished, and run nothing."""
    runs: Path = Path("runs/curricula")
    to: Path = TO


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    for what, names, known in (
        ("problem", study.problems, list(PROBLEMS)),
        ("climb", study.climbs, list(VARIANTS)),
    ):
        if wrong := [name for name in names if name not in known]:
            raise TaskError(f"there is no {what} {wrong[0]}; known: {', '.join(known)}")
    records: Records = {}
    for seed in study.seeds:
        for problem in study.problems:
            first: Record | None = None
            for climb in study.climbs:
                planned = run_of(study, problem, climb, seed)
                record = Record(study.runs / planned.name)
                if study.finished and not record.is_done("evaluate grpo"):
                    continue
                if not study.finished:
                    if first:
                        share(first, planned, record.folder)
                    record = train(planned, folder=study.runs)
                records.setdefault((problem, climb), {})[seed] = record
                first = first or record
                study.to.parent.mkdir(parents=True, exist_ok=True)
                write(study.to, "\n".join(page(study, records, given)) + "\n")
    if not records:
        raise TaskError(f"no run in {study.runs} is finished; leave --finished out to run them")
    print(study.to)


def run_of(study: Study, problem: str, climb: str, seed: int) -> Run:
    """One run: imitation as the quickstart has it, then reinforcement under a climb."""
    asked = PROBLEMS[problem]
    base = load(find(asked.base))
    sft = next(stage for stage in base.stages if isinstance(stage, Sft))
    room = max(96, base.evaluation.max_reply)  # of the longest rationale of rung4
    grpo = Grpo(
        steps=study.steps or asked.steps,
        prompts=study.prompts,
        replies=REPLIES,
        max_reply=room,
        rewards={"progress": 1.0},
        refill=2 if climb == REFILLED else 0,
        curriculum=replace(asked.climbed, climb=VARIANTS[climb]),
        probe_every=0,
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98},
    )
    suite = dict.fromkeys(setting for setting, _ in asked.climbed.asks(Occasion(rows=1)))
    return replace(
        base,
        name=f"{problem}-{seed}-{re.sub('[^a-z0-9]+', '-', climb)}",
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


def page(study: Study, records: Records, given: Sequence[str]) -> Iterator[str]:
    """The lines of the page: of what there is so far."""
    yield "# Curricula at equal sampled replies\n"
    yield (
        "Each climb, with its defaults unless it says otherwise, draws as many replies (prompts "
        "that are left out among them), begins with the same imitation model of its seed, and is "
        f"measured on {study.items} held-out problems a level, split `test`, pictures. Per cent "
        "right, mean of "
        "all levels, each weighing the same: mean over seeds ± half the 95 % interval over seeds "
        "(Student), then seed by seed. What a climb gains is counted seed by seed against the "
        "uniform one: where that interval holds 0, or there is but one seed, nothing was shown. "
        "Groups with signal: prompts to which "
        "right and wrong replies were drawn. Warned: runs in which something stood still.\n"
    )
    words = [word for word in given if word not in ("--finished", "--no-finished")]
    yield (
        f"Written by `{shlex.join(['python', 'scripts/curricula.py', *words])}`; the same goes on "
        "with what is missing.\n"
    )
    for problem in study.problems:
        asked = PROBLEMS[problem]
        done = [climb for climb in study.climbs if (problem, climb) in records]
        yield f"\n## {asked.words}\n"
        if not done:
            yield "Not run yet."
            continue
        whole = len(study.seeds) * len(study.climbs)
        missing = whole - sum(len(records[problem, climb]) for climb in done)
        replies = (study.steps or asked.steps) * study.prompts * REPLIES
        short = f" **Missing: {missing} of {whole} runs.**"
        yield (
            f"{replies:,} replies, {study.prompts} prompts with {REPLIES} each a step."
            f"{short if missing else ''}\n"
        )
        runs = {climb: records[problem, climb] for climb in done}
        yield from _table(runs)
        yield from _levels(runs)


def _table(records: Mapping[str, Mapping[int, Record]]) -> Iterator[str]:
    """A line for each climb: per cent right, and what it gains on the uniform one."""
    shares = {
        climb: {seed: _shares(record) for seed, record in runs.items()}
        for climb, runs in records.items()
    }
    gained = "gain, greedy", "gain, sampled"
    heads = ("climb", "seeds", *COLUMNS.values(), *gained, "groups with signal", "warned")
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    first = next(iter(shares.values()))
    imitated = [entry([each["sft", c] for each in first.values()]) for c in COLUMNS]
    seeds = " ".join(map(str, first))
    yield f"| none: imitation alone | {seeds} | {' | '.join(imitated)} | | | | |"
    for climb, found in shares.items():
        cells = [entry([each["grpo", column] for each in found.values()]) for column in COLUMNS]
        base = shares.get("uniform", {})
        for column in ("greedy", "sampled"):
            both = [seed for seed in found if seed in base and climb != "uniform"]
            gains = [found[seed]["grpo", column] - base[seed]["grpo", column] for seed in both]
            cells.append(entry(gains, sign=True) if gains else "")
        cells.append(entry([each["grpo", "signal"] for each in found.values()]))
        warned = sum(any(record.events("warning")) for record in records[climb].values())
        yield f"| {climb} | {' '.join(map(str, found))} | {' | '.join(cells)} | {warned} |"


def _levels(records: Mapping[str, Mapping[int, Record]]) -> Iterator[str]:
    """A line for each climb: per cent right, greedy, level by level."""
    first = next(iter(records.values()))
    lines = {"none: imitation alone": ("sft", first)}
    lines |= {climb: ("grpo", runs) for climb, runs in records.items()}
    levels: list[str] = []
    told = []
    for climb, (stage, runs) in lines.items():
        scores = [
            accuracy(
                [row for row in record.results() if row["decoding"] == "greedy"], "stage", "level"
            )
            for record in runs.values()
        ]
        levels = levels or list(dict.fromkeys(level for _, level in scores[0]))
        each = [entry([100 * score[stage, level].accuracy for score in scores]) for level in levels]
        told.append(f"| {climb} | {' | '.join(each)} |")
    yield f"\n| greedy, by level | {' | '.join(map(level_name, levels))} |"
    yield "|" + "---|" * (1 + len(levels))
    yield from told


COLUMNS = {
    "greedy": "greedy",
    "sampled": "sampled",
    "hardest": "hardest level, greedy",
}


def _shares(record: Record) -> dict[tuple[str, str], float]:
    """Per cent of one run, by stage and column."""
    found: dict[tuple[str, str], float] = {}
    rows = list(record.results())
    scores = accuracy(rows, "stage", "decoding", "level")
    levels = list(dict.fromkeys(row["level"] for row in rows))
    for stage in ("sft", "grpo"):
        for decoding in ("greedy", "sampled"):
            each = [
                100 * scores.get((stage, decoding, level), Score(0, 0)).accuracy for level in levels
            ]
            found[stage, decoding] = sum(each) / len(each)
            if decoding == "greedy":
                found[stage, "hardest"] = each[-1]
    groups: dict[tuple[int, str], set[bool]] = {}
    for reply in record.rollouts():
        groups.setdefault((reply["step"], reply["address"]), set()).add(reply["correct"])
    found["grpo", "signal"] = sum(len(fared) == 2 for fared in groups.values())
    return found


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
