"""Every level as often as any other, or by the weights that levels were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.train.curricula.climb import Scheduled


@dataclass(frozen=True, slots=True)
class Uniform:
    """No climb: what others have to beat, and nothing has beaten yet.

    Attributes:
        kind: Names this kind in a run's file.
    """

    ADAPTS: ClassVar[bool] = False

    kind: Literal["uniform"] = "uniform"

    def made(self, levels: Sequence[str]) -> Scheduled:
        """The rule for some levels."""
        return Scheduled(lambda time: np.full(len(levels), 1 / len(levels)))
