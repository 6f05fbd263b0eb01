"""SARI's grid (arXiv 2504.15900): a warm-up or none, replies in sections or free, easy to hard.

Eight variants of one small run a seed: imitation before reinforcement or none, replies in format
``structured`` or ``image``, levels shuffled or in the order of the learner's own failures. Variants
that begin alike share what they begin with. Finished runs are not run again: interrupt as you like.

    python scripts/sari.py --seeds 0 1 2
    python scripts/sari.py --seeds 0 --imitated 20 --steps 2 --items 16   # a minute, to try it
"""

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TypeAlias

import tyro
from study import share

from avrgym.analyses.seeds import entry
from avrgym.core.samples import samples
from avrgym.core.sections import SECTIONS, held
from avrgym.evaluate.suite import Evaluation
from avrgym.rewards.tagged import order
from avrgym.runs.record import Record, write
from avrgym.train.curricula import Levels
from avrgym.train.curricula.easy2hard import Easy2Hard
from avrgym.train.run import PROBED, train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import Run, load
from avrgym.train.stages import Grpo, Sft, Stage

TASK = "grid_navigation"
LEVELS, IMITATED = "rung0..rung3", "rung0..rung1"
#: Tokens that a reply has room for: more than the longest one of rung3 has.
ROOM = {"structured": 144, "image": 72}
EVERY = 25  # steps between probes
COLUMNS = ("right, greedy", "right", "right, rung3", "no answer", "tags broken", "cells", "steps")
#: Warm-up, format, order.
Variant: TypeAlias = tuple[bool, str, bool]
#: In the order of the table.
VARIANTS: tuple[Variant, ...] = tuple(
    (warm, format, easy2hard)
    for warm, easy2hard, format in product((True, False), (False, True), ("structured", "image"))
)


@dataclass(frozen=True, slots=True)
class Sari:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    imitated: int = 300
    """Steps of the warm-up."""
    steps: int = 100
    """Of reinforcement, 8 prompts with 8 replies each."""
    items: int = 96
    """Samples that each level is measured on."""
    reached: int = 75
    """Per cent of probes right, mean of all levels, to which steps are counted."""
    finished: bool = False
    """Run nothing: write the page of what is finished."""
    runs: Path = Path("runs/sari")
    to: Path = Path("docs/results/sari.md")


def main(study: Sari, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    records: dict[Variant, list[Record]] = {variant: [] for variant in VARIANTS}
    first: dict[tuple[int, bool, str], Record] = {}
    # Those without a warm-up last, of all seeds: they take longest and have least to say.
    for warm, seed, variant in product((True, False), study.seeds, VARIANTS):
        if variant[0] != warm:
            continue
        planned = run_of(study, variant, seed)
        folder, alike = study.runs / planned.name, (seed, *variant[:2])
        if study.finished and not Record(folder).is_done("evaluate grpo"):
            continue
        if alike in first:
            share(first[alike], planned, folder)
        record = train(planned, folder=study.runs)
        records[variant].append(record)
        first.setdefault(alike, record)
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, records, given)) + "\n")
    print(study.to)


def run_of(study: Sari, variant: Variant, seed: int) -> Run:
    """One run on the geometry of the grid's quickstart."""
    warm, format, easy2hard = variant
    base = load(quickstart(TASK))
    [sft] = [stage for stage in base.stages if isinstance(stage, Sft)]
    room, shown = ROOM[format], {format: 1.0}
    asks = Levels(task=TASK, levels=LEVELS, formats=shown)
    grpo = Grpo(
        steps=study.steps,
        prompts=8,
        replies=8,
        max_reply=room,
        rewards={"progress": 1.0, "tags" if format == "structured" else "format": 0.2},
        curriculum=replace(asks, climb=Easy2Hard()) if easy2hard else asks,
        probe_every=EVERY,
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98},
    )
    imitates = Levels(task=TASK, levels=IMITATED, formats=shown)
    shows = replace(sft, steps=study.imitated, curriculum=imitates)
    stages: tuple[Stage, ...] = (shows, grpo) if warm else (grpo,)
    return replace(
        base,
        name="-".join((str(seed), *_words(variant))).replace(" ", "-"),
        seed=seed,
        stages=stages,
        evaluation=Evaluation(
            suite=(f"{TASK}/{LEVELS}",),
            items=study.items,
            formats=(format,),
            max_reply=room,
            seed=7,
        ),
    )


def _words(variant: Variant) -> tuple[str, str, str]:
    """A variant as the table says it."""
    warm, format, easy2hard = variant
    return (
        "warm-up" if warm else "none",
        "sections" if format == "structured" else "free",
        "easy to hard" if easy2hard else "shuffled",
    )


