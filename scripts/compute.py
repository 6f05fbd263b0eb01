"""What search brings at equal tokens, and what it costs: writes docs/results/compute.md.

Of the runs of scripts/prm.py: the grid's imitation model is asked HARD, by strategies that choose
among its whole replies, which are read, and by those that grow them step by step, which are drawn;
by its judge, its own likelihood, both together and the exact verifier. Finished parts are not done
again: interrupt as you like.

    python scripts/compute.py --seeds 0 1 2
"""

import json
import shlex
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import prm
import tyro

from avrgym.analyses.seeds import entry
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.session import Session, conduct
from avrgym.evaluate.suite import Evaluation
from avrgym.models.size import weights
from avrgym.prm.scorers import called, found
from avrgym.runs.record import Record, write
from avrgym.search import Beam, BestOfN, Majority, Rebase, WeightedVote
from avrgym.search.begin import searching
from avrgym.search.candidates import Candidates
from avrgym.search.frontier import Choice, Scored, exact, judged
from avrgym.search.rerank import ceiling, point
from avrgym.train.quiet import quieten
from avrgym.train.run import train
from avrgym.train.shipped import quickstart
from avrgym.train.spec import load

#: Columns of the table beside per cent right, by what rows and summaries call them.
COSTS = ("tokens", "calls", "judged", "flops")


@dataclass(frozen=True, slots=True)
class Study:
    """What to run."""

    seeds: tuple[int, ...] = (0, 1, 2)
    items: int = 128
    """Problems a level that the runs of scripts/prm.py were measured on; all of val choose."""
    problems: int = 64
    """Of these, the first of a level of test, that are asked."""
    widths: tuple[int, ...] = (4, 16)
    """Replies to each problem, multiples of the four ways of a beam."""
    draws: int = 16
    """Whole replies to each that are there to choose from."""
    runs: Path = Path("runs/prm")
    to: Path = Path("docs/results/compute.md")


