"""The learner plays levels, and meets those that it is a match for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym._core import TaskError
from avrgym.analyses.glicko import Ratings, expected, period
from avrgym.core.arguments import number
from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part


@dataclass(frozen=True, slots=True)
class Glicko:
    """The learner and its levels are rated by Glicko-2, and levels are met that are a match.

    A group is a game of the learner against its level, its score the share of right replies; a
    drawing is a period, see :func:`avrgym.analyses.glicko.period`. A level's weight is
    exp(-((E - aim) / spread)² / 2), E being the score that ratings expect. Of a level that was not
    met for long, whose deviation is large, E is near a half, so that it is met.

    Attributes:
        kind: Names this kind in a run's file.
        aim: The expected score that is sought, above 0 and below 1.
        spread: How far off it a level may be, in units of the score, above 0.
        tau: How fast volatilities change, above 0; .3 to 1.2 as Glickman advises.
        even: Share of prompts, 0 to 1, dealt evenly to all levels.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["glicko"] = "glicko"
    aim: float = 0.5
    spread: float = 0.15
    tau: float = 0.5
    even: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < number("aim", self.aim) < 1:
            raise TaskError(f"aim is {self.aim}; give a share above 0 and below 1")
        above("spread", self.spread)
        above("tau", self.tau)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Matched":
        """The rule for some levels."""
        return Matched(self, levels)


class Matched:
    """The ratings: the learner's first, then the levels'."""

    def __init__(self, spec: Glicko, levels: Sequence[str]) -> None:
        """Begins with all alike."""
        self._spec, self._levels = spec, list(levels)
        self._ratings = Ratings.fresh(1 + len(levels))

    def _expected(self) -> Floats:
        n = len(self._levels)
        return expected(self._ratings, np.zeros(n, np.int64), np.arange(1, n + 1))

    def shares(self, time: float) -> Floats:
        """By how near the expected scores are to what is sought."""
        off = ((self._expected() - self._spec.aim) / self._spec.spread) ** 2
        return mixed(np.exp(-(off - off.min()) / 2), self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Rates a drawing's games."""
        levels = np.array([each.arm + 1 for each in fared], np.int64)
        scores = np.array([each.success for each in fared], np.float64)
        learner = np.zeros(len(levels), np.int64)
        self._ratings = period(self._ratings, learner, levels, scores, tau=self._spec.tau)

    def rests(self, time: float) -> Rest | None:
        """Never: what is not met becomes a match again."""
        return None

    def state(self) -> dict[str, Any]:
        """The ratings."""
        of = self._ratings
        return {
            "rating": of.rating.tolist(),
            "deviation": of.deviation.tolist(),
            "volatility": of.volatility.tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with them."""
        columns = (state[name] for name in ("rating", "deviation", "volatility"))
        self._ratings = Ratings(*(np.array(column, np.float64) for column in columns))

    def metrics(self) -> dict[str, float]:
        """The ratings, by level and the learner's."""
        names = ["rating", *(f"rating/{level}" for level in self._levels)]
        return dict(zip(names, self._ratings.rating.tolist(), strict=True))