def page(
    study: Sari, records: Mapping[Variant, Sequence[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    yield "# A warm-up, sections, and easy to hard\n"
    yield (
        f"SARI's grid on 3 x 3 boards, rungs 0 to 3, pictures alone. The warm-up imitates rungs 0 "
        f"and 1 for {study.imitated} steps of 32; then {study.steps} steps of GRPO, 8 prompts with "
        "8 replies each, on all four rungs, paid by `progress` and a fifth of `tags` (sections) or "
        f"of `format` (free). {study.items} held-out problems a rung, split `test`. Mean over "
        "seeds ± half the 95 % interval over seeds (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}"
        "; a line of fewer figures has the first of them). Runs of one seed that begin alike share "
        "their warm-up.\n"
    )
    yield (
        "*Right*: per cent, mean of the four rungs. *No answer*: replies of which none could be "
        "read. *Tags broken*: replies with other tags than the four sections' in their order. "
        "*Cells*: of the boards' cells, those transcribed right within `<transcribe>`, which earns "
        "nothing here. All of these of replies sampled at temperature 1, unless *greedy*. *Steps*: "
        f"of GRPO until greedy probes of {PROBED} problems a rung, made every {EVERY} steps, are "
        f"{study.reached} % right; above {study.steps} where they never were. Levels in the "
        "order *easy to hard* are drawn alike for a tenth of the budget, in which failures are "
        "counted; in the order *shuffled* all the way.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/sari.py', *given])}`.\n"
    heads = ["warm-up", "reply", "order", *COLUMNS]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for (warm, format), alike in _alike(records).items():
        if warm:
            found = _figures(study, alike, format, "sft")
            yield _line(("alone", _words((warm, format, False))[1], ""), found)
    for variant, alike in filter(all, records.items()):
        yield _line(_words(variant), _figures(study, alike, variant[1], "grpo"))


def _alike(records: Mapping[Variant, Sequence[Record]]) -> dict[tuple[bool, str], Sequence[Record]]:
    """Records that share what comes before reinforcement, once."""
    found: dict[tuple[bool, str], Sequence[Record]] = {}
    for (warm, format, _), alike in filter(all, records.items()):
        found.setdefault((warm, format), alike)
    return found


def _line(words: Sequence[str], figures: Mapping[str, Sequence[float]]) -> str:
    cells = [entry(figures[name]) if figures[name] else "" for name in COLUMNS]
    return f"| {' | '.join([*words, *cells])} |"


def _figures(
    study: Sari, alike: Sequence[Record], format: str, stage: str
) -> dict[str, list[float]]:
    """What the table says of a stage, a number a seed."""
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for record in alike:
        rows = [row for row in record.results() if row["stage"] == stage]
        greedy = [row for row in rows if row["decoding"] == "greedy"]
        drawn = [row for row in rows if row["decoding"] == "sampled"]
        found["right, greedy"].append(_share(row["correct"] for row in greedy))
        found["right"].append(_share(row["correct"] for row in drawn))
        hardest = [row["correct"] for row in drawn if row["level"].endswith("/rung3")]
        found["right, rung3"].append(_share(hardest))
        found["no answer"].append(_share(not row["parsed"] for row in drawn))
        replies = [row["reply"] for row in drawn]
        if format == "structured":
            found["tags broken"].append(_share(order(replies, SECTIONS) < 1))
            found["cells"].append(_cells([row["address"] for row in drawn], replies))
        if stage == "grpo":
            found["steps"].append(_steps(study, record))
    return found


def _share(flags: Iterable[object]) -> float:
    """Per cent."""
    held = [bool(flag) for flag in flags]
    return 100 * sum(held) / len(held)


def _cells(addresses: Sequence[str], replies: Sequence[str]) -> float:
    """Per cent of the boards' cells that stand at their place in the transcription."""
    right = []
    for sample, said in zip(samples(addresses), held(replies, "transcribe"), strict=True):
        given = _board(said or "")
        right += [given.get(place) == cell for place, cell in _board(sample.twin).items()]
    return _share(right)


def _board(text: str) -> dict[tuple[int, int], str]:
    """The cells of a board by row and column, its names of rows and columns aside."""
    lines = [line.split("&") for line in text.strip("\n").split("\n")]
    return {
        (row, column): cell.strip()
        for row, line in enumerate(lines[1:])
        for column, cell in enumerate(line[1:])
    }


def _steps(study: Sari, record: Record) -> float:
    """Steps of reinforcement until probes were so good; one interval more if they never were."""
    scores: dict[int, list[float]] = {}
    for event in record.events("probe"):
        if event["stage"] == "grpo":
            scores.setdefault(event["step"], []).append(100 * event["right"] / event["total"])
    reached = [step for step, each in scores.items() if sum(each) / len(each) >= study.reached]
    return float(min(reached, default=study.steps + EVERY))


if __name__ == "__main__":
    main(tyro.cli(Sari, description=__doc__), sys.argv[1:])
