"""What a judge of easy steps is worth on hard ones: writes docs/results/prm.md and search.md.

Of each seed the grid's quickstart imitates rung0 and rung1. A judge learns from its replies there,
and is measured on rung2 and rung3, of which nothing was shown: on steps, on twins that differ in
one fact, and in what choosing among 16 replies by it brings, beside the exact verifier, the model's
own likelihood, and both together. Then GRPO goes on there without answers, paid by the judge, or
by the exact verifier as a judge. Finished parts are not done again: interrupt as you like.

    python scripts/prm.py --seeds 0 1 2
"""

import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from prm_training import drawn, figure, section

from avrgym import config
from avrgym.analyses.seeds import entry
from avrgym.cli.measured import measured
from avrgym.evaluate import policies
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.session import Session, conduct
from avrgym.evaluate.suite import Evaluation
from avrgym.prm.scorers import called, found
from avrgym.runs.record import Record, write
from avrgym.search import BestOfN, Majority, WeightedVote
from avrgym.search.aggregation import AGGREGATIONS
from avrgym.search.candidates import Candidates
from avrgym.search.frontier import Scored, exact, judged
from avrgym.search.rerank import best, ceiling, point, sizes
from avrgym.train.credit import ByPrm
from avrgym.train.curricula import Levels
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import START, Run, load
from avrgym.train.stages import Grpo, Prm, Sft

TASK = "grid_navigation"
PARTS = {"SIMPLE": ("rung0", "rung1"), "HARD": ("rung2", "rung3")}
GROUPS = ("all", "seeing", "thinking")
#: Who pays the steps of replies to HARD prompts, by what the table calls it.
PAID = {"GRPO paid by the judge": "judge", "GRPO paid by the exact verifier": "exact"}
#: Of GRPO, written beside the page.
FIGURE = "prm.svg"


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    steps: int = 1_000
    """Of the judge."""
    samples: int = 2_048
    """Prompts whose replies it learns from, 8 each."""
    items: int = 256
    """Problems a level."""
    temperature: float = 1.5
    """At which replies are drawn for it to learn from: at 1 nearly all of their steps are right."""
    reinforced: int = 150
    """Steps of GRPO on HARD, 16 prompts with 8 replies each; 0 for none."""
    draws: int = 16
    """Replies to each that there are to choose from."""
    runs: Path = Path("runs/prm")
    to: Path = Path("docs/results")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    facts = [of_seed(study, seed) for seed in study.seeds]
    trained = {
        title: [drawn(Record(study.runs / reinforced_name(seed, judge))) for seed in study.seeds]
        for title, judge in (PAID if study.reinforced else {}).items()
    }
    command = shlex.join(["python", "scripts/prm.py", *given])
    study.to.mkdir(parents=True, exist_ok=True)
    lines = [*judges_page(study, facts, command), *section(study.seeds, trained, FIGURE)]
    write(study.to / "prm.md", "\n".join(lines) + "\n")
    if trained:
        write(study.to / FIGURE, figure(trained))
    write(study.to / "search.md", "\n".join(search_page(study, facts, command)) + "\n")
    print(study.to / "prm.md", study.to / "search.md")


def planned(study: Study, seed: int) -> Run:
    """Imitation as the quickstart has it, then a judge of its replies."""
    base = load(quickstart(TASK))
    [sft] = [stage for stage in base.stages if isinstance(stage, Sft)]
    judge = Prm(
        name="judge",
        steps=study.steps,
        samples=study.samples,
        temperature=study.temperature,
        curriculum=Levels(task=TASK, levels=PARTS["SIMPLE"], formats={"image": 1}),
        trl={"learning_rate": 1e-3, "adam_beta2": 0.98, "warmup_steps": 20},
    )
    return replace(
        base, name=f"prm-{seed}", seed=seed, stages=(sft, judge), evaluation=Evaluation(suite=())
    )


