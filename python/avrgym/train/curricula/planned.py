"""The rows of a mixture's phase, one after the other: nothing that is observed changes them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from avrgym.core.address import setting_of
from avrgym.core.held_out import splits
from avrgym.mixtures import Mixture, pick
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.train.curricula.occasion import Seen


class Planned:
    """Prompts by index, so that any of them can be had without those before it."""

    def __init__(self, mixture: Mixture, phase: str, held_out: int, *, fresh: bool) -> None:
        """Begins at the first row.

        Args:
            mixture: What to draw from.
            phase: The phase's name.
            held_out: One content in so many is left out; another instance stands in for it, as in
                :class:`avrgym.Source`.
            fresh: Whether passes after the first bring new instances.
        """
        self.mixture, self.phase, self.fresh = mixture, phase, fresh
        self._exclude = partial(_kept_out, held_out=held_out)
        self._next = 0

    def at(self, indices: Sequence[int]) -> list[Prompt]:
        """The prompts at some places."""
        drawn = pick(self.mixture, self.phase, indices, fresh=self.fresh, exclude=self._exclude)
        return [item.prompt for item in drawn]

    def asks(self) -> list[tuple[str, Format]]:
        """What its addresses begin with, and the format of each."""
        parts = self.mixture.phase(self.phase).parts
        return [(setting_of(part.source(0).head), part.format) for part in parts]

    @property
    def pictured(self) -> float:
        """The share of prompts that show a picture, of a whole pass."""
        phase = self.mixture.phase(self.phase)
        counts = zip(phase.parts, phase.counts(), strict=True)
        return sum(count for part, count in counts if part.format.pictured) / phase.size

    def draw(self, count: int) -> list[Prompt]:
        """The next prompts."""
        first, self._next = self._next, self._next + count
        return self.at(range(first, self._next))

    def observe(self, seen: Sequence[Seen]) -> None:
        """Changes nothing."""

    def state(self) -> dict[str, Any]:
        """How many were drawn."""
        return {"next": self._next}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on behind them."""
        self._next = int(state["next"])

    def metrics(self) -> dict[str, float]:
        """None: the shares are those of the plan."""
        return {}


def _kept_out(content: str, held_out: int) -> bool:
    return splits([content], held_out) != ["train"]
