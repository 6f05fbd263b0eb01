"""The reply that scores highest."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.search.voting import Answers, Floats, Picks


@dataclass(frozen=True, slots=True)
class BestOfN:
    """The highest score wins, ties go to the first (Cobbe et al. 2021).

    Attributes:
        kind: Names this kind.
        n: Replies that are drawn to each prompt, 1 to 4,096; stored ones are as many as there are.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["best_of_n"] = "best_of_n"
    n: int = 16

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)

    def pick(self, answers: Answers, values: Floats) -> Picks:
        """Of each problem the reply of the highest score among those with a readable answer."""
        return np.asarray(np.where(answers != 0, values, -np.inf).argmax(1), np.int64)
