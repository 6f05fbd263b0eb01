"""The answer whose replies have the highest sum of scores."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from avrgym.search.voting import Answers, Floats, Picks, votes


@dataclass(frozen=True, slots=True)
class WeightedVote:
    """Every readable answer has its reply's score for a vote (Li et al. 2023; Wu et al. 2024).

    Attributes:
        kind: Names this kind.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["weighted_vote"] = "weighted_vote"

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Of each problem the best reply with the answer of the highest sum; see :func:`votes`."""
        return votes(answers, values)