def main(study: Study, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    quieten()
    facts = [of_seed(study, seed) for seed in study.seeds]
    command = shlex.join(["python", "scripts/compute.py", *given])
    study.to.parent.mkdir(parents=True, exist_ok=True)
    write(study.to, "\n".join(page(study, facts, command)) + "\n")
    print(study.to)


def of_seed(study: Study, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """By n and strategy, what is right in per cent and what it took for a problem."""
    runs = prm.Study(items=study.items, draws=study.draws, runs=study.runs)
    record = train(prm.planned(runs, seed), folder=study.runs)
    judge, likelihood = str(record.judge("judge")), f"likelihood:{record.model('sft')}"
    scorers = (judge, likelihood, f"{judge}+{likelihood}", "exact")
    told: dict[str, dict[str, dict[str, float]]] = chosen(study, record, runs, scorers)
    for n in study.widths:
        for growth in (Rebase(n=n), Beam(n=n)):
            for scorer in scorers:
                name = f"{growth.kind}, {called(scorer)}"
                told[str(n)][name] = grown(study, record, growth, scorer)
    return told


def chosen(
    study: Study, record: Record, runs: prm.Study, scorers: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """What choosing among whole replies brings; aggregations are chosen on val."""
    kept = record.folder / f"chosen-{study.items}-{study.draws}-{study.problems}.json"
    held: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if all(str(n) in held for n in study.widths):
        return {str(n): held[str(n)] for n in study.widths}
    mine, other = (
        Candidates.of(prm.replies(runs, record, "HARD", split)) for split in ("test", "val")
    )
    places = [
        place
        for level in dict.fromkeys(mine.levels)
        for place in [at for at, each in enumerate(mine.levels) if each == level][: study.problems]
    ]
    mine = mine.only(places)
    sides = [scored(scorer, mine) for scorer in scorers]
    choice = Choice(on=(other, {each.name: each for each in (scored(s, other) for s in scorers)}))
    policy = weights(record.model("sft"))
    nothing = Scored.of_replies("", np.zeros(mine.answers.size), mine)
    for n in study.widths:
        told: dict[str, dict[str, float]] = {}
        for ranking in (Majority(), BestOfN(), WeightedVote()):
            for side in sides if ranking.SCORED else [nothing]:
                name = choice.of(ranking, side, n)
                how = {"scorer": side.name, "policy": policy, "judge": side.weights}
                made = asdict(point(ranking, mine, side.values[name], n, **how))
                title = ", ".join(filter(None, (ranking.kind.replace("_", " "), side.name)))
                told[title] = {cost: made[cost] for cost in COSTS}
                told[title]["right"] = 100 * made["accuracy"]["value"]
        told["a right one is there"] = {"right": 100 * ceiling(mine, n).value}
        held[str(n)] = told
    write(kept, json.dumps(held))
    return {str(n): held[str(n)] for n in study.widths}


def scored(scorer: str, candidates: Candidates) -> Scored:
    """What a scorer says of all replies; the verifier's word stands in their rows."""
    if scorer == "exact":
        return exact(candidates)
    return judged(called(scorer), found(scorer), candidates)


def grown(study: Study, record: Record, growth: Rebase | Beam, scorer: str) -> dict[str, float]:
    """What replies grown step by step bring, asked once."""
    evaluation = Evaluation(
        suite=tuple(f"{prm.TASK}/{level}" for level in prm.PARTS["HARD"]),
        items=study.problems,
        formats=("image",),
        decodings=("sampled",),
        max_reply=96,
        seed=3,
    )
    asked = f'{{ kind = "{growth.kind}", n = {growth.n} }}'
    policy = searching(str(record.model("sft")), asked, scorer)
    name = f"{growth.kind}-{growth.n}-{study.problems}-{called(scorer).replace(' + ', '-')}"
    session = Session(
        policy=policy.name,
        suite=name,
        evaluation=evaluation,
        picture=load(quickstart(prm.TASK)).picture,
        about=policy.about,
    )
    folder = Folder(record.folder / "grown" / name)
    conduct(session, policy, folder, lambda _: None)
    wrong = [row["steps"] for row in folder.rows() if not row["correct"]]
    late = [all(step[2] == "conclude" or step[3] != "wrong" for step in steps) for steps in wrong]
    told = folder.settings()["told"]
    right = 100 * (1 - len(wrong) / len(list(folder.rows())))
    shares = {"right": right, "late": 100 * float(np.mean(late)) if late else 0.0}
    return {cost: told[cost] for cost in COSTS} | shares


def page(study: Study, facts: Sequence[Mapping[str, Any]], command: str) -> Iterator[str]:
    """The lines of the page."""
    yield "# Search at equal tokens\n"
    yield (
        f"The grid's imitation model of rung0 and rung1 is asked {study.problems} problems of each "
        "of rung2 and rung3, split `test`, pictures, n replies to each. Majority, best of n and "
        "weighted vote choose among whole replies: their means are over all runs of n in "
        f"{study.draws}. REBASE and a step beam of four ways deal the same n anew after each step, "
        "and vote at the end by the scores of last steps. So all of a table draw the same tokens, "
        "but for what lengths differ; what the scorer reads is not the same: whole replies, or all "
        "that was said so far, after each step; what is the same twice it reads once. How scores "
        "of steps become one of a whole reply was chosen on split `val`, for each strategy, scorer "
        "and n; where replies grow nothing is chosen.\n"
    )
    yield (
        "Judges as in [judges of steps](prm.md); likelihood is read again like a judge, although "
        "whoever draws a reply has it for nothing; the exact one is the verifier, and costs "
        "nothing. Tokens drawn, calls of the model (for a reply or a step), tokens that the scorer "
        "read, and FLOPs, two for each weight and token of the model and of the judge, prompts not "
        "counted: for a problem, mean over seeds. Right in per cent, mean over seeds ± half the "
        f"95 % interval (Student), then seed by seed (seeds {' '.join(map(str, study.seeds))}).\n"
    )
    yield f"Written by `{command}`."
    for n in map(str, study.widths):
        yield f"\n## n = {n}\n"
        yield "| strategy | right | tokens | calls | judged | FLOPs |"
        yield "|" + "---|" * 6
        for name in facts[0][n]:
            held = [each[n][name] for each in facts]
            cells = [_mean(cost, [each[cost] for each in held if cost in each]) for cost in COSTS]
            yield f"| {name} | {entry([each['right'] for each in held])} | {' | '.join(cells)} |"
    yield (
        "\n## Where right steps lead\n\nOf what is wrong although the exact verifier dealt anew, "
        "per cent without a wrong step before the answer.\n"
    )
    yield f"| | {' | '.join(f'n = {n}' for n in study.widths)} |"
    yield "|" + "---|" * (len(study.widths) + 1)
    for kind in ("rebase", "beam"):
        late = [[each[str(n)][f"{kind}, exact"]["late"] for each in facts] for n in study.widths]
        yield f"| {kind} | {' | '.join(map(entry, late))} |"


def _mean(cost: str, values: Sequence[float]) -> str:
    if not values:
        return ""
    mean = statistics.fmean(values)
    return f"{mean:.1e}" if cost == "flops" else f"{mean:,.0f}"


if __name__ == "__main__":
    main(tyro.cli(Study, description=__doc__), sys.argv[1:])
