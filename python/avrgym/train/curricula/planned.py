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
from avrgym.train.curricula.standing import Standing


class Planned:
    """Prompts by index, so that any of them can be had without those before it."""

    def __init__(
        self, mixture: Mixture, phase: str, held_out: int, *, fresh: bool, budget: int = 0
    ) -> None:
        """Begins at the first row.

        Args:
            mixture: What to draw from.
            phase: The phase's name.
            held_out: One content in so many is left out; another instance stands in for it, as in
                :class:`avrgym.Source`.
            fresh: Whether passes after the first bring new instances.
            budget: Prompts of the stage; 0 if there is no end.
        """
        self.mixture, self.phase, self.fresh = mixture, phase, fresh
        self._exclude = partial(_kept_out, held_out=held_out)
        self._next = 0
        self._more = 0  # rows of the second pass that were looked at in place of planned ones
        self._extra = 0  # of them, those that were drawn
        self._standing = Standing(budget)

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

    @property
    def drawn(self) -> int:
        """How many were."""
        return self._next + self._extra

    def draw(self, count: int, pictured: bool | None = None) -> list[Prompt]:
        """The next prompts; of one modality from a pass of their own, so that plans stay exact."""
        if pictured is None:
            first, self._next = self._next, self._next + count
            return self.at(range(first, self._next))
        found: list[Prompt] = []
        while len(found) < count:
            first = self.mixture.phase(self.phase).size + self._more
            for prompt in self.at(range(first, first + count)):
                self._more += 1
                if prompt.format.pictured == pictured:
                    found.append(prompt)
                if len(found) == count:
                    break
        self._extra += count
        return found

    def sample(self, count: int) -> list[Prompt]:
        """The first prompts."""
        return self.at(range(count))

    def observe(self, seen: Sequence[Seen]) -> None:
        """Changes nothing but what it says of itself."""
        self._standing.observe(seen, self.drawn)

    def state(self) -> dict[str, Any]:
        """How many were drawn, and how the last ones fared."""
        return {
            "next": self._next,
            "more": self._more,
            "extra": self._extra,
            "standing": self._standing.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on behind them."""
        self._next, self._more, self._extra = state["next"], state["more"], state["extra"]
        self._standing.restore(state["standing"])

    def metrics(self) -> dict[str, float]:
        """Shares and success."""
        return self._standing.metrics()

    def standing(self) -> dict[str, tuple[float, float]]:
        """Shares and success."""
        return self._standing.now()

    def news(self) -> list[str]:
        """That hardly anything is learned."""
        return self._standing.news()


def _kept_out(content: str, held_out: int) -> bool:
    return splits([content], held_out) != ["train"]
