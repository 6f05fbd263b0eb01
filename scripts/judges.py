"""Judges of steps beside each other: what each kind, each control and each lesson is worth.

Writes docs/results/judges.md. Of each seed the imitation model and its replies are those of
scripts/prm.py; every judge learns from the same replies, unless its name says otherwise, and is
measured on the same others: on levels that it learned from and on harder ones, on pictures and on
text, on a policy's errors and on those that were put in. Finished parts are not done again.

    python scripts/judges.py --seeds 0 1 2
"""

import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import prm
import tyro
from prm_training import SPANS, drawn, table

from avrgym import Format, TaskError
from avrgym.analyses.parting import spans as spans_of
from avrgym.analyses.seeds import entry
from avrgym.cli.measured import measured
from avrgym.core.corruption import CORRUPTIONS
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Completion
from avrgym.prm.corpus import tampered
from avrgym.prm.data import of_rows
from avrgym.prm.heads import Both, Chat, Implicit, Outcome, Token
from avrgym.prm.measure import auc
from avrgym.prm.scorer import Scorer, Scores
from avrgym.prm.scorers import found
from avrgym.prm.spans import Spans, spans
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import Record, write
from avrgym.train.curricula import Levels
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.spec import Run
from avrgym.train.stages import Prm

TEXT = {"text": 1.0}
#: By name, what is other than of the first one, which is the judge of scripts/prm.py.
VARIANTS: dict[str, dict[str, Any]] = {
    "token": {},
    "token, dense": {"head": Token(dense=True)},
    "chat": {"head": Chat()},
    "outcome": {"head": Outcome()},
    "both": {"head": Both()},
    "implicit": {"head": Implicit()},
    "token, white pictures": {"blind": True},
    "token, rare skills raised": {"balance": 1.0},
    "token, three times the steps": {"steps": 3},
    "token, a quarter twins": {"twins": 0.25},
    "token, half twins": {"twins": 0.5},
    "token that hears itself": {"head": Token(hears="own")},
    "token that hears the policy": {"head": Token(hears="policy")},
    "token that hears itself, a quarter twins": {"head": Token(hears="own"), "twins": 0.25},
    "token, errors put in": {"corrupted": 1.0},
    "token, text": {"text": True},
}
#: What there is without training another.
LIKELIHOOD, JOINED = "likelihood", "token + likelihood"
DRAWS = 4  # replies to a problem that are judged


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    variants: tuple[str, ...] = (LIKELIHOOD, *VARIANTS, JOINED)
    """Which judges."""
    used: tuple[str, ...] = ("token that hears itself", "token that hears itself, a quarter twins")
    """Those that choose among 16 replies, and pay the steps of GRPO on HARD without answers."""
    items: int = 128
    """Problems a level."""
    runs: Path = Path("runs/prm")
    to: Path = Path("docs/results/judges.md")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    for names, known in (
        (study.variants, (LIKELIHOOD, *VARIANTS, JOINED)),
        (study.used, tuple(VARIANTS)),
    ):
        if wrong := [name for name in names if name not in known]:
            raise TaskError(f"there is no judge {wrong[0]!r}; known: {', '.join(known)}")
    quieten()
    first = prm.Study(items=study.items, runs=study.runs)
    facts: dict[str, dict[int, Any]] = {name: {} for name in study.variants}
    uses: dict[str, dict[int, Any]] = {name: {} for name in study.used}
    command = shlex.join(["python", "scripts/judges.py", *given])
    for seed in study.seeds:
        record = train(prm.planned(first, seed), folder=study.runs)
        held = replies(first, record)
        for name in study.variants:
            facts[name][seed] = of_judge(first, record, seed, name, held)
            study.to.parent.mkdir(parents=True, exist_ok=True)
            told = {each: by for each, by in facts.items() if by}
            write(study.to, "\n".join(page(study, told, command)) + "\n")
        for name in study.used:
            uses[name][seed] = of_use(first, record, seed, name)
    write(study.to, "\n".join((*page(study, facts, command), *used(study, uses))) + "\n")
    print(study.to)


