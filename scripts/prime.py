"""What a judge that learns beside the policy brings: writes docs/results/prime.md.

Of each seed the grid's quickstart imitates rung0 and rung1. Then GRPO goes on at rung2 and rung3,
with answers, once with credit by outcome and once with credit by PRIME, all else alike. Finished
runs are not run again: interrupt as you like.

    python scripts/prime.py --seeds 0 1 2
"""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro
from prm import PARTS, TASK, accuracies
from prm import Study as Measured
from study import share

from avrgym.analyses.seeds import entry
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.suite import Evaluation
from avrgym.prm.measure import auc
from avrgym.runs.record import Record, write
from avrgym.train.credit import ByOutcome, ByPrime, Credit
from avrgym.train.curricula import Levels
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft

BEFORE, OUTCOME, WHOLE = "after imitation", "outcome", "prime-1"
WINDOW = 30  # steps
#: What the trainer's log has of the judge, and what the table calls it.
TOLD = {
    "reward": "right",
    "judge/accuracy": "told right from wrong",
    "judge/auc": "AUC",
    "judge/score": "taken for right",
}


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    steps: int = 150
    """Of GRPO, 16 prompts with 8 replies each."""
    rate: float = 1e-3
    """Of the judge."""
    process: float = 0.1
    """Weight of the judge's rewards."""
    whole: tuple[int, ...] = (0,)
    """Seeds of which there is a run at weight 1 too."""
    broken: int = 40
    """Steps of that run: by then it has lost much, and replies grow longer and longer."""
    items: int = 128
    """Problems a level."""
    runs: Path = Path("runs/prime")
    to: Path = Path("docs/results/prime.md")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    few = ByPrime(rate=study.rate, process=study.process)
    credits: dict[str, Credit] = {OUTCOME: ByOutcome(), f"prime-{study.process:g}": few}
    records: dict[str, list[Record]] = {name: [] for name in (*credits, WHOLE)}
    for seed in study.seeds:
        first: Record | None = None
        mine = credits | ({WHOLE: replace(few, process=1.0)} if seed in study.whole else {})
        for name, credit in mine.items():
            steps = study.broken if name == WHOLE else study.steps
            run = planned(steps, seed, name, credit)
            if first:
                share(first, run, study.runs / run.name)
            record = train(run, folder=study.runs)
            records[name].append(record)
            first = first or record
    command = shlex.join(["python", "scripts/prime.py", *given])
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, records, command)) + "\n")
    print(study.to)


def planned(steps: int, seed: int, name: str, credit: Credit) -> Run:
    """Imitation as the quickstart has it, then GRPO where it was shown nothing."""
    base = load(quickstart(TASK))
    [sft] = [stage for stage in base.stages if isinstance(stage, Sft)]
    grpo = Grpo(
        steps=steps,
        max_reply=96,
        probe_every=0,
        rewards={"correctness": 1.0},
        credit=credit,
        curriculum=Levels(task=TASK, levels=PARTS["HARD"], formats={"image": 1}),
        # Without division by the group's deviation in both, which PRIME has not.
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98, "scale_rewards": "none"},
    )
    unmeasured = Evaluation(suite=())
    stages = (sft, grpo)
    return replace(
        base, name=f"prime-{seed}-{name}", seed=seed, stages=stages, evaluation=unmeasured
    )


