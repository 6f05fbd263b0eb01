"""Accuracy against what it took: every strategy with every scorer, at every number of replies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate
from avrgym.evaluate.results import said
from avrgym.models.completion import Completion
from avrgym.prm.scorer import Scorer
from avrgym.prm.scorers import weights
from avrgym.search.aggregation import AGGREGATIONS, NOTHING, aggregate
from avrgym.search.candidates import Candidates, spoken
from avrgym.search.distinct import distinct
from avrgym.search.rerank import Point, Ranking, best, ceiling, point, sizes
from avrgym.search.voting import Floats, Ints

#: A scorer that has one score for a whole reply has nothing to aggregate.
WHOLE = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What a scorer says of all replies of some candidates.

    Attributes:
        name: Of the scorer.
        values: float (p, n) by aggregation; by ``WHOLE`` alone where it scores replies.
        weights: Of the scorer's model; 0 where it has none, None where that is not known.
    """

    name: str
    values: Mapping[str, Floats]
    weights: int | None = 0

    @classmethod
    def of_steps(
        cls, name: str, scores: Floats, offsets: Ints, like: Candidates, weights: int | None = 0
    ) -> "Scored":
        """By every aggregation.

        Args:
            name: Of the scorer.
            scores: Of all steps of all replies, float (s,), 0 to 1.
            offsets: int64 (p · n + 1,), see :func:`avrgym.search.aggregation.aggregate`.
            like: Whose replies they are.
            weights: Of its model.
        """
        shape = like.answers.shape
        values = {each: aggregate(each, scores, offsets).reshape(shape) for each in AGGREGATIONS}
        return cls(name, values, weights)

    @classmethod
    def of_replies(
        cls, name: str, values: Floats, like: Candidates, weights: int | None = 0
    ) -> "Scored":
        """By one score a reply, float (p · n,)."""
        return cls(name, {WHOLE: np.asarray(values).reshape(like.answers.shape)}, weights)

    def only(self, places: Sequence[int]) -> "Scored":
        """Of some problems."""
        held = {name: each[np.asarray(places, np.int64)] for name, each in self.values.items()}
        return Scored(self.name, held, self.weights)

    def by(self, name: str) -> str:
        """The aggregation that a name asks for, as far as there is one to choose.

        Raises:
            TaskError: There is no such aggregation.
        """
        if WHOLE in self.values:
            return WHOLE
        if name not in self.values:
            raise TaskError(f'unknown aggregation "{name}"; known: {", ".join(AGGREGATIONS)}')
        return name


def judged(name: str, scorer: Scorer, candidates: Candidates) -> Scored:
    """What a scorer says of all replies: of their steps, or where it has a head for them, of them.

    The tokens that rows hold are what is scored, once where a problem got the same several times.

    Args:
        name: Of the scorer.
        scorer: Asked once, of all different replies.
        candidates: Whose replies they are.
    """
    prompts = [prompt for prompt in candidates.prompts for _ in range(candidates.draws)]
    rows = [row for draws in candidates.rows for row in draws]
    firsts, codes = distinct(
        (place // candidates.draws, spoken(row)) for place, row in enumerate(rows)
    )
    replies = [
        Completion(said(row), tuple(row.get("ids") or ()), row["finish"])
        for row in (rows[place] for place in firsts)
    ]
    found = scorer.scores([prompts[place] for place in firsts], replies)
    if np.isnan(found.score).all():  # a judge of outcomes
        whole = np.where(np.isnan(found.outcome), NOTHING, found.outcome).astype(np.float64)
        return Scored.of_replies(name, whole[codes], candidates, weights(scorer))
    scores = found.score.astype(np.float64)
    values = {
        each: aggregate(each, scores, found.offsets)[codes].reshape(candidates.answers.shape)
        for each in AGGREGATIONS
    }
    return Scored(name, values, weights(scorer))


def exact(candidates: Candidates) -> Scored:
    """The verifier for a scorer: 0 for a step that is wrong, 1 for any other; rows know it.

    What stands in thoughts is left out, and what cannot be judged behind an error is no error of
    its own, as everywhere. With the right answer for its last step it finds every
    right reply that is there; what it says of earlier steps is what a judge of steps could say.
    """
    rows = [row for draws in candidates.rows for row in draws]
    steps = [[step for step in row["steps"] if not (len(step) > 5 and step[5])] for row in rows]
    scores = np.array([float(step[3] != "wrong") for each in steps for step in each])
    offsets = np.append(0, np.cumsum([len(each) for each in steps])).astype(np.int64)
    return Scored.of_steps("exact", scores, offsets, candidates)


def likelihood(candidates: Candidates) -> Scored:
    """The model's own confidence for a scorer: the geometric mean of its tokens' probabilities.

    Raises:
        TaskError: Rows do not say it.
    """
    rows = [row for draws in candidates.rows for row in draws]
    if any(row.get("logprob") is None or not row["tokens"] for row in rows):
        raise TaskError(
            "replies have no log-probabilities, which scorer likelihood goes by; leave it out, or "
            "evaluate again"
        )
    means = np.exp([row["logprob"] / row["tokens"] for row in rows])
    return Scored.of_replies("likelihood", means, candidates)


@dataclass(frozen=True, slots=True)
class Choice:
    """How scores of steps become one: as said, or as does best on other problems.

    Attributes:
        name: One of ``AGGREGATIONS``.
        on: Candidates of split ``val`` with what each scorer says of them, by its name; None where
            nothing is chosen.
    """

    name: str = "last"
    on: tuple[Candidates, Mapping[str, Scored]] | None = None

    def of(self, ranking: Ranking, scored: Scored, n: int) -> str:
        """The aggregation for a strategy with a scorer and ``n`` replies."""
        if self.on is None or WHOLE in scored.values:
            return scored.by(self.name)
        candidates, known = self.on
        return best(ranking, candidates, known[scored.name].values, min(n, candidates.draws))


def frontier(
    candidates: Candidates,
    rankings: Sequence[Ranking],
    scorers: Sequence[Scored],
    choice: Choice,
    policy: int | None = None,
) -> Iterator[Point]:
    """Every strategy with every scorer, from one reply to all of them.

    Args:
        candidates: Of p problems.
        rankings: Strategies; those that nobody scores for come once.
        scorers: Of the same candidates.
        choice: Of the aggregation.
        policy: Weights of the model that replied; None where that is not known.
    """
    nothing = np.zeros(candidates.answers.shape)
    for ranking in rankings:
        for scored in scorers if ranking.SCORED else [None]:
            for n in sizes(candidates.draws):
                if scored is None:
                    yield point(ranking, candidates, nothing, n, policy=policy)
                else:
                    name = choice.of(ranking, scored, n)
                    held = scored.values[name]
                    yield point(
                        ranking,
                        candidates,
                        held,
                        n,
                        scorer=scored.name,
                        aggregation=name,
                        policy=policy,
                        judge=scored.weights,
                    )


def ceilings(candidates: Candidates) -> dict[int, Estimate]:
    """By number of replies, how often there is a right one among them."""
    return {n: ceiling(candidates, n) for n in sizes(candidates.draws)}
