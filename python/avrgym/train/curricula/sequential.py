"""One level after the other, each for an equal part of the budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.train.curricula.climb import Floats, Scheduled, mixed, part


@dataclass(frozen=True, slots=True)
class Sequential:
    """One level after the other: the classic schedule of E2H-Reasoner (arXiv 2506.06632).

    Attributes:
        kind: Names this kind in a run's file.
        even: Share of prompts, 0 to 1, dealt evenly to all levels whatever the time; without one
            the first levels are forgotten.
    """

    ADAPTS: ClassVar[bool] = False

    kind: Literal["sequential"] = "sequential"
    even: float = 0.0

    def __post_init__(self) -> None:
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> Scheduled:
        """The rule for some levels."""
        n = len(levels)

        def at(time: float) -> Floats:
            shares = np.zeros(n)
            shares[min(int(time * n), n - 1)] = 1.0
            return mixed(shares, self.even)

        return Scheduled(at)
