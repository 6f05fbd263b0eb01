"""A strategy as a policy: it asks another one several times, and answers once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np

from avrgym.core.arguments import named
from avrgym.core.pictures import Picture
from avrgym.core.verdicts import answers
from avrgym.evaluate.results import Completion as Said
from avrgym.evaluate.run import Ask
from avrgym.models.completion import Completion, Finish
from avrgym.prm.scorer import Scorer
from avrgym.prm.scorers import weights
from avrgym.prompts.prompt import Prompt
from avrgym.search.aggregation import AGGREGATIONS, aggregate
from avrgym.search.distinct import distinct
from avrgym.search.grow import Beginning, Growth, Spent, grow
from avrgym.search.majority import Majority
from avrgym.search.rerank import Ranking, flops
from avrgym.search.voting import Floats
from avrgym.search.weighted_vote import WeightedVote


class Step(Protocol):
    """A model that is asked for one step more, see :func:`avrgym.models.stepping.steps`."""

    def __call__(
        self,
        prompts: Sequence[Prompt],
        begun: Sequence[Beginning],
        /,
        picture: Picture,
        *,
        room: int,
        batch: int,
        seed: int,
        temperature: float,
        top_p: float,
    ) -> list[Completion]:
        """The step alone behind each beginning."""


@dataclass(slots=True)
class Ranked:
    """A strategy that draws whole replies and chooses.

    Attributes:
        ranking: Which one is chosen.
        draw: The model.
        scorer: Of their steps; None where the strategy goes by none.
        aggregation: How scores of steps become one.
        weights: Of the model; None where nobody knows.
        spent: What it took so far.
        problems: How many prompts were answered.
    """

    ranking: Ranking
    draw: Ask
    scorer: Scorer | None = None
    aggregation: str = "last"
    weights: int | None = None
    spent: Spent = field(default_factory=Spent)
    problems: int = 0

    def __post_init__(self) -> None:
        named("aggregation", self.aggregation, AGGREGATIONS)

    def __call__(
        self,
        prompts: Sequence[Prompt],
        /,
        picture: Picture,
        *,
        decoding: Any,
        draw: int,
        **how: Any,
    ) -> list[Said]:
        """One completion to each prompt: the one that was chosen."""
        n = self.ranking.n
        drawn = [
            self.draw(prompts, picture, decoding="sampled", draw=draw * n + at, **how)
            for at in range(n)
        ]
        said = [[each[at] for each in drawn] for at in range(len(prompts))]
        flat = [each for mine in said for each in mine]
        asked = [prompt for prompt in prompts for _ in range(n)]
        self.problems += len(prompts)
        self.spent.calls += len(flat)
        self.spent.tokens += sum(each.tokens or 0 for each in flat)
        values = np.zeros(len(flat))
        if self.ranking.SCORED and self.scorer is not None:
            firsts, codes = distinct(
                (place // n, tuple(each.ids), each.reply, each.finish)
                for place, each in enumerate(flat)
            )
            read = [_scored(flat[place]) for place in firsts]
            scores = self.scorer.scores([asked[place] for place in firsts], read)
            found = aggregate(self.aggregation, scores.score.astype(float), scores.offsets)
            values = found[codes]
            self.spent.judged += sum(flat[place].tokens or 0 for place in firsts)
        return _picked(self.ranking, prompts, said, values)


@dataclass(slots=True)
class Grown:
    """A strategy that grows replies step by step and chooses among what has grown.

    Attributes:
        growth: How they grow.
        step: The model.
        scorer: Of steps; None where the strategy goes by none.
        choose: What chooses at the end; a vote weighted by the scores of last steps, or of
            majority where nobody scores, if not given.
        weights: Of the model; None where nobody knows.
        spent: What it took so far.
        problems: How many prompts were answered.
    """

    growth: Growth
    step: Step
    scorer: Scorer | None = None
    choose: Ranking | None = None
    weights: int | None = None
    spent: Spent = field(default_factory=Spent)
    problems: int = 0

    def __call__(
        self,
        prompts: Sequence[Prompt],
        /,
        picture: Picture,
        *,
        max_reply: int,
        batch: int,
        seed: int,
        draw: int,
        temperature: float,
        top_p: float,
        **_: Any,
    ) -> list[Said]:
        """One completion to each prompt: the one that was chosen."""

        def go_on(beginnings: Sequence[Beginning], /, *, depth: int) -> list[Completion]:
            return self.step(
                [prompts[each.problem] for each in beginnings],
                beginnings,
                picture,
                room=max_reply,
                batch=batch,
                seed=_seed(seed, draw, depth, prompts),
                temperature=temperature,
                top_p=top_p,
            )

        def rate(beginnings: Sequence[Beginning], /) -> Floats:
            assert self.scorer is not None
            scores = self.scorer.scores(
                [prompts[each.problem] for each in beginnings],
                [Completion(each.reply, each.ids, counted=each.counted) for each in beginnings],
            )
            # What says nothing that could be scored is as good as what was said before it.
            last = aggregate("last", scores.score.astype(float), scores.offsets)
            before = np.array([each.score for each in beginnings])
            return np.where(np.diff(scores.offsets) > 0, last, before)

        grown = grow(self.growth, len(prompts), go_on, rate)
        self.problems += len(prompts)
        for name in ("tokens", "calls", "judged"):
            setattr(self.spent, name, getattr(self.spent, name) + getattr(grown.spent, name))
        said = [
            [
                Completion(each.reply, each.ids, each.finish, None, each.counted, each.logprob)
                for each in mine
            ]
            for mine in grown.leaves
        ]
        values = np.array([each.score for mine in grown.leaves for each in mine])
        choose = self.choose or (WeightedVote() if self.growth.SCORED else Majority())
        return _picked(choose, prompts, said, values)


def _scored(said: Said) -> Completion:
    """What anyone said, as scorers take it."""
    finish: Finish = "length" if said.finish == "length" else "stop"
    return Completion(said.reply, tuple(said.ids), finish)


def _picked(
    ranking: Ranking,
    prompts: Sequence[Prompt],
    said: Sequence[Sequence[Said]],
    values: Floats,
) -> list[Said]:
    asked = [prompt.address for prompt, mine in zip(prompts, said, strict=True) for _ in mine]
    shape = len(prompts), -1
    keys = answers(asked, [each.reply for mine in said for each in mine]).reshape(shape)
    picks = ranking.pick(keys, np.asarray(values).reshape(shape))
    return [mine[at] for mine, at in zip(said, picks, strict=True)]


def _seed(seed: int, draw: int, depth: int, prompts: Sequence[Prompt]) -> int:
    said = repr((seed, draw, depth, list(prompts))).encode()
    return int.from_bytes(blake2b(said, digest_size=7).digest(), "big")


def told(searching: Ranked | Grown, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a search took, for a prompt in the mean; plain values.

    Args:
        searching: The search.
        before: What this said of an earlier part of the same evaluation; empty where there is none.

    Returns:
        Of both parts ``problems``, ``tokens``, ``calls``, ``judged`` and ``flops``, see
        :class:`avrgym.search.rerank.Point`; where those are not known, ``flops`` is ``unknown``.
        Nothing where nothing was searched.
    """
    earlier = before.get("problems", 0)
    if not (problems := earlier + searching.problems):
        return {}
    found: dict[str, Any] = {"problems": problems}
    for name in ("tokens", "calls", "judged"):
        whole = earlier * before.get(name, 0.0) + getattr(searching.spent, name)
        found[name] = whole / problems
    judge = 0 if searching.scorer is None else weights(searching.scorer)
    operations = flops(found["tokens"], searching.weights, found["judged"], judge)
    return found | {"flops": "unknown" if operations != operations else operations}
