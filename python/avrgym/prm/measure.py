"""How good a judge of steps is: pure functions over the columns of its scores and of the truth."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.bins import quantile_bins
from avrgym.analyses.skills import SEEING
from avrgym.core.address import setting_of
from avrgym.core.verdicts import SKILLS
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import Spans
from avrgym.prompts.prompt import Prompt

THRESHOLD = 0.5
_SEES = np.array([skill in SEEING for skill in SKILLS])


@dataclass(frozen=True, slots=True)
class Measure:
    """How good a judge is on some replies and steps. What there is nothing of is NaN.

    Attributes:
        replies: How many there are.
        steps: How many of theirs are counted: those that can be judged.
        wrong: Share of these that are wrong.
        auc: Chance that a right step scores higher than a wrong one, half where they tie.
        precision: Average precision in finding wrong steps.
        ece: Expected calibration error, see :func:`ece`.
        found: Share of replies with an error of which the first one is named exactly.
        clean: Share of replies without of which none is named.
        f1: Of both, as ProcessBench has it, see :func:`first_error_f1`.
    """

    replies: int
    steps: int
    wrong: float
    auc: float
    precision: float
    ece: float
    found: float
    clean: float
    f1: float


def first_errors(
    offsets: NDArray[np.int64], score: NDArray[np.floating], threshold: float = THRESHOLD
) -> NDArray[np.int64]:
    """The first step of each reply that scores below the threshold, int64 (n,), -1 for none.

    Args:
        offsets: int64 (n + 1,), of the replies' steps.
        score: (s,), 0 to 1; of truths 0 and 1. NaN is below nothing.
        threshold: 0 to 1.
    """
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    low = np.flatnonzero(score < threshold)
    found = np.full(len(offsets) - 1, -1, np.int64)
    whose, place = np.unique(owner[low], return_index=True)
    found[whose] = low[place] - offsets[whose]
    return found


def first_error_f1(
    named: NDArray[np.int64], truth: NDArray[np.int64]
) -> tuple[float, float, float]:
    """How well first errors are named (ProcessBench, Zheng et al. 2024, arXiv 2412.06559).

    Args:
        named: int64 (n,), index of the step called the first error, -1 for none.
        truth: int64 (n,), likewise.

    Returns:
        Share of replies with an error that is named exactly; share of those without of which none
        is named; their harmonic mean, 0 where both are 0. NaN where there are no such replies.
    """
    hit, bad = named == truth, truth >= 0
    found = float(hit[bad].mean()) if bad.any() else math.nan
    clean = float(hit[~bad].mean()) if not bad.all() else math.nan
    both = found + clean
    return found, clean, 2 * found * clean / both if both else both


def auc(score: NDArray[np.floating], good: NDArray[np.bool_]) -> float:
    """Area under the curve of true over false alarms, ties counted half (Mann and Whitney 1947).

    Args:
        score: (s,), higher for what is thought good.
        good: bool (s,).

    Returns:
        0 to 1; NaN where all are good, or none.
    """
    many = int(good.sum())
    few = len(good) - many
    if not many or not few:
        return math.nan
    _, code, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # the mean of those that tie
    return float((ranks[code][good].sum() - many * (many + 1) / 2) / (many * few))


def average_precision(score: NDArray[np.floating], wanted: NDArray[np.bool_]) -> float:
    """Precision at every score that is reached, weighted by the recall that it adds; ties together.

    Args:
        score: (s,), higher for what is thought wanted.
        wanted: bool (s,).

    Returns:
        0 to 1; NaN where none is wanted.
    """
    if not wanted.any():
        return math.nan
    _, code = np.unique(-score, return_inverse=True)
    taken, hits = np.bincount(code), np.bincount(code, weights=wanted)
    precision = np.cumsum(hits) / np.cumsum(taken)
    return float(precision @ hits / hits.sum())


def ece(score: NDArray[np.floating], good: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean distance of the score from the share good, over bins of about as many steps each.

    As :func:`avrgym.analyses.calibration.calibrated`, which has intervals, counts it.

    Args:
        score: (s,), 0 to 1.
        good: bool (s,).
        bins: At most, 1 or more.

    Returns:
        0 to 1; NaN of nothing.
    """
    if not len(score):
        return math.nan
    codes, _ = quantile_bins(score.astype(np.float64), bins)
    strayed = np.bincount(codes, weights=score - good.astype(np.float64))
    return float(np.abs(strayed).sum() / len(score))