def replies(study: prm.Study, record: Record) -> dict[str, list[dict[str, Any]]]:
    """Sampled replies of the imitation model, asked for once, by what they are called here."""
    held: dict[str, list[dict[str, Any]]] = {}
    for part, levels in prm.PARTS.items():
        rows = prm.replies(study, record, part, "test")
        held[part] = [row for row in rows if row["draw"] < DRAWS]
        evaluation = Evaluation(
            suite=tuple(f"{prm.TASK}/{level}" for level in levels),
            items=study.items,
            formats=("text",),
            decodings=("sampled",),
            draws=DRAWS,
            max_reply=96,
            seed=3,
        )
        name = f"{part.lower()}-text"
        held[f"{part}, text"] = prm.asked(record, "sft", evaluation, name)
    return held


def of_judge(
    study: prm.Study, record: Record, seed: int, name: str, held: Mapping[str, Any]
) -> dict[str, Any]:
    """All figures of one judge, read where they are there already."""
    folder = study.runs / f"{record.folder.name}-{_plain(name)}"
    kept = folder / "figures.json"
    if kept.exists():
        figures: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return figures
    scorer = found(word(study, record, seed, name))
    figures = {}
    for part, rows in held.items():
        figures[part] = on_replies(scorer, rows)
    if figures["HARD"]["auc"]:
        figures["lengths"] = by_length(scorer, held["HARD"])
        for part in prm.PARTS:
            mine = list(dict.fromkeys(row["address"] for row in held[part]))
            figures[f"{part}, errors put in"] = on_rationales(scorer, mine)
    folder.mkdir(parents=True, exist_ok=True)
    write(kept, json.dumps(figures))
    print(seed, name, {k: figures["HARD"][k] for k in ("auc", "ranking", "twins")}, flush=True)
    return figures


def of_use(study: prm.Study, record: Record, seed: int, name: str) -> dict[str, Any]:
    """What a judge brings to a choice and to training, read where it is there already."""
    judge = word(study, record, seed, name)
    kept = study.runs / f"{record.folder.name}-{_plain(name)}" / "used.json"
    told: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if "chosen" not in told:
        test, val = (prm.replies(study, record, "HARD", split) for split in ("test", "val"))
        told["chosen"] = prm.searched(test, val, [judge])
        write(kept, json.dumps(told))
    if "paid" not in told:
        run = planned(study, seed, name)
        grpo = prm.rewarded(study, judge)
        run = replace(run, name=paying(seed, name), stages=(run.stages[0], grpo))
        begin(record, run, study.runs / run.name, shared=False)
        told["paid"] = {
            "after imitation": prm.accuracies(study, record, "sft"),
            f"GRPO paid by {name}": prm.accuracies(study, train(run, folder=study.runs), "grpo"),
        }
        write(kept, json.dumps(told))
    return told


def paying(seed: int, name: str) -> str:
    """Of the run in which a judge pays."""
    return f"prm-{seed}-{_plain(name)}-pays"


def word(study: prm.Study, record: Record, seed: int, name: str) -> str:
    """A scorer, as :func:`avrgym.prm.scorers.found` takes it; trained if it must be."""
    likelihood = f"likelihood:{record.model('sft')}"
    if name == LIKELIHOOD:
        return likelihood
    if name in (JOINED, "token"):
        judge = str(record.judge("judge"))
        return judge if name == "token" else f"{judge}+{likelihood}"
    run = planned(study, seed, name)
    begin(record, run, study.runs / run.name, shared=not VARIANTS[name].get("text"))
    return str(train(run, folder=study.runs).judge("judge"))


def planned(study: prm.Study, seed: int, name: str) -> Run:
    """The run of scripts/prm.py with another judge."""
    run = prm.planned(study, seed)
    changed = dict(VARIANTS[name])
    *others, judge = run.stages
    assert isinstance(judge, Prm) and isinstance(judge.curriculum, Levels)
    changed["steps"] = judge.steps * changed.get("steps", 1)
    if changed.pop("text", False):
        changed["curriculum"] = replace(judge.curriculum, formats=TEXT)
    stages = (*others, replace(judge, **changed))
    return replace(run, name=f"{run.name}-{_plain(name)}", stages=stages)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name)


def begin(first: Record, run: Run, folder: Path, *, shared: bool) -> None:
    """Gives a run the imitation of another, and the replies that its judge learned from."""
    if folder.exists():
        return
    prm.begin(first, run, folder, judges=())
    if shared:
        at = Record(folder).checkpoints("judge")
        at.mkdir(parents=True)
        shutil.copy(first.judge("judge") / "labelled.jsonl", at)


