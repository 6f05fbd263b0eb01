"""Levels by the learner's own failures, measured first and then gone through from easy to hard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym._core import TaskError
from avrgym.core.arguments import number
from avrgym.train.curricula.climb import Fared, Floats, Rest, mixed, part


@dataclass(frozen=True, slots=True)
class Easy2Hard:
    """Easy to hard by the learner's own failure rate, as in SARI (arXiv 2504.15900).

    At first all levels are drawn alike and failures are counted: the replies of each group are the
    repeated attempts, and those of the model as the stage finds it, so that they cost no more than
    what is learned from. Then that order is fixed, and one level follows the other, each for an
    equal part of what is left of the budget. Levels that failed equally often stay in the order
    given.

    Attributes:
        kind: Names this kind in a run's file.
        measured: Share of the budget, above 0 up to .5, in which failures are counted.
        even: Share of prompts, 0 to 1, dealt evenly to all levels behind that; without one the
            first levels are forgotten.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["easy2hard"] = "easy2hard"
    measured: float = 0.1
    even: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < number("measured", self.measured) <= 0.5:
            raise TaskError(f"measured is {self.measured}; give a share above 0 and up to .5")
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Ordered":
        """The rule for some levels."""
        return Ordered(self, levels)


class Ordered:
    """What was counted, and the order that follows from it."""

    def __init__(self, spec: Easy2Hard, levels: Sequence[str]) -> None:
        """Begins to count."""
        self._spec, self._levels = spec, list(levels)
        self._right = [0] * len(levels)
        self._total = [0] * len(levels)
        self._order: list[int] = []  # places of levels, the easiest first, once it is known
        self._since = 0.0  # when it was

    def shares(self, time: float) -> Floats:
        """All alike while failures are counted, then the level whose turn it is."""
        n = len(self._levels)
        if not self._order:
            return np.full(n, 1 / n)
        gone = (time - self._since) / (1 - self._since) if self._since < 1 else 1.0
        shares = np.zeros(n)
        shares[self._order[min(int(max(gone, 0.0) * n), n - 1)]] = 1.0
        return mixed(shares, self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Counts, until it is time to say the order."""
        if self._order:
            return
        for each in fared:
            self._right[each.arm] += each.right
            self._total[each.arm] += each.total
        if time >= self._spec.measured:
            self._order = sorted(range(len(self._levels)), key=lambda arm: self._failure(arm))
            self._since = time

    def rests(self, time: float) -> Rest | None:
        """Never: it goes on by time."""
        return None

    def state(self) -> dict[str, Any]:
        """The counts and the order."""
        counts = {"right": self._right, "total": self._total}
        return {**counts, "order": self._order, "since": self._since}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with them."""
        self._right, self._total = list(state["right"]), list(state["total"])
        self._order, self._since = list(state["order"]), state["since"]

    def metrics(self) -> dict[str, float]:
        """By level the share of wrong replies, 0 to 1, as it was measured."""
        return {
            f"failure/{level}": self._failure(arm)
            for arm, level in enumerate(self._levels)
            if self._total[arm]
        }

    def _failure(self, arm: int) -> float:
        """Of replies to a level; 1 where there were none."""
        return 1 - self._right[arm] / max(self._total[arm], 1)
