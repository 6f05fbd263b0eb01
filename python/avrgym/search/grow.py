"""Replies grown step by step, all problems together, and cut back by a scorer after each step."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from avrgym.models.completion import Completion, Finish
from avrgym.search.distinct import distinct

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was said so far.

    Attributes:
        problem: To which of the problems.
        ids: Its tokens.
        reply: Its bytes.
        score: Of its last step, 0 to 1; 0 where nobody scores.
        finish: ``stop`` where it ended itself, ``length`` where there is no room for more, and
            ``pause`` while it goes on.
        logprob: Sum of its tokens' log-probabilities; None where nobody knows.
    """

    problem: int
    ids: tuple[int, ...] = ()
    reply: bytes = b""
    score: float = 0.0
    finish: Finish = "pause"
    logprob: float | None = 0.0
    counted: int = 0

    @property
    def tokens(self) -> int:
        """How many tokens it has, by count where they are not known."""
        return len(self.ids) or self.counted

    @property
    def ended(self) -> bool:
        """Whether there is no more to come."""
        return self.finish != "pause"


class Continue(Protocol):
    """A model that says one step more."""

    def __call__(self, beginnings: Sequence[Beginning], /, *, depth: int) -> list[Completion]:
        """One step behind each beginning.

        Args:
            beginnings: n of them; equal ones are to be continued in different ways.
            depth: How many steps they have.

        Returns:
            n completions of the step alone, whose ``finish`` is ``pause`` where the reply goes on.
        """


class Rate(Protocol):
    """A scorer of the last step."""

    def __call__(self, beginnings: Sequence[Beginning], /) -> Floats:
        """A score of the last step of each, float64 (n,), 0 to 1."""


class Growth(Protocol):
    """A strategy that grows replies: a frozen dataclass that begins with ``kind``."""

    SCORED: ClassVar[bool]

    @property
    def kind(self) -> str: ...  # noqa: D102  its name

    @property
    def n(self) -> int: ...  # noqa: D102  replies to each problem in all

    @property
    def most(self) -> int: ...  # noqa: D102  steps of a reply

    def widths(self, scores: Floats, left: int) -> Ints:
        """In how many ways each beginning goes on, int64 (k,).

        Args:
            scores: Of the beginnings of one problem that go on, (k,), 1 or more.
            left: Replies that are still to be finished, 1 or more; the widths sum to it.
        """


@dataclass(slots=True)
class Spent:
    """What growing took.

    Attributes:
        tokens: That were drawn.
        calls: Steps that the model was asked for.
        judged: Tokens of what the scorer read: whole beginnings after each step, equal ones once.
    """

    tokens: int = 0
    calls: int = 0
    judged: int = 0


@dataclass(slots=True)
class Grown:
    """The replies of a growth.

    Attributes:
        leaves: Of each problem, up to ``n``, in the order in which they ended.
        spent: What it took, all problems together.
    """

    leaves: list[list[Beginning]]
    spent: Spent = field(default_factory=Spent)


def grow(growth: Growth, problems: int, go_on: Continue, rate: Rate) -> Grown:
    """Grows replies to all problems at once: one call of the model and of the scorer a depth.

    A reply that ends takes one off what is left for its problem. What has not ended after
    ``most`` steps is kept as it is, finished by ``length``.

    Args:
        growth: Says how often each beginning goes on.
        problems: How many there are.
        go_on: The model.
        rate: The scorer.
    """
    grown = Grown([[] for _ in range(problems)])
    left = [growth.n] * problems
    going = [Beginning(problem) for problem in range(problems) for _ in range(growth.n)]
    for depth in range(growth.most):
        if not going:
            break
        steps = go_on(going, depth=depth)
        grown.spent.calls += len(steps)
        grown.spent.tokens += sum(step.tokens or 0 for step in steps)
        longer = [_longer(old, step) for old, step in zip(going, steps, strict=True)]
        if growth.SCORED:
            longer = _rated(longer, rate, grown.spent)
        going = []
        for problem, mine in _by_problem(longer).items():
            ended = [each for each in mine if each.ended]
            grown.leaves[problem] += ended
            left[problem] -= len(ended)
            rest = [each for each in mine if not each.ended]
            if rest and left[problem] > 0:
                ways = growth.widths(np.array([each.score for each in rest]), left[problem])
                going += [
                    each for each, width in zip(rest, ways, strict=True) for _ in range(width)
                ]
    for each in going:
        grown.leaves[each.problem].append(replace(each, finish="length"))
    return grown


def _rated(beginnings: Sequence[Beginning], rate: Rate, spent: Spent) -> list[Beginning]:
    firsts, codes = distinct((each.problem, each.ids, each.reply) for each in beginnings)
    read = [beginnings[place] for place in firsts]
    spent.judged += sum(each.tokens for each in read)
    rates = rate(read)
    return [
        replace(each, score=float(rates[code]))
        for each, code in zip(beginnings, codes, strict=True)
    ]


def _longer(old: Beginning, step: Completion) -> Beginning:
    known = old.logprob is not None and step.logprob is not None
    return Beginning(
        old.problem,
        (*old.ids, *step.ids),
        old.reply + step.reply,
        old.score,
        step.finish,
        old.logprob + step.logprob if known else None,  # type: ignore[operator]
        old.counted + (step.tokens or 0),
    )


def _by_problem(beginnings: Sequence[Beginning]) -> dict[int, list[Beginning]]:
    held: dict[int, list[Beginning]] = {}
    for each in beginnings:
        held.setdefault(each.problem, []).append(each)
    return held
