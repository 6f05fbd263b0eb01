"""The answer whose replies have the highest sum of scores."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from avrgym.core.arguments import whole
from avrgym.search.voting import Answers, Floats, Picks, votes


@dataclass(frozen=True, slots=True)
class WeightedVote:
    """Every readable answer has its reply's score for a vote (Li et al. 2023; Wu et al. 2024).

    Attributes:
        kind: Names this kind.
        n: Replies that are drawn to each prompt, 1 to 4,096; stored ones are as many as there are.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["weighted_vote"] = "weighted_vote"
    n: int = 16

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Of each problem the best reply with the answer of the highest sum; see :func:`votes`."""
        return votes(answers, values)
