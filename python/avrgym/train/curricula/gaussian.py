"""A bell that wanders from the easiest level to the hardest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.train.curricula.climb import Floats, Scheduled, above, mixed, part


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A bell over the levels that wanders up: the Gaussian of E2H-Reasoner (arXiv 2506.06632).

    Level i of n, from 0, has the weight exp(-(i - mu)² / 2 sigma²), mu = t^beta (n - 1) at time t.

    Attributes:
        kind: Names this kind in a run's file.
        beta: The exponent of time, above 0: below 1 it leaves the easy levels early.
        sigma: The bell's width, in levels, above 0.
        even: Share of prompts, 0 to 1, dealt evenly to all levels whatever the time.
    """

    ADAPTS: ClassVar[bool] = False

    kind: Literal["gaussian"] = "gaussian"
    beta: float = 0.5
    sigma: float = 0.5
    even: float = 0.0

    def __post_init__(self) -> None:
        above("beta", self.beta)
        above("sigma", self.sigma)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> Scheduled:
        """The rule for some levels."""
        place = np.arange(len(levels), dtype=np.float64)

        def at(time: float) -> Floats:
            off = (place - time**self.beta * (len(place) - 1)) ** 2
            # Less the least, so that a narrow bell between two levels has weights all the same.
            return mixed(np.exp(-(off - off.min()) / (2 * self.sigma**2)), self.even)

        return Scheduled(at)
