"""Where a judge's score and what is right part, as a policy learns from the judge.

Over-optimisation (Gao et al. 2023, arXiv 2210.10760): what is learned from goes on rising while
what it stands for falls. Here both are known of the same replies, those drawn in training.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from avrgym.analyses.interval import Estimate, share

#: What a log has of replies that a judge scored: its mean score, and the shares of them whose first
#: wrong step is one of seeing and of thinking. The last two are not in logs of older versions.
SCORE, SEES, THINKS = "judge/score", "first_error/seeing", "first_error/thinking"
#: Into which a stage is cut, or as many as its log has lines.
SPANS = 10


@dataclass(frozen=True, slots=True)
class Span:
    """Some steps of a stage, one after the other.

    Attributes:
        first: The first of them, from 1.
        last: The last one.
        score: The judge's mean score, 0 to 1.
        right: Share of replies that the verifier takes for right; steps are what its interval
            counts, since replies to one prompt are not independent.
        seeing: Share of replies whose first wrong step is one of seeing; NaN where nobody says.
        thinking: Likewise of thinking.
    """

    first: int
    last: int
    score: float
    right: Estimate
    seeing: float
    thinking: float


def spans(events: Iterable[Mapping[str, Any]], count: int = SPANS) -> list[Span]:
    """A stage in at most so many spans of as many lines of its log each, the last of what is left.

    Args:
        events: Of one stage, in their order: those called ``log``, each of which has means of the
            steps since the one before, and those called ``sampled``, which count replies.
        count: 1 or more.

    Returns:
        In order; none where no judge scored.
    """
    held = list(events)
    logs = [event for event in held if event["event"] == "log"]
    befores = [0, *(event["step"] for event in logs)]
    lines = [
        (before, event)
        for before, event in zip(befores, logs, strict=False)
        if math.isfinite(event.get(SCORE, math.nan))
    ]
    drawn = [event for event in held if event["event"] == "sampled" and event["total"]]
    size = max(1, -(-len(lines) // count))
    found = []
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        first, last = part[0][0] + 1, part[-1][1]["step"]
        mine = [event for event in drawn if first <= event["step"] <= last]
        if mine:
            numbers = (_mean(part, name) for name in (SEES, THINKS))
            found.append(Span(first, last, _mean(part, SCORE), _right(mine), *numbers))
    return found


def parted(of: Sequence[Span]) -> tuple[Span, Span] | None:
    """Where score and truth part for good.

    Args:
        of: Spans in order.

    Returns:
        The span at which most was right (the first of several), and the first one behind it from
        which on to the end less is right, beyond both intervals, while the judge's score is higher
        than it was then; None where there is no such span.
    """
    if not of:
        return None
    best = max(range(len(of)), key=lambda at: of[at].right.value)
    since = None
    for span in reversed(of[best + 1 :]):
        if not (span.right.high < of[best].right.low and span.score > of[best].score):
            break
        since = span
    return None if since is None else (of[best], since)


def _mean(lines: Sequence[tuple[int, Mapping[str, Any]]], name: str) -> float:
    """The mean of a number over the steps that lines are of; NaN where no line has it."""
    told = [(event["step"] - before, event[name]) for before, event in lines if name in event]
    steps = sum(count for count, _ in told)
    return sum(count * value for count, value in told) / steps if steps else math.nan


def _right(drawn: Sequence[Mapping[str, Any]]) -> Estimate:
    flags = [np.arange(event["total"]) < event["right"] for event in drawn]
    steps = [np.full(event["total"], event["step"]) for event in drawn]
    return share(np.concatenate(flags), np.concatenate(steps))
