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
from itertools import islice
from pathlib import Path

import tyro
from prm import PARTS, TASK, accuracies
from prm import Study as Measured
from study import share

from avrgym.analyses.seeds import entry
from avrgym.evaluate.suite import Evaluation
from avrgym.runs.record import Record, write
from avrgym.train.credit import ByOutcome, ByPrime, Credit
from avrgym.train.curricula import Levels
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft

BEFORE, OUTCOME, WHOLE = "after imitation", "outcome", "prime-1"
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
            run = planned(study, seed, name, credit)
            if first:
                share(first, run, study.runs / run.name)
            record = train(run, folder=study.runs)
            records[name].append(record)
            first = first or record
    command = shlex.join(["python", "scripts/prime.py", *given])
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, records, command)) + "\n")
    print(study.to)


def planned(study: Study, seed: int, name: str, credit: Credit) -> Run:
    """Imitation as the quickstart has it, then GRPO where it was shown nothing."""
    base = load(quickstart(TASK))
    [sft] = [stage for stage in base.stages if isinstance(stage, Sft)]
    grpo = Grpo(
        steps=study.steps,
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
        "answers alone, without division by the group's deviation. Credit `outcome` gives that to "
        "each token; `prime` adds the rewards of a judge that begins as the policy and learns the "
        f"outcomes at a rate of {study.rate:g}. Per cent right, {study.items} problems a level, "
        "split `test`, pictures, greedy / sampled: mean over seeds ± half the 95 % interval "
        f"(Student), then seed by seed (seeds {seeds}).\n"
    )
    yield f"Written by `{command}`.\n"
    levels = [level for part in PARTS.values() for level in part]
    yield f"| | {' | '.join(levels)} | CPU s of the stage |"
    yield "|" + "---|" * (len(levels) + 2)
    measured = Measured(items=study.items)
    stages = {BEFORE: (records["outcome"], "sft")}
    stages |= {f"`{name}`": (runs, "grpo") for name, runs in records.items()}
    for title, (runs, stage) in stages.items():
        held = [accuracies(measured, record, stage) for record in runs]
        cells = [
            " / ".join(entry([each[level][at] for each in held]) for at in (0, 1))
            for level in levels
        ]
        spent = "" if title == BEFORE else entry([_seconds(record) for record in runs])
        yield f"| {title} | {' | '.join(cells)} | {spent} |"
    yield (
        "\n## What the judge makes of it\n\nOf the replies drawn in training, before the judge "
        "learned from them, by tenths of the stage, mean over seeds, in per cent: how many were "
        "right; of how many the judge told that they are or are not, at one half; how surely it "
        "took them for right.\n"
    )
    told = [_told(record) for record in records["prime"]]
    yield f"| | {' | '.join(str(tenth + 1) for tenth in range(len(told[0]['reward'])))} |"
    yield "|" + "---|" * (len(told[0]["reward"]) + 1)
    for name, title in TOLD.items():
        means = [sum(column) / len(column) for column in zip(*(t[name] for t in told), strict=True)]
        yield f"| {title} | {' | '.join(f'{100 * mean:.0f}' for mean in means)} |"


def _told(record: Record) -> dict[str, list[float]]:
    """Of what the trainer logged ten means in order, by name."""
    logged = [event for event in record.events("log") if event["stage"] == "grpo"]
    found: dict[str, list[float]] = {}
    for name in TOLD:
        values = [event[name] for event in logged if name in event]
        size = max(1, len(values) // 10)
        parts = [list(islice(values, at, at + size)) for at in range(0, len(values), size)]
        found[name] = [sum(part) / len(part) for part in parts]
    return found


def _seconds(record: Record) -> float:
    return sum(e["cpu_seconds"] for e in record.events("done") if e["job"] == "grpo")


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
