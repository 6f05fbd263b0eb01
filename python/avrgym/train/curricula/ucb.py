"""A bandit that also draws what it knows little of."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part, softmax


@dataclass(frozen=True, slots=True)
class Ucb:
    """A bandit with an upper confidence bound (DUMP, arXiv 2504.09710, algorithm 1).

    A level's score is the mean |advantage| of its last groups plus √(2 ln(N + 1) / (n + 1)), where
    n of all N prompts so far were its own; shares are the Boltzmann weights of scores. The
    advantage is that of right replies, 2 √(p (1 - p)).

    Attributes:
        kind: Names this kind in a run's file.
        recent: Prompts of a level over which the mean goes, 1 or more; the paper's 300.
        temperature: Above 0, in units of the score: the lower, the more go to the best level; the
            paper's .1.
        even: Share of prompts, 0 to 1, dealt evenly to all levels.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["ucb"] = "ucb"
    recent: int = 300
    temperature: float = 0.1
    even: float = 0.0

    def __post_init__(self) -> None:
        whole("recent", self.recent, 1, 2**20)
        above("temperature", self.temperature)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Bounded":
        """The rule for some levels."""
        return Bounded(self, levels)


class Bounded:
    """What was seen of each level."""

    def __init__(self, spec: Ucb, levels: Sequence[str]) -> None:
        """Begins with nothing."""
        self._spec, self._levels = spec, list(levels)
        self._recent = [deque[float](maxlen=spec.recent) for _ in levels]
        self._counts = np.zeros(len(levels), np.int64)

    def _scores(self) -> Floats:
        means = np.array([np.mean(each) if each else 0.0 for each in self._recent])
        unsure = np.sqrt(2 * np.log(self._counts.sum() + 1) / (self._counts + 1))
        scores: Floats = means + unsure
        return scores

    def shares(self, time: float) -> Floats:
        """By Boltzmann."""
        return mixed(softmax(self._scores(), self._spec.temperature), self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Keeps what each group had to teach."""
        for each in fared:
            self._recent[each.arm].append(each.signal)
            self._counts[each.arm] += 1

    def rests(self, time: float) -> Rest | None:
        """Never: what it leaves alone it comes back to."""
        return None

    def state(self) -> dict[str, Any]:
        """All that was seen."""
        return {
            "recent": [list(each) for each in self._recent],
            "counts": self._counts.tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with it."""
        self._recent = [deque(each, self._spec.recent) for each in state["recent"]]
        self._counts = np.array(state["counts"], np.int64)

    def metrics(self) -> dict[str, float]:
        """The scores by level."""
        return {
            f"score/{level}": score
            for level, score in zip(self._levels, self._scores().tolist(), strict=True)
        }