def best_threshold(
    offsets: NDArray[np.int64], score: NDArray[np.floating], truth: NDArray[np.int64]
) -> float:
    """The threshold of the best F1, to be chosen on other replies than those it is used on.

    Args:
        offsets: int64 (n + 1,), of the replies' steps.
        score: (s,), 0 to 1.
        truth: int64 (n,), first errors, -1 for none.

    Returns:
        Of 99 from 0.01 to 0.99 the best, of equal ones the one nearest to one half.
    """
    tried = np.arange(1, 100) / 100
    scored = [first_error_f1(first_errors(offsets, score, at), truth)[2] for at in tried]
    best = max(range(99), key=lambda at: (np.nan_to_num(scored[at]), -abs(tried[at] - 0.5)))
    return float(tried[best])


def worth(said: Scores) -> NDArray[np.float64]:
    """What each reply is worth to a judge, float64 (n,), 0 to 1.

    Its word on the whole reply if it has one, else the least score of the reply's steps: a reply is
    as good as its worst step. 0 where neither is there.
    """
    least = np.ones(len(said))
    known = ~np.isnan(said.score)
    np.minimum.at(least, said.owner[known], said.score[known].astype(np.float64))
    silent = np.bincount(said.owner[known], minlength=len(said)) == 0
    least[silent] = 0.0
    return np.where(np.isnan(said.outcome), least, said.outcome)


def ranking(
    worth: NDArray[np.floating], right: NDArray[np.bool_], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How well each group's right replies are ranked above its wrong ones.

    What choosing among replies to one prompt asks for, and what comparing all replies is no proof
    of: a judge that only knows hard prompts from easy ones ranks nothing within a group.

    Args:
        worth: (n,), higher for what is thought better.
        right: bool (n,).
        groups: Whose replies are compared, codes, int64 (n,).

    Returns:
        Of every group with replies of both kinds, in the order of codes, the :func:`auc` in it: one
        half is chance. float64 (g,).
    """
    there = np.unique(groups)
    each = [auc(worth[groups == code], right[groups == code]) for code in there]
    return np.array([value for value in each if not math.isnan(value)], np.float64)


def measure(said: Scores, truth: Spans, threshold: float = THRESHOLD) -> Measure:
    """How good scores are on all replies.

    Args:
        said: Of a scorer that says something of steps.
        truth: The same steps with the truth about them.
        threshold: Below which a step is called wrong.
    """
    everything = np.ones(len(truth.ends), np.bool_), np.ones(len(truth.right), np.bool_)
    return _measured(said, truth, threshold, *everything)


def by_skill(said: Scores, truth: Spans, threshold: float = THRESHOLD) -> dict[str, Measure]:
    """The same by class of skill, ``seeing`` and ``thinking``, and by skill.

    Steps are counted by their own skill. A reply with an error is counted where the first one's
    skill is, and a reply without everywhere.
    """
    first = first_errors(truth.offsets, truth.ok.astype(np.float32))
    skill = np.full(len(first), -1, np.int64)
    skill[first >= 0] = truth.skill[(truth.offsets[:-1] + first)[first >= 0]]
    there = [code for code in range(len(SKILLS)) if np.any(truth.skill == code)]
    groups = {"seeing": _SEES, "thinking": ~_SEES}
    groups |= {SKILLS[code]: np.arange(len(SKILLS)) == code for code in there}
    return {
        name: _measured(said, truth, threshold, own[truth.skill], (skill < 0) | own[skill])
        for name, own in groups.items()
    }


def by_level(
    prompts: Sequence[Prompt], said: Scores, truth: Spans, threshold: float = THRESHOLD
) -> dict[str, Measure]:
    """The same by level and format, such as ``grid_navigation/rung2 image``."""
    named = [f"{setting_of(prompt.address)} {prompt.format.name}" for prompt in prompts]
    return by_name(named, said, truth, threshold)


def by_name(
    names: Sequence[str], said: Scores, truth: Spans, threshold: float = THRESHOLD
) -> dict[str, Measure]:
    """The same by a name that each reply has, such as whose it is, in the order of the names."""
    found = {}
    for name in dict.fromkeys(names):
        replies = np.array([each == name for each in names])
        found[name] = _measured(said, truth, threshold, replies[said.owner], replies)
    return found


def _measured(
    said: Scores,
    truth: Spans,
    threshold: float,
    steps: NDArray[np.bool_],
    replies: NDArray[np.bool_],
) -> Measure:
    steps = steps & truth.judged
    score, ok = said.score[steps], truth.ok[steps]
    named = first_errors(said.offsets, said.score, threshold)
    first = first_errors(truth.offsets, truth.ok.astype(np.float32))
    return Measure(
        int(replies.sum()),
        len(ok),
        float((~ok).mean()) if len(ok) else math.nan,
        auc(score, ok),
        average_precision(-score, ~ok),
        ece(score, ok),
        *first_error_f1(named[replies], first[replies]),
    )
