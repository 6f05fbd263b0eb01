"""Easy levels fade out along a cosine while hard ones fade in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.train.curricula.climb import Floats, Scheduled, mixed


@dataclass(frozen=True, slots=True)
class Cosine:
    """Easy levels fade out while hard ones fade in: the cosine of E2H-Reasoner (arXiv 2506.06632).

    Level i of n, from 0, has the weight alpha (n - i) + (1 - alpha) (i + 1), where alpha is
    (1 + cos(pi t)) / 2 at time t, so that no share is ever below 2 / (n (n + 1)).

    Attributes:
        kind: Names this kind in a run's file.
    """

    ADAPTS: ClassVar[bool] = False

    kind: Literal["cosine"] = "cosine"

    def made(self, levels: Sequence[str]) -> Scheduled:
        """The rule for some levels."""
        place = np.arange(len(levels), dtype=np.float64)

        def at(time: float) -> Floats:
            alpha = (1 + math.cos(math.pi * time)) / 2
            return mixed(alpha * (len(place) - place) + (1 - alpha) * (place + 1), 0.0)

        return Scheduled(at)
