"""How good labels by Monte-Carlo continuations are: writes docs/results/labels.md.

Of the runs of scripts/prm.py: the imitation model's replies to SIMPLE and HARD, each of whose steps
it goes on from n times; a step is labelled wrong where nothing came out right, or, softly, by the
share that did. Both are held to the verifier.

    python scripts/labels.py --seeds 0 1 2
"""

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import prm
import tyro

from avrgym.analyses.seeds import entry
from avrgym.models.play import take
from avrgym.prm.continuations import audit, continued, hard
from avrgym.prm.data import of_rows
from avrgym.runs.record import write
from avrgym.train.quiet import quieten
from avrgym.train.run import train

GROUPS = ("all", "seeing", "thinking")
#: What is told of soft labels, and what the table calls it.
SOFT = {"auc": "AUC", "average": "average precision", "ece": "ECE"}


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    items: int = 128
    """Problems a level that the runs of scripts/prm.py were measured on."""
    problems: int = 32
    """Of these, a level; two replies to each."""
    continuations: tuple[int, ...] = (1, 2, 4, 8, 16)
    runs: Path = Path("runs/prm")
    to: Path = Path("docs/results/labels.md")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    facts = [of_seed(study, seed) for seed in study.seeds]
    command = shlex.join(["python", "scripts/labels.py", *given])
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, facts, command)) + "\n")
    print(study.to)


def of_seed(study: Study, seed: int) -> dict[str, Any]:
    """Per cent by part, continuations and class of skill; read where it is there."""
    runs = prm.Study(items=study.items, runs=study.runs)
    record = train(prm.planned(runs, seed), folder=study.runs)
    kept = record.folder / f"labels-{study.items}-{study.problems}.json"
    told: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    player = take(record.model("sft"))
    for part in prm.PARTS:
        rows = prm.replies(runs, record, part, "test")
        near = {
            address
            for level in {row["level"] for row in rows}
            for address in list(
                dict.fromkeys(row["address"] for row in rows if row["level"] == level)
            )[: study.problems]
        }
        few = [row for row in rows if row["address"] in near and row["draw"] < 2]
        truth = [each for each in of_rows(few) if each.labels]
        for n in study.continuations:
            if "auc" in told.setdefault(part, {}).get(str(n), {}).get("all", {}):
                continue
            made = continued(player.loaded, truth, player.picture, n=n, max_reply=96, seed=seed)
            found, soft = audit(hard(made.rows), truth), audit(made.rows, truth)
            told[part][str(n)] = {
                group: {
                    "steps": found[group].steps,
                    "wrong": 100 * found[group].wrong,
                    "precision": 100 * found[group].precision.value,
                    "recall": 100 * found[group].recall.value,
                    "auc": 100 * soft[group].auc,
                    "average": 100 * soft[group].average,
                    "ece": 100 * soft[group].ece,
                }
                for group in GROUPS
            }
            write(kept, json.dumps(told))
    return told


def page(study: Study, facts: Sequence[Mapping[str, Any]], command: str) -> Iterator[str]:
    """The lines of the page."""
    steps = sum(each[part]["1"]["all"]["steps"] for each in facts for part in prm.PARTS)
    yield "# Labels by Monte-Carlo continuations, held to the truth\n"
    yield (
        f"{steps:,} steps of sampled replies of the grid's imitation model, pictures, split "
        f"`test`, {study.problems} problems a level with two replies each; SIMPLE is rung0 and "
        "rung1, which it was shown, HARD rung2 and rung3. From behind each step it goes on n "
        "times; a step is labelled wrong where none of them comes out right. *Precision*: of steps "
        "labelled wrong, how many are; *recall*: of wrong steps, how many are labelled so. In per "
        "cent, mean over seeds ± half the 95 % interval (Student), then seed by seed (seeds "
        f"{' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`.\n"
    columns = [str(n) for n in study.continuations]
    yield f"| levels | steps | wrong | | {' | '.join(f'n = {n}' for n in columns)} |"
    yield "|" + "---|" * (len(columns) + 4)
    for part in prm.PARTS:
        for group in GROUPS:
            wrong = entry([each[part][columns[0]][group]["wrong"] for each in facts])
            for what in ("precision", "recall"):
                cells = [entry([each[part][n][group][what] for each in facts]) for n in columns]
                yield f"| {part} | {group} | {wrong} | {what} | {' | '.join(cells)} |"
    yield (
        "\n## Soft labels\n\nThe share of continuations that came out right, as a label. *AUC*: "
        "how often a right step has a higher one than a wrong step, ties half. *Average precision* "
        "in finding wrong steps, the lowest labels first; by chance it is the share that is wrong. "
        "*ECE*: how far labels are, as chances that a step is right, from the share that is.\n"
    )
    yield f"| levels | steps | wrong | | {' | '.join(f'n = {n}' for n in columns)} |"
    yield "|" + "---|" * (len(columns) + 4)
    for part in prm.PARTS:
        for group in GROUPS:
            wrong = entry([each[part][columns[0]][group]["wrong"] for each in facts])
            for what, called in SOFT.items():
                cells = [entry([each[part][n][group][what] for each in facts]) for n in columns]
                yield f"| {part} | {group} | {wrong} | {called} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
