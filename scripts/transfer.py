"""Judges of steps from one task to another: writes docs/results/transfer.md.

Of each seed one model imitates both readouts, whose pictures are alike and whose steps are not.
Judges learn from its replies to one of them, or to both, and are measured on its replies to each,
to paths as long as those learned from and to longer ones. Finished parts are not done again.

    python scripts/transfer.py --seeds 0 1 2
"""

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import prm
import tyro
from judges import on_replies

from avrgym.analyses.seeds import entry
from avrgym.evaluate.suite import Evaluation
from avrgym.prm.heads import Token
from avrgym.prm.scorers import found
from avrgym.runs.record import Record, write
from avrgym.train.curricula import Levels
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Prm, Sft

#: By what the table calls it: what is imitated and judged, and what is longer than that.
TASKS = {
    "table": (
        "table_readout/rung0",
        "table_readout/rung0?cells=1-11&random=1-6&random_cells=7-8",
    ),
    "consecutive": (
        "consecutive_table_readout/rung0",
        "consecutive_table_readout/rung3?names=letters&cells=9-12",
    ),
}
#: What each judge learns from.
JUDGES = {"table": ("table",), "consecutive": ("consecutive",), "both": tuple(TASKS)}
_WORDING = "answer=cells"
_ROOM = 96  # tokens of the longest reply
_DRAWS = 4


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    imitated: int = 1_600
    """Steps of imitation, both tasks in turn."""
    steps: int = 1_000
    """Of each judge."""
    samples: int = 2_048
    """Prompts whose replies each learns from, 8 each."""
    items: int = 128
    """Problems a level, split ``test``."""
    runs: Path = Path("runs/transfer")
    to: Path = Path("docs/results/transfer.md")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    facts = [of_seed(study, seed) for seed in study.seeds]
    command = shlex.join(["python", "scripts/transfer.py", *given])
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, facts, command)) + "\n")
    print(study.to)


def planned(study: Study, seed: int) -> Run:
    """Imitation of both tasks as their quickstarts have it, then judges of the model's replies."""
    base = load(quickstart("table_readout"))
    sft = next(stage for stage in base.stages if isinstance(stage, Sft))
    both = Levels(levels=tuple(shown for shown, _ in TASKS.values()))
    judges = tuple(
        Prm(
            name=name,
            head=Token(hears="own"),
            steps=study.steps,
            samples=study.samples,
            temperature=1.5,
            max_reply=_ROOM,
            curriculum=Levels(levels=tuple(TASKS[task][0] for task in learned)),
            trl={"learning_rate": 1e-3, "adam_beta2": 0.98, "warmup_steps": 20},
        )
        for name, learned in JUDGES.items()
    )
    return replace(
        base,
        name=f"transfer-{seed}",
        seed=seed,
        stages=(replace(sft, steps=study.imitated, curriculum=both, probe_every=0), *judges),
        evaluation=Evaluation(suite=()),
    )


def of_seed(study: Study, seed: int) -> dict[str, Any]:
    """All figures of one seed, by judge and by what it is measured on."""
    record = train(planned(study, seed), folder=study.runs)
    kept = record.folder / f"figures-{study.items}.json"
    if kept.exists():
        held: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return held
    figures: dict[str, Any] = {"right": {}, "judges": {}}
    words = {name: str(record.judge(name)) for name in JUDGES}
    words["likelihood"] = f"likelihood:{record.model('sft')}"
    for name, (shown, longer) in TASKS.items():
        for part, level in (("as long", shown), ("longer", longer)):
            rows = replies(study, record, f"{name}-{part.replace(' ', '-')}", level)
            where = f"{name}, {part}"
            figures["right"][where] = sum(row["correct"] for row in rows) / len(rows)
            for judge, word in words.items():
                figures["judges"].setdefault(judge, {})[where] = on_replies(found(word), rows)
    write(kept, json.dumps(figures))
    return figures


def replies(study: Study, record: Record, name: str, level: str) -> list[dict[str, Any]]:
    """Sampled replies of the imitation model, asked for once."""
    evaluation = Evaluation(
        suite=(f"{level}{'&' if '?' in level else '?'}{_WORDING}",),
        items=study.items,
        formats=("image",),
        decodings=("sampled",),
        draws=_DRAWS,
        temperature=1.5,
        max_reply=_ROOM,
        seed=3,
    )
    return prm.asked(record, "sft", evaluation, name)


def page(study: Study, facts: Sequence[Mapping[str, Any]], command: str) -> Iterator[str]:
    """The lines of the page."""
    yield "# Judges of steps from task to task\n"
    yield (
        "One model of a seed imitates Table Readout and Consecutive Table Readout on 4 x 4 tables, "
        f"{study.imitated:,} steps, answers of cells with digits. Token heads that hear themselves "
        f"learn from its replies, drawn at a temperature of 1.5, {study.steps:,} steps each: to "
        "one task, to the other, to both. Measured on other replies, drawn so as well: "
        f"{study.items} problems each, split `test`, pictures, {_DRAWS} draws; *longer* are paths "
        "longer than any that was imitated or judged. In per cent, mean over seeds ± half the 95 % "
        "interval (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`.\n"
    columns = list(facts[0]["right"])
    rights = [entry([100 * each["right"][where] for each in facts]) for where in columns]
    yield f"| | {' | '.join(columns)} |"
    yield "|" + "---|" * (len(columns) + 1)
    yield f"| replies that are right | {' | '.join(rights)} |\n"
    for title, path in (
        ("Step AUC", ("auc", "all")),
        ("Step AUC of seeing", ("auc", "seeing")),
        ("Step AUC of thinking", ("auc", "thinking")),
        ("First-error F1", ("f1", "all")),
        ("Right replies above wrong ones of one prompt", ("ranking",)),
        ("Twins of seeing told apart", ("twins", "seeing")),
    ):
        yield f"## {title}\n"
        yield f"| judge learned from | {' | '.join(columns)} |"
        yield "|" + "---|" * (len(columns) + 1)
        for judge in facts[0]["judges"]:
            cells = []
            for where in columns:
                values = [_at(each["judges"][judge][where], path) for each in facts]
                known = [100 * value for value in values if value is not None]
                cells.append(entry(known) if known else "")
            yield f"| {judge} | {' | '.join(cells)} |"
        yield ""


def _at(held: Any, path: Sequence[str]) -> float | None:
    """A figure; None where there was nothing to count."""
    for name in path:
        held = held.get(name) if held is not None else None
    return None if held is None or held != held else float(held)


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
