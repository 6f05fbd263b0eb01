"""The answer that most replies give."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from avrgym.search.voting import Answers, Floats, Picks, votes


@dataclass(frozen=True, slots=True)
class Majority:
    """Self-consistency (Wang et al. 2023): a vote for every readable answer, ties to the first.

    Attributes:
        kind: Names this kind.
    """

    SCORED: ClassVar[bool] = False

    kind: Literal["majority"] = "majority"

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Of each problem the first reply with the answer of most; see :func:`votes`."""
        return votes(answers, (answers != 0).astype(float))
