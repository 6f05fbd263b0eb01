"""HARD bought with SIMPLE: what shipped runs make of levels that they were never shown.

Each run imitates easy problems and then goes on without labels. Beside it stand the same model
before, after imitation alone, and after as many steps more on what was imitated. Finished runs are
not run again; interrupt and go on as you like.

    python scripts/s2h.py                                          # all of it
    python scripts/s2h.py --only lengths_grid_navigation --seeds 0
"""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro
from lengths import as_many
from study import share

from avrgym import TaskError
from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.seeds import entry
from avrgym.core.arguments import named
from avrgym.core.score import Score
from avrgym.report.names import format_name, level_name, task_name
from avrgym.report.stages import role, stages
from avrgym.runs.record import Record, write
from avrgym.train.run import train
from avrgym.train.shipped import find
from avrgym.train.spec import START, Run, load
from avrgym.train.stages import Rft

_NONE = Score(0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A shipped run, and what of it is shown.

    Attributes:
        run: Its name; its first stage imitates.
        shown: What is imitated, in words.
        asked: What is asked for without labels, in words; empty where nothing is. How a level was
            paid for is found out: where the last stage asks for the very setting.
        levels: Those that were never demonstrated, of the task, as an evaluation names them; all
            that are measured if left out.
        stage: Whose model is measured; the last one's if left out.
    """

    run: str
    shown: str
    asked: str
    levels: tuple[str, ...] = ()
    stage: str = ""


#: What the table has.
ROWS = (
    Row(
        "quickstart_consecutive_table_readout",
        shown="runs of 1-8 cells",
        asked="1-16",
        levels=("rung3?names=letters&cells=9-12", "rung3?names=letters&cells=13-16"),
    ),
    Row(
        "quickstart_table_readout",
        shown="paths of 1-6 cells",
        asked="7-11",
        levels=(
            "rung0?cells=1-11&random=1-6&random_cells=7-8",
            "rung0?cells=1-11&random=1-6&random_cells=9-11",
        ),
    ),
    Row(
        "lengths_grid_navigation",
        shown="walks of 2-4 moves, 3 x 3",
        asked="2-6",
        levels=("rung2", "rung2?length=5-6", "rung3", "rung4"),
    ),
)


@dataclass(frozen=True, slots=True)
class S2h:
    """What to run."""

    only: tuple[str, ...] = ()
    """Names of runs of the table; all if left out."""
    seeds: tuple[int, ...] = (0, 1, 2)
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``."""
    runs: Path = Path("runs/s2h")
    """Runs of other scripts lie there too where they are the same."""
    to: Path = Path("docs/results/s2h.md")


@dataclass(frozen=True, slots=True)
class Found:
    """A row with its runs, by seed.

    Attributes:
        row: What is shown.
        run: As it is shipped.
        climbed: Its records.
        more: Those of as many steps more of what was imitated; none where there is no such run.
    """

    row: Row
    run: Run
    climbed: tuple[Record, ...]
    more: tuple[Record, ...]


def main(asked: S2h, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    known = [row.run for row in ROWS]
    for name in asked.only:
        named("run", name, known)
    found = [gone(row, asked) for row in ROWS if not asked.only or row.run in asked.only]
    asked.to.parent.mkdir(parents=True, exist_ok=True)
    write(asked.to, "\n".join(page(found, asked, given)) + "\n")
    print(asked.to)


def gone(row: Row, asked: S2h) -> Found:
    """A row's runs, gone through as far as they are not."""
    run = load(find(row.run))
    climbed, more = list[Record](), list[Record]()
    for seed in asked.seeds:
        evaluation = replace(run.evaluation, split=asked.split)
        mine = replace(run, seed=seed, name=f"{run.name}-{seed}-rounds", evaluation=evaluation)
        climbed.append(train(mine, folder=asked.runs))
        match run.stages[-1]:
            case Rft(demonstrations=plan) as last if plan is not None:
                stages = (*run.stages[:-1], as_many(last, plan))
                control = replace(mine, name=f"{run.name}-{seed}-short", stages=stages)
                share(climbed[-1], control, asked.runs / control.name)
                more.append(train(control, folder=asked.runs))
    return Found(row, run, tuple(climbed), tuple(more))


def page(found: Sequence[Found], asked: S2h, given: Sequence[str]) -> Iterator[str]:
    """The lines of the page."""
    yield "# HARD bought with SIMPLE\n"
    yield (
        f"Split `{asked.split}`, greedy; none of the contents occurs in training. Per cent of "
        "answers right: mean over seeds ± half the 95 % interval over seeds (Student), then seed "
        f"by seed (seeds {' '.join(map(str, asked.seeds))}). No level here was ever demonstrated. "
        "*Judged only*: replies were asked for without labels, and those that the verifier "
        "accepted were imitated; *rewarded only*: without labels, by GRPO; *never seen*: in no "
        "way. The control takes as many steps as the last stage, on more of what was imitated.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/s2h.py', *given])}`.\n"
    heads = ["trained on", "then asked for, without labels", "level", "supervision", "shown as"]
    heads += ["before", "after imitation", "control", "after all", "gain over imitation"]
    for each in found:
        yield f"\n## {task_name(_task(each.run))}: `{each.row.run}`\n"
        yield f"| {' | '.join(heads)} |"
        yield "|" + "---|" * len(heads)
        yield from _lines(each)
    yield "\n## Seconds of CPU time, evaluations included\n"
    yield (
        "The control shares start and imitation with the run beside it; its own seconds are those "
        "of what it does after.\n"
    )
    seeds = [str(seed) for seed in asked.seeds]
    yield f"| run, by seed | {' | '.join(seeds)} |"
    yield "|" + "---|" * (1 + len(seeds))
    for each in found:
        yield f"| {each.row.run} | {' | '.join(f'{_spent(r):.0f}' for r in each.climbed)} |"
        if each.more:
            first = each.climbed[0].stages()[:-1]
            own = [f"{_spent(r, without=first):.0f}" for r in each.more]
            yield f"| … its control | {' | '.join(own)} |"


def _task(run: Run) -> str:
    return run.evaluation.settings(run.wording)[0].partition("/")[0]


def _lines(each: Found) -> Iterator[str]:
    """One for each level and format."""
    held = [list(record.results()) for record in each.climbed]
    told = stages(each.climbed[0].events(), held[0])
    names = [stage.name for stage in told]
    last = each.row.stage or names[-1]
    first = next(name for name in names if name != START)
    if last not in names:
        raise TaskError(f"{each.row.run} has no stage {last}; stages: {', '.join(names)}")
    controls = [list(record.results()) for record in each.more]
    for level in levels(each):
        for shown in dict.fromkeys(str(row["format"]) for row in held[0]):
            before, imitated, after = (
                _per_cent(held, level, shown, s) for s in (START, first, last)
            )
            control = _per_cent(controls, level, shown, _last(each.more)) if controls else []
            gain = [b - a for a, b in zip(imitated, after, strict=True)]
            said = role(level, shown, told[: names.index(last) + 1])
            cells = [each.row.shown, each.row.asked or "nothing", f"`{level_name(level)}`", said]
            cells += [format_name(shown), entry(before), entry(imitated)]
            cells += [entry(control) if control else "none"]
            cells += [entry(after), entry(gain, sign=True)] if last != first else ["none", "none"]
            yield f"| {' | '.join(cells)} |"


def levels(each: Found) -> Iterator[str]:
    """Canonical ones."""
    run, task = each.run, _task(each.run)
    if not each.row.levels:
        yield from run.evaluation.settings(run.wording)
        return
    suite = tuple(f"{task}/{level}" for level in each.row.levels)
    asked = replace(run.evaluation, suite=suite).settings(run.wording)
    if missing := [level for level in asked if level not in run.evaluation.settings(run.wording)]:
        raise TaskError(f"{each.row.run} does not measure {missing[0]}; take it from its row")
    yield from asked


def _last(records: Sequence[Record]) -> str:
    return [str(row["stage"]) for row in records[0].results()][-1]


def _per_cent(
    held: Sequence[Sequence[Mapping[str, object]]], level: str, shown: str, stage: str
) -> list[float]:
    """By seed."""
    key = (level, shown, "greedy", stage)
    found = [accuracy(rows, "level", "format", "decoding", "stage") for rows in held]
    return [100 * scores.get(key, _NONE).accuracy for scores in found]


def _spent(record: Record, without: Sequence[str] = ()) -> float:
    """CPU seconds of what was done, but for some stages and their evaluations."""
    left_out = {job for name in without for job in (name, f"evaluate {name}")}
    return sum(
        e.get("cpu_seconds", 0.0) for e in record.events("done") if e.get("job") not in left_out
    )


if __name__ == "__main__":
    main(tyro.cli(S2h, description=__doc__), sys.argv[1:])