def of_seed(study: Study, seed: int) -> dict[str, Any]:
    """All figures of one seed, read where they are there already."""
    record = train(planned(study, seed), folder=study.runs)
    kept = record.folder / f"figures-{study.items}-{study.draws}.json"
    held: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if "parted" in held:
        return held
    judge, likelihood = str(record.judge("judge")), f"likelihood:{record.model('sft')}"
    scorers = (judge, likelihood, f"{judge}+{likelihood}")
    figures: dict[str, Any] = {"judges": {}, "search": {}, **held}
    rows = {
        (part, split): replies(study, record, part, split)
        for part in PARTS
        for split in (("test", "val") if part == "HARD" else ("test",))
    }
    figures["parted"] = parted(rows["HARD", "test"], scorers)
    for word in () if held else scorers:
        scorer = found(word)
        for part in PARTS:
            few = [row for row in rows[part, "test"] if row["draw"] < 4]
            made = measured(scorer, few, 0.5, 512 if part == "HARD" else 0)
            told = {
                group: {"auc": made.groups[group].auc, "f1": made.groups[group].f1}
                for group in GROUPS
            }
            told["found"] = {"all": made.groups["all"].found, "clean": made.groups["all"].clean}
            if made.twins is not None:
                told["twins"] = {"seeing": made.twins.seeing.value}
                told["twins"]["thinking"] = made.twins.thinking.value
            figures["judges"].setdefault(called(word), {})[part] = told
    if not held:
        figures["search"] = searched(rows["HARD", "test"], rows["HARD", "val"], scorers)
        figures["reinforced"] = reinforced(study, seed, record) if study.reinforced else {}
    write(kept, json.dumps(figures))
    return figures


def reinforced(study: Study, seed: int, first: Record) -> dict[str, dict[str, list[float]]]:
    """Per cent right before and after GRPO on HARD without answers, by who pays."""
    told = {"after imitation": accuracies(study, first, "sft")}
    for title, judge in PAID.items():
        run = planned(study, seed)
        stages = (*run.stages, rewarded(study, judge))
        run = replace(run, name=reinforced_name(seed, judge), stages=stages)
        begin(first, run, study.runs / run.name)
        told[title] = accuracies(study, train(run, folder=study.runs), "grpo")
    return told


def rewarded(study: Study, judge: str) -> Grpo:
    """GRPO on HARD, whose answers are not shown, with steps paid by a judge."""
    hard = tuple(f"{TASK}/{level}" for level in PARTS["HARD"])
    return Grpo(
        steps=study.reinforced,
        max_reply=96,
        probe_every=0,
        credit=ByPrm(judge=judge, outcome=0.0, hidden=hard),
        curriculum=Levels(task=TASK, levels=PARTS["HARD"], formats={"image": 1}),
        trl={"learning_rate": 2.5e-4, "adam_beta2": 0.98},
    )


def reinforced_name(seed: int, judge: str) -> str:
    """Of the run in which a judge pays."""
    return f"prm-{seed}-by-{judge}"


def begin(first: Record, run: Run, folder: Path, judges: Sequence[str] = ("judge",)) -> None:
    """Gives a run the imitation of another, and the judges of these stages."""
    if folder.exists():
        return
    other = Record(folder)
    other.open(config.table(run))
    for stage in (START, "sft"):
        shutil.copytree(first.model(stage), other.model(stage))
    for stage in judges:
        shutil.copytree(first.judge(stage), other.judge(stage))
    other.extend(event for event in first.events() if event["stage"] in (START, "sft", *judges))


def accuracies(study: Study, record: Record, stage: str) -> dict[str, list[float]]:
    """Per cent right by level, greedy and sampled."""
    evaluation = Evaluation(
        suite=(f"{TASK}/rung0..rung3",), items=study.items, formats=("image",), max_reply=96, seed=3
    )
    rows = asked(record, stage, evaluation, f"after-{stage}")
    return {
        level: [
            100 * float(np.mean([row["correct"] for row in rows if _is(row, level, how)]))
            for how in ("greedy", "sampled")
        ]
        for part in PARTS.values()
        for level in part
    }


