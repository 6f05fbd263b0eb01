"""What a judge of steps is worth on stored replies, for programs and for people."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, mean
from avrgym.cli.accuracies import aligned
from avrgym.evaluate.results import said
from avrgym.models.completion import Completion
from avrgym.prm.intervals import auc_estimate, f1_estimate
from avrgym.prm.measure import (
    Measure,
    by_level,
    by_name,
    by_skill,
    first_errors,
    measure,
    ranking,
    worth,
)
from avrgym.prm.scorer import Scorer, Scores
from avrgym.prm.spans import Spans, spans
from avrgym.prm.twins import SEES, Told, twin_test, twins
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

NOTHING = Estimate(math.nan, -math.inf, math.inf, 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a judge is worth.

    Attributes:
        groups: All replies, by class of skill and skill, by level and format, and where several
            said them by whose they are; empty where the judge says nothing of steps.
        auc: Of all steps.
        f1: Of first errors.
        replies: Chance that a right reply is worth more to it than a wrong one, see
            :func:`avrgym.prm.measure.worth`.
        ranking: The same among replies of one model to one prompt, a mean over those with both; see
            :func:`avrgym.prm.measure.ranking`.
        twins: Which steps that differ in one fact it tells apart; None where it says nothing of
            steps.
    """

    groups: Mapping[str, Measure]
    auc: Estimate
    f1: Estimate
    replies: Estimate
    ranking: Estimate
    twins: Told | None


def measured(
    scorer: Scorer, rows: Sequence[Mapping[str, Any]], threshold: float, pairs: int
) -> Measured:
    """Measures a judge on rows of results, and on twins of their problems.

    Args:
        scorer: Asked of every reply once.
        rows: Of results.
        threshold: Below which a step is called wrong.
        pairs: Problems that twins are made of; 0 for none.

    Raises:
        TaskError: No reply has a step, or the judge says nothing at all.
    """
    kept = [row for row in rows if not Format.parse(row["format"]).transcribes]
    prompts = [
        Prompt(row["address"], Format.parse(row["format"]), row.get("template", "plain"))
        for row in kept
    ]
    replies = [said(row) for row in kept]
    truth = spans(prompts, replies)
    if not len(truth.ends):
        raise TaskError("no reply has a step, so there is nothing to judge; give replies that do")
    found = scorer.scores(
        prompts,
        [
            Completion(reply, tuple(row.get("ids") or ()), row["finish"])
            for row, reply in zip(kept, replies, strict=True)
        ],
    )
    silent = bool(np.isnan(found.score).all())
    if silent and np.isnan(found.outcome).all():
        raise TaskError("this judge says nothing, of steps or of replies; give another one")
    codes: dict[str, int] = {}
    problems = np.array([codes.setdefault(each.address, len(codes)) for each in prompts], np.int64)
    value = worth(found)
    # What a model said before it learned anything is no rival of what it says then.
    rivals: dict[Any, int] = {}
    same = np.array(
        [
            rivals.setdefault((each, row.get("stage"), row.get("policy")), len(rivals))
            for each, row in zip(prompts, kept, strict=True)
        ],
        np.int64,
    )
    whole = auc_estimate(value, truth.right, problems), mean(ranking(value, truth.right, same))
    if silent:
        return Measured({}, NOTHING, NOTHING, *whole, None)
    groups = {"all": measure(found, truth, threshold)}
    groups |= by_skill(found, truth, threshold) | by_level(prompts, found, truth, threshold)
    whose = [f"said by {row.get('policy') or 'nobody named'}" for row in kept]
    if len(set(whose)) > 1:
        groups |= by_name(whose, found, truth, threshold)
    kinds = dict.fromkeys((each.format, each.template) for each in prompts)
    spread = _spread(list(codes), pairs)
    made = [pair for form, words in kinds for pair in twins(spread, form, template=words)]
    return Measured(
        groups,
        _auc(found, truth, problems),
        f1_estimate(
            first_errors(found.offsets, found.score, threshold),
            first_errors(truth.offsets, truth.ok.astype(np.float32)),
            problems,
        ),
        *whole,
        twin_test(scorer, made) if made else None,
    )


def _spread(addresses: Sequence[str], count: int) -> list[str]:
    """So many of them at even distances, since levels come one after the other."""
    most = min(count, len(addresses))
    return [addresses[at * len(addresses) // most] for at in range(most)]


def _auc(found: Scores, truth: Spans, problems: NDArray[np.int64]) -> Estimate:
    there = truth.judged
    return auc_estimate(found.score[there], truth.ok[there], problems[found.owner][there])


def as_table(name: str, made: Measured) -> str:
    """What was measured, for people."""
    lines = _steps(name, made) if made.groups else []
    lines.append(
        f"{name}: right replies above wrong ones {_interval(made.replies)}, "
        f"of one prompt {_interval(made.ranking)} ({made.ranking.n:,} prompts with both)"
    )
    if made.twins is not None:
        lines += _twins(made.twins)
    return "\n".join(lines)


def _steps(name: str, made: Measured) -> list[str]:
    head = ("replies", "steps", "wrong", "AUC", "precision", "ECE", "found", "clean", "F1")
    rows: list[Sequence[str]] = [("", *head)]
    for group, each in made.groups.items():
        figures = (each.auc, each.precision, each.ece, each.found, each.clean, each.f1)
        rows.append(
            (
                group,
                f"{each.replies:,}",
                f"{each.steps:,}",
                f"{each.wrong:.1%}",
                *("" if value != value else f"{value:.3f}" for value in figures),
            )
        )
    lines = aligned(rows)
    lines.append(f"{name}: AUC {_interval(made.auc)}, first-error F1 {_interval(made.f1)}")
    return lines


def _twins(told: Told) -> list[str]:
    parts = {"seeing": told.seeing, "thinking": told.thinking, **told.skills}
    shown = ", ".join(f"{name} {_interval(each)}" for name, each in parts.items() if each.n)
    lines = [f"twins told apart (one fact replaced; chance .5): {shown}"]
    if told.seeing.n and not told.sees:
        lines.append(
            f"it tells fewer than {SEES:.0%} of seeing twins apart: it judges text more than what "
            "the picture shows"
        )
    return lines


def _interval(found: Estimate) -> str:
    if math.isnan(found.value):
        return "unknown"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def as_json(name: str, made: Measured) -> str:
    """What was measured, as JSON."""
    held = {
        "scorer": name,
        "auc": _plain(made.auc),
        "f1": _plain(made.f1),
        "replies": _plain(made.replies),
        "ranking": _plain(made.ranking),
        "groups": {
            group: {key: None if value != value else value for key, value in asdict(each).items()}
            for group, each in made.groups.items()
        },
        "twins": None if made.twins is None else _told(made.twins),
    }
    return json.dumps(held, ensure_ascii=False, indent=1)


def _told(told: Told) -> dict[str, Any]:
    parts = {"all": told.all, "seeing": told.seeing, "thinking": told.thinking, **told.skills}
    return {name: _plain(each) for name, each in parts.items() if each.n} | {"sees": told.sees}


def _plain(found: Estimate) -> dict[str, Any]:
    ends = [found.low, found.high]
    known = [value if math.isfinite(value) else None for value in (found.value, *ends)]
    return {"value": known[0], "interval": known[1:], "n": found.n}
