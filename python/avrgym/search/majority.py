"""The answer that most replies give."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from avrgym.core.arguments import whole
from avrgym.search.voting import Answers, Floats, Picks, votes


@dataclass(frozen=True, slots=True)
class Majority:
    """Self-consistency (Wang et al. 2023): a vote for every readable answer, ties to the first.

    Attributes:
        kind: Names this kind.
        n: Replies that are drawn to each prompt, 1 to 4,096; stored ones are as many as there are.
    """

    SCORED: ClassVar[bool] = False

    kind: Literal["majority"] = "majority"
    n: int = 16

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Of each problem the first reply with the answer of most; see :func:`votes`."""
        return votes(answers, (answers != 0).astype(float))
