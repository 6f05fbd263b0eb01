"""Levels by how much there is to learn: neither all right nor all wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part


@dataclass(frozen=True, slots=True)
class Learnability:
    """Levels by 4 p (1 - p), p being the share of right replies (SFL, arXiv 2408.15099).

    Attributes:
        kind: Names this kind in a run's file.
        floor: The least weight of a level, above 0 up to 1, where that of a level of which half of
            the replies are right is 1.
        recent: Prompts of a level that its p goes by, 1 or more: the mean of all until then, each
            further one counting for so much less.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["learnability"] = "learnability"
    floor: float = 0.05
    recent: int = 32

    def __post_init__(self) -> None:
        above("floor", self.floor)
        part("floor", self.floor)
        whole("recent", self.recent, 1, 2**20)

    def made(self, levels: Sequence[str]) -> "Learnable":
        """The rule for some levels."""
        return Learnable(self, levels)


class Learnable:
    """How levels fare."""

    def __init__(self, spec: Learnability, levels: Sequence[str]) -> None:
        """Begins with weights of 1."""
        self._spec, self._levels = spec, list(levels)
        self._success, self._counts = np.full(len(levels), 0.5), np.zeros(len(levels), np.int64)

    def _weights(self) -> Floats:
        weights: Floats = np.maximum(4 * self._success * (1 - self._success), self._spec.floor)
        return weights

    def shares(self, time: float) -> Floats:
        """In proportion to the weights."""
        return mixed(self._weights(), 0.0)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Moves each level's success."""
        for each in fared:
            self._counts[each.arm] += 1
            off = each.success - self._success[each.arm]
            self._success[each.arm] += off / min(self._counts[each.arm], self._spec.recent)

    def rests(self, time: float) -> Rest | None:
        """Never: it has no place to rest."""
        return None

    def state(self) -> dict[str, Any]:
        """Success and counts."""
        return {"success": self._success.tolist(), "counts": self._counts.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with them."""
        self._success = np.array(state["success"], np.float64)
        self._counts = np.array(state["counts"], np.int64)

    def metrics(self) -> dict[str, float]:
        """The weights by level."""
        return {
            f"weight/{level}": weight
            for level, weight in zip(self._levels, self._weights().tolist(), strict=True)
        }
