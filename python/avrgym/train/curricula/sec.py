"""A bandit whose arms are levels and whose reward is what there is to learn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part, softmax


@dataclass(frozen=True, slots=True)
class Sec:
    """A bandit over levels (SEC, arXiv 2505.14970), drawn by Boltzmann's weights of their values.

    After a drawing a level's value Q becomes alpha r + (1 - alpha) Q, where r is the mean
    |advantage| of its groups, here that of right replies, 2 √(p (1 - p)): of a shaped reward it
    would be noise where all fail.

    Attributes:
        kind: Names this kind in a run's file.
        step: Alpha, above 0 up to 1: how much a drawing counts against those before it; the
            authors' .5.
        temperature: Tau, above 0, in units of Q, which is 0 to 1: the lower, the more go to the
            best level; the authors' runs have .2, .4 and 1 by task.
        even: Share of prompts, 0 to 1, dealt evenly to all levels.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["sec"] = "sec"
    step: float = 0.5
    temperature: float = 0.4
    even: float = 0.0

    def __post_init__(self) -> None:
        above("step", self.step)
        part("step", self.step)
        above("temperature", self.temperature)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Valued":
        """The rule for some levels."""
        return Valued(self, levels)


class Valued:
    """The bandit's values."""

    def __init__(self, spec: Sec, levels: Sequence[str]) -> None:
        """Begins with none preferred."""
        self._spec, self._levels = spec, list(levels)
        self._values = np.zeros(len(levels))

    def shares(self, time: float) -> Floats:
        """By Boltzmann."""
        return mixed(softmax(self._values, self._spec.temperature), self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Moves the values of levels that were drawn."""
        for arm in sorted({each.arm for each in fared}):
            reward = float(np.mean([each.signal for each in fared if each.arm == arm]))
            self._values[arm] += self._spec.step * (reward - self._values[arm])

    def rests(self, time: float) -> Rest | None:
        """Never: it has no place to rest."""
        return None

    def state(self) -> dict[str, Any]:
        """The values."""
        return {"values": self._values.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with them."""
        self._values = np.array(state["values"], np.float64)

    def metrics(self) -> dict[str, float]:
        """The values by level, 0 to 1."""
        return {
            f"value/{level}": value
            for level, value in zip(self._levels, self._values.tolist(), strict=True)
        }
