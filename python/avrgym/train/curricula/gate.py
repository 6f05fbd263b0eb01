"""Around any curriculum: groups that teach nothing are left out and others drawn, in a budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from avrgym.train.curricula.occasion import Seen


@dataclass(frozen=True, slots=True)
class Gate:
    """How often groups without signal are drawn anew, and what that may cost.

    Attributes:
        tries: Times that a drawing is refilled at most; 0: nothing is left out.
        together: Prompts of a drawing.
        budget: Prompts of the stage, those that were left out among them.
        rounds: Optimiser steps that learn from a drawing.
    """

    tries: int
    together: int
    budget: int
    rounds: int

    @staticmethod
    def without(seen: Sequence[Seen]) -> list[int]:
        """The places of groups of which all replies are right, or all wrong."""
        return [place for place, each in enumerate(seen) if not each.mixed]

    def more(self, lacking: int, drawn: int, processes: int, replies: int) -> int:
        """How many prompts to draw in place of some.

        Args:
            lacking: How many groups are without signal.
            drawn: Prompts that were drawn so far.
            processes: How many share them.
            replies: To each prompt.

        Returns:
            So many or a few more, so that processes have as many replies each; 0 where the budget
            has no room for them.
        """
        fair = processes // math.gcd(processes, replies)
        wanted = -(-lacking // fair) * fair
        return wanted if drawn + wanted <= self.budget else 0

    def skipped(self, step: int, drawn: int) -> int:
        """Optimiser steps that the budget of what was left out would have paid for.

        Args:
            step: Optimiser steps done.
            drawn: Prompts that were drawn so far.
        """
        learned = -(-step // self.rounds) * self.together
        return max(0, drawn - learned) * self.rounds // self.together

    def spent(self, step: int, drawn: int) -> bool:
        """Whether all was learned from that was drawn, and there is no room to draw again."""
        return step % self.rounds == 0 and drawn + self.together > self.budget
