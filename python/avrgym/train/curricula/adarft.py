"""A target difficulty that success pushes up and failure pulls down."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym._core import TaskError
from avrgym.core.arguments import number
from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part

HARDEST = 100.0  # the difficulty of the last level, as the first one's is 0


@dataclass(frozen=True, slots=True)
class AdaRft:
    """A target difficulty that moves with success (AdaRFT, arXiv 2504.05520, algorithm 1).

    Levels lie at even distances on a scale from 0 to 100. After each drawing the target T becomes
    T + eta tanh(alpha (R - beta)), from 0 to 100, where R is the share of right replies. The two
    levels about T are drawn, the nearer one more often. The paper's settings are those given here;
    a drawing of few prompts may want a smaller step.

    Attributes:
        kind: Names this kind in a run's file.
        start: T at first, on the scale, 0 to 100.
        step: Eta, on the scale, above 0: how far a drawing may move the target.
        slope: Alpha, above 0: how soon success and failure count in full.
        aim: Beta, above 0 and below 1: the share of right replies that is sought.
        patience: Share of the budget, 0 to 1, that the target may stay about one level before
            that is told.
        even: Share of prompts, 0 to 1, dealt evenly to all levels wherever the target is.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["adarft"] = "adarft"
    start: float = 0.0
    step: float = 50.0
    slope: float = 2.0
    aim: float = 0.5
    patience: float = 0.25
    even: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= number("start", self.start) <= HARDEST:
            raise TaskError(f"start is {self.start}; give a difficulty from 0 to 100")
        above("step", self.step)
        above("slope", self.slope)
        if not 0 < number("aim", self.aim) < 1:
            raise TaskError(f"aim is {self.aim}; give a share above 0 and below 1")
        part("patience", self.patience)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Aimed":
        """The rule for some levels."""
        return Aimed(self, levels)


class Aimed:
    """The target as it moves."""

    def __init__(self, spec: AdaRft, levels: Sequence[str]) -> None:
        """Begins where the settings say."""
        self._spec, self._levels = spec, list(levels)
        self._target, self._since = spec.start, 0.0

    @property
    def _place(self) -> float:
        """The target among the levels, 0 to n - 1."""
        return self._target / HARDEST * (len(self._levels) - 1)

    def shares(self, time: float) -> Floats:
        """The two levels about the target."""
        off = np.abs(np.arange(len(self._levels)) - self._place)
        return mixed(np.maximum(0.0, 1 - off), self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Moves the target once."""
        total = sum(each.total for each in fared)
        if not total:
            return
        off = sum(each.right for each in fared) / total - self._spec.aim
        before = round(self._place)
        moved = self._target + self._spec.step * math.tanh(self._spec.slope * off)
        self._target = min(HARDEST, max(0.0, moved))
        if round(self._place) != before:
            self._since = time

    def rests(self, time: float) -> Rest | None:
        """Where the target has been about one level, not the last one, for too long."""
        near = round(self._place)
        if near + 1 == len(self._levels) or time - self._since < self._spec.patience:
            return None
        level = self._levels[near]
        return Rest(
            level,
            f"adarft: the target has been about {level} for "
            f"{self._spec.patience:.0%} of the budget; give a lower aim than {self._spec.aim:g}, "
            "or levels that lie closer together",
        )

    def state(self) -> dict[str, Any]:
        """Where the target is."""
        return {"target": self._target, "since": self._since}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on there."""
        self._target, self._since = state["target"], state["since"]

    def metrics(self) -> dict[str, float]:
        """The target, 0 to 100."""
        return {"target": self._target}
