"""A window of levels that moves up when its top one is mastered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.train.curricula.climb import Fared, Floats, Rest, above, mixed, part


@dataclass(frozen=True, slots=True)
class Window:
    """The last few levels, evenly; one more when the top one is mastered (RLVE, arXiv 2511.07317).

    Replies on the top level are counted, and on no other. After ``prompts`` prompts there, the next
    level is added if the share of right replies is ``promote`` or more; counting begins anew either
    way. A ``promote`` near 1 stalls, since replies are sampled: with .9 nearly all of a budget went
    to two rungs of the grid.

    Attributes:
        kind: Names this kind in a run's file.
        width: Levels that are drawn, the top one among them, 1 or more; as many as there are keep
            all that was reached.
        promote: Share of right replies, above 0 up to 1, from which on a level is mastered.
        prompts: Prompts on the top level that are counted together, 1 or more.
        patience: Share of the budget, 0 to 1, that the top level may rest before that is told.
        even: Share of prompts, 0 to 1, dealt evenly to all levels wherever the window is.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["window"] = "window"
    width: int = 4
    promote: float = 0.9
    prompts: int = 8
    patience: float = 0.25
    even: float = 0.0

    def __post_init__(self) -> None:
        whole("width", self.width, 1, 2**20)
        above("promote", self.promote)
        part("promote", self.promote)
        whole("prompts", self.prompts, 1, 2**20)
        part("patience", self.patience)
        part("even", self.even)

    def made(self, levels: Sequence[str]) -> "Moving":
        """The rule for some levels."""
        return Moving(self, levels)


class Moving:
    """The window as it moves."""

    def __init__(self, spec: Window, levels: Sequence[str]) -> None:
        """Begins at the first level."""
        self._spec, self._levels = spec, list(levels)
        self._top, self._since = 0, 0.0
        self._prompts = self._right = self._total = 0
        self._last = 0.0  # success when it was counted last

    def shares(self, time: float) -> Floats:
        """Even in the window."""
        shares = np.zeros(len(self._levels))
        shares[max(0, self._top - self._spec.width + 1) : self._top + 1] = 1.0
        return mixed(shares, self._spec.even)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Counts those on the top level."""
        for each in fared:
            if each.arm != self._top:
                continue
            self._prompts += 1
            self._right, self._total = self._right + each.right, self._total + each.total
            if self._prompts < self._spec.prompts:
                continue
            self._last = self._right / self._total
            self._prompts = self._right = self._total = 0
            if self._last >= self._spec.promote and self._top + 1 < len(self._levels):
                self._top, self._since = self._top + 1, time

    def rests(self, time: float) -> Rest | None:
        """Where the top level, not the last one, has been for too long."""
        if self._top + 1 == len(self._levels) or time - self._since < self._spec.patience:
            return None
        level = self._levels[self._top]
        return Rest(
            level,
            f"window: {level} has been the top level for "
            f"{self._spec.patience:.0%} of the budget, {self._last:.0%} of its replies right when "
            f"last counted, and promote is {self._spec.promote:.0%}; give a lower one, or levels "
            "that lie closer together",
        )

    def state(self) -> dict[str, Any]:
        """Where it is, and its counts."""
        return {
            "top": self._top,
            "since": self._since,
            "counts": [self._prompts, self._right, self._total],
            "last": self._last,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on there."""
        self._top, self._since, self._last = state["top"], state["since"], state["last"]
        self._prompts, self._right, self._total = state["counts"]

    def metrics(self) -> dict[str, float]:
        """The top level's place, from 0."""
        return {"top": float(self._top)}
