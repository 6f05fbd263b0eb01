"""How the steps of a stage are split over its rounds, each of which draws replies anew."""

from dataclasses import dataclass

from avrgym._core import TaskError
from avrgym.core.arguments import whole


@dataclass(frozen=True, slots=True)
class Turns:
    """The rounds of a stage.

    Attributes:
        rounds: How often replies are drawn.
        steps: Optimiser steps of all rounds together.

    Raises:
        TaskError: There are fewer steps than rounds, or none.
    """

    rounds: int
    steps: int

    def __post_init__(self) -> None:
        whole("rounds", self.rounds, 1, 2**16)
        whole("steps", self.steps, 1, 2**31 - 1)
        if self.steps < self.rounds:
            raise TaskError(
                f"steps {self.steps} are of {self.rounds} rounds together, each of which takes "
                f"one or more; give {self.rounds} or more, or fewer rounds"
            )

    def begin(self, round: int) -> int:
        """Steps that are done when a round begins, from 0 on; of the last but one, when all end."""
        return self.steps * round // self.rounds

    def of(self, step: int) -> int:
        """The round that goes on when so many steps are done."""
        return next(r for r in reversed(range(self.rounds)) if self.begin(r) <= step)

    @property
    def later(self) -> frozenset[int]:
        """Steps that are done when rounds but the first begin."""
        return frozenset(map(self.begin, range(1, self.rounds)))