def on_replies(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Shares by measure: of a policy's own replies, and twins of their problems."""
    made = measured(scorer, rows, 0.5, 512)
    told: dict[str, Any] = {
        "auc": {group: made.groups[group].auc for group in prm.GROUPS if made.groups},
        "f1": {group: made.groups[group].f1 for group in prm.GROUPS if made.groups},
        "replies": made.replies.value,
        "ranking": made.ranking.value,
        "twins": {},
    }
    if made.groups:
        told["ece"] = made.groups["all"].ece
    if made.twins is not None:
        told["twins"] = {"seeing": made.twins.seeing.value, "thinking": made.twins.thinking.value}
    return told


def by_length(scorer: Scorer, rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Step AUC by how many steps a reply has, in about thirds of the replies."""
    prompts = [Prompt(row["address"], Format.parse(row["format"])) for row in rows]
    said, truth = judged(scorer, prompts, [each.completion for each in of_rows(rows)])
    counts = np.diff(truth.offsets)
    cuts = [0, *np.quantile(counts, [1 / 3, 2 / 3]).astype(int).tolist(), int(counts.max())]
    names = ("short", "middling", "long")
    told = {}
    for name, low, high in zip(names, cuts, cuts[1:], strict=False):
        mine = ((counts > low) & (counts <= high))[said.owner] & truth.judged
        told[name] = auc(said.score[mine], truth.ok[mine])
    return told


def on_rationales(scorer: Scorer, addresses: Sequence[str]) -> dict[str, float]:
    """Step AUC on rationales with one error put in, by what was done, and on all with gold ones."""
    made = tampered(addresses, Format("image"), seed=1)
    rows = [row for row, _ in made]
    said, truth = judged(scorer, [row.prompt for row in rows], [row.completion for row in rows])
    kinds = np.array([kind for _, kind in made])
    told = {"all": auc(said.score[truth.judged], truth.ok[truth.judged])}
    for kind in CORRUPTIONS:
        mine = (kinds == kind)[said.owner] & truth.judged
        value = auc(said.score[mine], truth.ok[mine])
        if not np.isnan(value):  # of a wrong answer behind right steps there is none that is wrong
            told[kind] = value
    return told


def judged(
    scorer: Scorer, prompts: Sequence[Prompt], completions: Sequence[Completion]
) -> tuple[Scores, Spans]:
    """What a judge says, and what is true."""
    truth = spans(prompts, [each.reply for each in completions])
    return scorer.scores(prompts, completions), truth


def page(
    study: Study, facts: Mapping[str, Mapping[int, Mapping[str, Any]]], command: str
) -> Iterator[str]:
    """The lines of the page: of what there is so far."""
    yield "# Judges of steps beside each other\n"
    yield (
        "The imitation model, what `token` learns from and how it is measured are those of [judges "
        "of steps](prm.md): the grid's quickstart, replies to rung0 and rung1 (SIMPLE), 1,000 "
        f"steps; {study.items} problems a level, split `test`, {DRAWS} sampled replies each; "
        "HARD is rung2 and rung3, never shown to model or judge. Every judge learns from the same "
        "replies unless its name says otherwise: `twins` are pairs of steps that differ in one "
        "fact, of problems that the others learn from; *errors put in* are rationales with one "
        "error and as they are, and no reply of a model. One that *hears* goes by the likelihood "
        "of the step, too. White pictures are the control of what can be told from text alone. "
        "`implicit` learns from outcomes, `outcome` says nothing of steps. In per cent, mean over "
        "seeds ± half the 95 % interval (Student), then seed by seed "
        f"(seeds {' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`.\n"
    yield (
        "AUC and F1 (of first errors, at one half) are of steps. *Replies*: how often a right "
        "reply is worth more than a wrong one; *ranking*: the same among replies to one prompt, "
        "which is what choosing among them needs. A reply is worth what the judge says of it, or "
        "its least step. Twins: the right step scores higher; one half is chance.\n"
    )
    for part in prm.PARTS:
        yield f"## {part}, pictures\n"
        yield from _kinds(facts, part)
    steps = {name: by for name, by in facts.items() if "lengths" in _any(by)}
    yield "## From one to another\n"
    yield (
        "Step AUC. Text is the twin of the problem; errors put in are in rationales, one each, "
        "beside those that are right.\n"
    )
    parts = [*prm.PARTS, *(f"{part}, text" for part in prm.PARTS)]
    parts += [f"{part}, errors put in" for part in prm.PARTS]
    told = {
        name: {seed: {p: _of(held[p]) for p in parts} for seed, held in by.items()}
        for name, by in steps.items()
    }
    yield from _table(told, parts)
    yield "## By how the error arose\n"
    yield (
        "Step AUC on HARD within rationales of one kind of error: how surely its wrong steps score "
        "below its right ones. An error that is carried on has several.\n"
    )
    told = {
        name: {seed: held["HARD, errors put in"] for seed, held in by.items()}
        for name, by in steps.items()
    }
    kinds = dict.fromkeys(kind for by in told.values() for held in by.values() for kind in held)
    yield from _table(told, [kind for kind in kinds if kind != "all"])
    yield "## By length\n"
    yield "Step AUC on HARD, pictures, in thirds of the replies by how many steps they have.\n"
    told = {name: {s: held["lengths"] for s, held in by.items()} for name, by in steps.items()}
    yield from _table(told, list(_any(next(iter(told.values())))))


def used(study: Study, uses: Mapping[str, Mapping[int, Any]]) -> Iterator[str]:
    """The lines about what judges bring."""
    for name, by in uses.items():
        yield f"## In use: {name}\n"
        yield (
            "Per cent right of choices among n of 16 replies on HARD, as on [search](search.md), "
            "where the other judges stand; `judge` is this one.\n"
        )
        held = [each["chosen"] for each in by.values()]
        columns = list(held[0]["majority"])
        yield f"| strategy | {' | '.join(f'n = {n}' for n in columns)} |"
        yield "|" + "---|" * (len(columns) + 1)
        for strategy in held[0]:
            cells = [entry([each[strategy][n] for each in held]) for n in columns]
            yield f"| {strategy} | {' | '.join(cells)} |"
        yield (
            "\nGRPO on HARD without answers, its steps paid by this judge, as on [judges of "
            "steps](prm.md#a-judge-that-pays-grpo-on-hard-without-answers), where the others "
            "stand: per cent right, greedy / sampled.\n"
        )
        paid = [each["paid"] for each in by.values()]
        yield from prm.accuracies_table(paid)
        yield (
            "\nOf the replies drawn in training, by its steps: the judge's mean score, how many "
            "are right, and of how many the first wrong step is one of seeing, or of thinking.\n"
        )
        runs = [Record(study.runs / paying(seed, name)) for seed in by]
        yield from table({name: [spans_of(drawn(run), SPANS) for run in runs]})
        yield ""


def _any(by: Mapping[int, Any]) -> Any:
    return next(iter(by.values()))


def _of(held: Mapping[str, Any]) -> float:
    """Of replies the AUC stands among other figures."""
    value = held["all"] if "all" in held else held["auc"]["all"]
    return float(value)


def _kinds(facts: Mapping[str, Mapping[int, Mapping[str, Any]]], part: str) -> Iterator[str]:
    heads = ("AUC", "seeing", "thinking", "F1", "ECE", "replies", "ranking")
    yield f"| judge | {' | '.join(heads)} | twins: seeing | thinking |"
    yield "|" + "---|" * (len(heads) + 3)
    for name, by in facts.items():
        held = [each[part] for each in by.values()]
        cells = [_cell([h["auc"].get(group) for h in held]) for group in prm.GROUPS]
        cells.append(_cell([h["f1"].get("all") for h in held]))
        cells += [_cell([h.get(what) for h in held]) for what in ("ece", "replies", "ranking")]
        cells += [_cell([h["twins"].get(side) for h in held]) for side in ("seeing", "thinking")]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


def _table(
    facts: Mapping[str, Mapping[int, Mapping[str, float]]], columns: Sequence[str]
) -> Iterator[str]:
    yield f"| judge | {' | '.join(columns)} |"
    yield "|" + "---|" * (len(columns) + 1)
    for name, by in facts.items():
        cells = [_cell([held.get(column) for held in by.values()]) for column in columns]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""


def _cell(values: Sequence[float | None]) -> str:
    known = [100 * value for value in values if value is not None]
    return entry(known) if known else ""


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
