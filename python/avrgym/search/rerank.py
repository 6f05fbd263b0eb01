"""Choices among stored replies: what each strategy gets right with fewer or more of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Estimate, share
from avrgym.search.candidates import FAULTS, Candidates
from avrgym.search.voting import Answers, Floats, Picks


class Ranking(Protocol):
    """A strategy that chooses among whole replies: a frozen dataclass that begins with ``kind``."""

    SCORED: ClassVar[bool]

    @property
    def kind(self) -> str: ...  # noqa: D102  its name

    @property
    def n(self) -> int: ...  # noqa: D102  replies that are drawn to each prompt

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Which reply to each problem is taken, int64 (p,), of answers and scores (p, n)."""


@dataclass(frozen=True, slots=True)
class Point:
    """How a strategy does with so many replies.

    Attributes:
        strategy: By kind.
        scorer: Who scored, by name; empty where nobody does.
        aggregation: How scores of steps became one.
        n: Replies to each problem.
        accuracy: Share of problems whose choice is right.
        tokens: Drawn for a problem, mean.
        calls: Times that the model was asked for a problem: once for each reply, or each step.
        judged: Tokens of replies that the scorer read for a problem, mean; equal ones once.
        seconds: That drawing took for a problem, mean; NaN where that is not known.
        value: What the scorer gave to what was chosen, mean; NaN where nobody scores. Where it
            rises while accuracy falls, the scorer is being fooled.
        seeing: Share of choices whose first wrong step is one of seeing.
        thinking: The same of thinking.
        flops: Operations for a problem, mean, of the model and of who scores: two for each weight
            and token (Kaplan et al. 2020). NaN where the size of either is not known, or rows do
            not say how many tokens they have. Prompts are not counted: they are read once for all
            replies, and rows do not say how long they are.
    """

    strategy: str
    scorer: str
    aggregation: str
    n: int
    accuracy: Estimate
    tokens: float
    calls: float
    judged: float
    seconds: float
    value: float
    seeing: float
    thinking: float
    flops: float


def picked(ranking: Ranking, candidates: Candidates, values: Floats, n: int) -> NDArray[np.int64]:
    """Which draws are taken where there are ``n`` to choose from.

    Draws are cut into as many runs of ``n`` as there are, without overlap: one choice each, so
    that few replies are not measured by the luck of the first.

    Args:
        ranking: The strategy.
        candidates: Of p problems.
        values: A score of each reply, float (p, draws).
        n: From 1 to ``candidates.draws``.

    Returns:
        int64 (p, runs), places among the draws.
    """
    runs = candidates.draws // n
    parts = [slice(run * n, (run + 1) * n) for run in range(runs)]
    return np.stack(
        [ranking.pick(candidates.answers[:, part], values[:, part]) + part.start for part in parts],
        1,
    )


def point(
    ranking: Ranking,
    candidates: Candidates,
    values: Floats,
    n: int,
    *,
    scorer: str = "",
    aggregation: str = "",
    policy: int | None = None,
    judge: int | None = 0,
) -> Point:
    """How a strategy does with ``n`` replies; see :func:`picked`.

    ``policy`` and ``judge`` are the weights of the model that replied and of who scores.
    """
    taken = picked(ranking, candidates, values, n)
    right = np.take_along_axis(candidates.correct, taken, 1)
    problems = np.repeat(_problems(candidates), taken.shape[1])
    used = n * taken.shape[1]
    tokens = float(candidates.tokens[:, :used].sum() / taken.size)
    new = candidates.before[:, :used] < np.arange(used) // n * n  # not said yet in its run
    judged = float(candidates.tokens[:, :used][new].sum() / taken.size) if ranking.SCORED else 0.0
    chosen = np.take_along_axis(values, taken, 1)
    faults = np.take_along_axis(candidates.faults, taken, 1)
    took = [row.get("seconds") for draws in candidates.rows for row in draws[:used]]
    known = [each for each in took if each is not None]
    seeing, thinking = (float((faults == FAULTS.index(name)).mean()) for name in FAULTS[1:])
    return Point(
        ranking.kind,
        scorer if ranking.SCORED else "",
        aggregation if ranking.SCORED else "",
        n,
        share(right.ravel(), problems),
        tokens,
        float(n),
        judged,
        sum(known) / taken.size if len(known) == len(took) else float("nan"),
        float(chosen.mean()) if ranking.SCORED else float("nan"),
        seeing,
        thinking,
        flops(tokens, policy, judged, judge if ranking.SCORED else 0),
    )


def flops(tokens: float, policy: int | None, judged: float, judge: int | None) -> float:
    """Operations of drawing and scoring, see :class:`Point`.

    Args:
        tokens: That were drawn; 0 where nobody knows.
        policy: Weights of the model that drew them; None where nobody knows.
        judged: Tokens that were scored.
        judge: Weights of who scored, likewise.

    Returns:
        Their number; NaN where something is not known.
    """
    if not tokens or policy is None or judge is None:
        return float("nan")
    return 2.0 * (tokens * policy + judged * judge)


def parts(points: Sequence[Point]) -> Point | None:
    """Where score and truth part: with how many replies a strategy is right most often.

    Args:
        points: Of one strategy with one scorer, by rising n.

    Returns:
        The point of the highest accuracy, where with more replies the scorer gives more to what is
        chosen and accuracy is below its interval there; None where that is nowhere.
    """
    top = max(points, key=lambda each: each.accuracy.value)
    last = points[-1]
    fooled = last.accuracy.value < top.accuracy.low and last.value > top.value
    return top if last.n > top.n and fooled else None


def ceiling(candidates: Candidates, n: int) -> Estimate:
    """The share of problems with a right reply among ``n``: what no choice can exceed."""
    runs = candidates.draws // n
    right = candidates.correct[:, : runs * n].reshape(len(candidates), runs, n).any(2)
    return share(right.ravel(), np.repeat(_problems(candidates), runs))


def sizes(draws: int) -> Iterator[int]:
    """How many replies to try: 1, 2, 4, … and all of them."""
    yield from sorted({*(2**power for power in range(draws.bit_length())), draws})


def best(ranking: Ranking, candidates: Candidates, values: Mapping[str, Floats], n: int) -> str:
    """The aggregation with which a strategy gets most right with ``n`` replies; ties to the first.

    Args:
        ranking: The strategy.
        candidates: Of split ``val``, so that nothing is chosen on what is measured.
        values: Scores of each reply by aggregation, float (p, draws) each.
        n: Replies.
    """
    rates = {
        name: float(
            np.take_along_axis(candidates.correct, picked(ranking, candidates, each, n), 1).mean()
        )
        for name, each in values.items()
    }
    return max(rates, key=lambda name: rates[name])


def _problems(candidates: Candidates) -> NDArray[np.int64]:
    """A code of each problem's address: of one in two formats the same."""
    codes: dict[str, int] = {}
    return np.array(
        [codes.setdefault(prompt.address, len(codes)) for prompt in candidates.prompts], np.int64
    )