def page(study: Study, records: Mapping[str, Sequence[Record]], command: str) -> Iterator[str]:
    """The lines of the page."""
    seeds = " ".join(map(str, study.seeds))
    yield "# A judge that learns beside the policy: credit by outcome and by PRIME\n"
    yield (
        f"The grid's quickstart imitates rung0 and rung1. Then {study.steps} steps of GRPO, 16 "
        "prompts with 8 replies each, pictures of rung2 and rung3 with answers, paid for right "
        "answers alone, without division by the group's deviation. `outcome` gives that to each "
        "token; `prime` adds the rewards of a judge that begins as the policy and learns the "
        f"outcomes at a rate of {study.rate:g}, at the weight `process`. Per cent right, "
        f"{study.items} problems a level, split `test`, pictures, greedy / sampled: mean over "
        f"seeds ± half the 95 % interval (Student), then seed by seed (seeds {seeds}; at a weight "
        f"of 1: {' '.join(map(str, study.whole))}, and {study.broken} steps). The weight of "
        "0.1 was taken untried, after five runs of 24 to 30 steps on seed 0 at a weight of 1, of "
        "which training replies alone were looked at: the policy lost what it could in each of "
        "them (rates 1e-4, 2.5e-4, 1e-3; β 0.05, 1; sums of rewards bounded in two, in one of "
        "which the loss had the share of right replies as an offset), and at a weight of 0 it did "
        "not. A run at 1 for 150 steps was stopped when nothing was right any more; a shorter one, "
        "with a schedule of its own, stands in its place. Time is that of the CPU for a step, "
        "`outcome` being 1.\n"
    )
    yield f"Written by `{command}`.\n"
    levels = [level for part in PARTS.values() for level in part]
    yield f"| | {' | '.join(levels)} | time |"
    yield "|" + "---|" * (len(levels) + 2)
    measured = Measured(items=study.items)
    done = {name: runs for name, runs in records.items() if runs}
    for title, stage, runs in [(BEFORE, "sft", done[OUTCOME]), *_titled(done)]:
        held = [accuracies(measured, record, stage) for record in runs]
        cells = [
            " / ".join(entry([each[level][at] for each in held]) for at in (0, 1))
            for level in levels
        ]
        spent = "" if title == BEFORE else f"{_time(runs, done[OUTCOME]):.1f}"
        yield f"| {title} | {' | '.join(cells)} | {spent} |"
    yield (
        "\n## What the judge makes of it\n\nOf the replies drawn in training, before the judge "
        "learned from them, up to each of these steps, mean over seeds, in per cent: how many were "
        "right; of how many the judge told that they are or are not, at one half; how often a "
        "right one scored above a wrong one, one half being chance; how surely it took them for "
        "right.\n"
    )
    ends = [*range(WINDOW, study.steps, WINDOW), study.steps]
    yield f"| | | {' | '.join(map(str, ends))} |"
    yield "|" + "---|" * (len(ends) + 2)
    for title, _, runs in _titled(done):
        told = [_told(record, ends) for record in runs]
        for name, meaning in TOLD.items():
            if name in told[0]:
                columns = zip(*(each[name] for each in told), strict=True)
                means = [f"{100 * float(np.mean(column)):.0f}" for column in columns]
                cells = [*means, *[""] * (len(ends) - len(means))]
                yield f"| {title} | {meaning} | {' | '.join(cells)} |"
    right, wrong, ranked = _likely(done[OUTCOME])
    yield (
        "\nThe rewards of a reply sum to at most β times what its log π_ref is short of 0, and "
        f"right replies were likely anyway: the median of log π_ref is {right:.2f} of right and "
        f"{wrong:.2f} of wrong ones (sampled on rung2 and rung3 after imitation). So the judge has "
        "room to say that a reply is wrong, and hardly any to say that it is right. The likelihood "
        f"of these replies alone has an AUC of {100 * ranked:.0f}; the judge's above is of other "
        "ones, drawn in training, so the two cannot be held to each other closely. Whether this is "
        "why `prime` brought nothing was not tested."
    )


def _likely(runs: Sequence[Record]) -> tuple[float, float, float]:
    """Of replies sampled on HARD after imitation log π: medians of right and wrong ones, AUC."""
    hard = {f"{TASK}/{level}" for level in PARTS["HARD"]}
    rows = [
        row
        for record in runs
        for row in Folder(record.folder / "after-sft").rows()
        if row["decoding"] == "sampled" and row["level"].partition("?")[0] in hard
    ]
    likely = np.array([row["logprob"] for row in rows])
    right = np.array([row["correct"] for row in rows])
    good, bad = (float(np.median(likely[which])) for which in (right, ~right))
    return good, bad, auc(likely, right)


def _titled(done: Mapping[str, Sequence[Record]]) -> list[tuple[str, str, Sequence[Record]]]:
    """Titles in tables, the stage that is told of, and the runs."""
    words = {name: name.partition("-") for name in done}
    return [
        (f"`{kind}`, `process = {weight}`" if weight else f"`{kind}`", "grpo", done[name])
        for name, (kind, _, weight) in words.items()
    ]


def _told(record: Record, ends: Sequence[int]) -> dict[str, list[float]]:
    """Of what the trainer logged the mean up to each of some steps, by name, as far as it went."""
    logged = [event for event in record.events("log") if event["stage"] == "grpo"]
    found: dict[str, list[float]] = {}
    for name in TOLD:
        for end in ends:
            values = [e[name] for e in logged if end - WINDOW < e["step"] <= end and name in e]
            if values:
                found.setdefault(name, []).append(float(np.mean(values)))
    return found


def _time(runs: Sequence[Record], others: Sequence[Record]) -> float:
    """CPU time of a step, by that of other runs of the same seeds: the mean."""
    pairs = zip(runs, others, strict=False)  # seeds that lack are the last ones
    return float(np.mean([_of_step(mine) / _of_step(its) for mine, its in pairs]))


def _of_step(record: Record) -> float:
    spent = sum(e["cpu_seconds"] for e in record.events("done") if e["job"] == "grpo")
    steps = [int(e["step"]) for e in record.events("log") if e["stage"] == "grpo"]
    return float(spent) / max(steps)


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