def _is(row: Mapping[str, Any], level: str, decoding: str) -> bool:
    """Whatever the wording."""
    return row["level"].partition("?")[0] == f"{TASK}/{level}" and row["decoding"] == decoding


def replies(study: Study, record: Record, part: str, split: Any) -> list[dict[str, Any]]:
    """Sampled replies of the imitation model, asked for once."""
    evaluation = Evaluation(
        suite=tuple(f"{TASK}/{level}" for level in PARTS[part]),
        items=study.items,
        formats=("image",),
        decodings=("sampled",),
        draws=study.draws,
        max_reply=96,
        split=split,
        seed=3,
    )
    return asked(record, "sft", evaluation, f"{part.lower()}-{split}")


def asked(record: Record, stage: str, evaluation: Evaluation, name: str) -> list[dict[str, Any]]:
    """The rows of a stage's model, asked once, in a folder of that name in its run's."""
    policy = policies.model(record.model(stage))
    how = {"picture": policy.picture, "about": policy.about}
    session = Session(policy=policy.name, suite=name, evaluation=evaluation, **how)
    folder = Folder(record.folder / name)
    conduct(session, policy, folder, lambda _: None)
    return list(folder.rows())


def searched(
    test: Sequence[Mapping[str, Any]], val: Sequence[Mapping[str, Any]], scorers: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Per cent right of every strategy by number of replies; scores are joined as val says."""
    mine, chosen = Candidates.of(test), Candidates.of(val)
    told: dict[str, dict[str, float]] = {}
    sides = [
        (Scored("exact", exact(mine).values), Scored("exact", exact(chosen).values)),
        *(
            (judged(called(word), found(word), mine), judged(called(word), found(word), chosen))
            for word in scorers
        ),
    ]
    for n in sizes(mine.draws):
        nothing = np.zeros(mine.answers.shape)
        told.setdefault("majority", {})[str(n)] = (
            100 * point(Majority(), mine, nothing, n).accuracy.value
        )
        told.setdefault("a right one is there", {})[str(n)] = 100 * ceiling(mine, n).value
        for ranking in (BestOfN(), WeightedVote()):
            for scored, other in sides:
                by = {name: other.values[name] for name in AGGREGATIONS}
                name = best(ranking, chosen, by, n)
                accuracy = point(ranking, mine, scored.values[name], n).accuracy.value
                label = f"{ranking.kind.replace('_', ' ')}, {scored.name}"
                told.setdefault(label, {})[str(n)] = 100 * accuracy
    return told


def parted(
    rows: Sequence[Mapping[str, Any]], scorers: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Per cent of what best of n takes, by scorer and n: its score, right, and what is wrong."""
    mine = Candidates.of(rows)
    told: dict[str, dict[str, dict[str, float]]] = {}
    for word in scorers:
        values = judged(called(word), found(word), mine).values["last"]
        for n in sizes(mine.draws):
            made = point(BestOfN(), mine, values, n)
            shares = {"score": made.value, "right": made.accuracy.value}
            shares |= {"seeing": made.seeing, "thinking": made.thinking}
            mean = {name: 100 * share for name, share in shares.items()}
            told.setdefault(called(word), {})[str(n)] = mean
    return told


def judges_page(study: Study, facts: Sequence[Mapping[str, Any]], command: str) -> Iterator[str]:
    """The lines of the page about steps."""
    yield "# Judges of steps: learned on SIMPLE, measured on HARD\n"
    yield (
        "The grid's quickstart imitates rung0 and rung1; a token head learns from "
        f"{study.samples:,} prompts with 8 of its replies each there, {study.steps:,} steps, "
        f"labels of the verifier. They are drawn at a temperature of {study.temperature:g}, since "
        "at 1 nearly all of their steps are right; 1.5 was taken after an earlier run of one seed "
        "whose test figures had been looked at. "
        f"Measured on {study.items} problems a level, split `test`, pictures, 4 sampled replies "
        "each; HARD is rung2 and rung3, never shown to model or judge. `likelihood` is how likely "
        "a step was to the imitation model; with `+` logits are averaged. F1 is of first errors, "
        "at a threshold of one half, which likelihood is not made for. Twins are steps that differ "
        "in one fact, of which the right one has to score higher: one half is chance. In per cent, "
        "mean over seeds ± half the 95 % interval (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`.\n"
    columns = ("AUC", "seeing", "thinking", "F1", "seeing", "thinking")
    yield f"| judge | levels | {' | '.join(columns)} | twins: seeing | thinking |"
    yield "|" + "---|" * 10
    for name in facts[0]["judges"]:
        for part in PARTS:
            held = [each["judges"][name][part] for each in facts]
            cells = [entry([100 * h[group]["auc"] for h in held]) for group in GROUPS]
            cells += [entry([100 * h[group]["f1"] for h in held]) for group in GROUPS]
            cells += [
                entry([100 * h["twins"][group] for h in held]) if "twins" in held[0] else ""
                for group in ("seeing", "thinking")
            ]
            yield f"| {name} | {part} | {' | '.join(cells)} |"
    if not facts[0]["reinforced"]:
        return
    yield (
        f"\n## A judge that pays: GRPO on HARD without answers\n\n{study.reinforced} steps of 16 "
        "prompts with 8 replies each, pictures of rung2 and rung3; no answer is shown there, steps "
        "alone are paid, by the judge or by the exact verifier as a judge. Per cent right, "
        f"{study.items} problems a level, split `test`, greedy / sampled.\n"
    )
    yield from accuracies_table([each["reinforced"] for each in facts])


def accuracies_table(facts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Per cent right of every level, greedy / sampled, a line a model."""
    levels = [level for part in PARTS.values() for level in part]
    yield f"| | {' | '.join(levels)} |"
    yield "|" + "---|" * (len(levels) + 1)
    for name in facts[0]:
        held = [each[name] for each in facts]
        cells = [
            " / ".join(entry([each[level][at] for each in held]) for at in (0, 1))
            for level in levels
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def search_page(study: Study, facts: Sequence[Mapping[str, Any]], command: str) -> Iterator[str]:
    """The lines of the page about choices."""
    yield "# Search: choosing among replies on HARD, by a judge of SIMPLE\n"
    yield (
        f"Per cent of choices that are right, among n of {study.draws} sampled replies of the "
        f"grid's imitation model to {study.items} problems a level of rung2 and rung3, split "
        "`test`, pictures; all strategies choose among the same replies, so columns are of equal "
        "tokens. How scores of steps become one was chosen on split `val`, for each strategy, "
        "scorer and n. Judges as in [judges of steps](prm.md). Mean over seeds ± half the 95 % "
        f"interval (Student), then seed by seed (seeds {' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`.\n"
    columns = list(facts[0]["search"]["majority"])
    yield f"| strategy | {' | '.join(f'n = {n}' for n in columns)} |"
    yield "|" + "---|" * (len(columns) + 1)
    for name in facts[0]["search"]:
        cells = [entry([each["search"][name][n] for each in facts]) for n in columns]
        yield f"| {name} | {' | '.join(cells)} |"
    yield (
        "\n## Where score and truth part\n\nOf what best of n takes by the score of the last step: "
        "the mean score, how much is right, and how much has its first wrong step in seeing or in "
        "thinking. Where the score rises while what is right falls, the judge is being fooled.\n"
    )
    yield f"| judge | of what is taken | {' | '.join(f'n = {n}' for n in columns)} |"
    yield "|" + "---|" * (len(columns) + 2)
    for name, by in facts[0]["parted"].items():
        for what in by[columns[0]]:
            cells = [entry([each["parted"][name][n][what] for each in facts]) for n in columns]
            yield f"| {name} | {what} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
