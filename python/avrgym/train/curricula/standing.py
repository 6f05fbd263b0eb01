"""Where a climb stands: what was drawn lately, level by level, and how it fared."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from avrgym.core.address import setting_of
from avrgym.core.score import Score
from avrgym.train.curricula.occasion import Seen

RECENT = 256  # prompts that it goes over
QUARTER = 0.25  # of the budget: for so long a stage may learn next to nothing unheard
FEW = 0.05  # share of groups with both right and wrong replies below which that is so
LEAST = 32  # prompts, below which nothing is said of them


class Standing:
    """Shares and success by level, over the last ``RECENT`` prompts that were observed.

    Where for a quarter of the budget hardly any group has both right and wrong replies, it says so,
    once.
    """

    def __init__(self, budget: int) -> None:
        """Nothing was; ``budget``: prompts of the stage, 0 if there is no end."""
        self._budget = budget
        self._recent = deque[tuple[str, int, int]](maxlen=RECENT)
        self._begun = self._groups = self._mixed = 0  # the quarter that groups are counted of
        self._told = False
        self._words = ""

    def observe(self, seen: Sequence[Seen], drawn: int) -> None:
        """Takes in how replies to prompts fared, of ``drawn`` so far."""
        self._recent.extend((setting_of(e.prompt.address), e.right, e.total) for e in seen)
        self._groups += sum(bool(each.total) for each in seen)
        self._mixed += sum(each.mixed for each in seen)
        if drawn - self._begun < max(QUARTER * self._budget, LEAST) or not self._budget:
            return
        if self._mixed < FEW * self._groups and not self._told:
            self._told = True
            self._words = (
                f"of {self._groups} prompts in a quarter of the budget {self._mixed} had both "
                "right and wrong replies, so that hardly anything was learned of what is right; "
                "give levels that are neither mastered nor out of reach"
            )
        self._begun, self._groups, self._mixed = drawn, 0, 0

    def news(self) -> list[str]:
        """What it says since the last call."""
        found, self._words = [self._words] if self._words else [], ""
        return found

    def now(self) -> dict[str, tuple[float, float]]:
        """By level, in the order of names: its share of prompts, and that of right replies."""
        scores: dict[str, Score] = {}
        counts: dict[str, int] = {}
        for level, right, total in self._recent:
            scores[level] = scores.get(level, Score(0, 0)) + Score(right, total)
            counts[level] = counts.get(level, 0) + 1
        return {
            level: (counts[level] / len(self._recent), scores[level].accuracy)
            for level in sorted(scores, key=lambda name: (len(name), name))
        }

    def metrics(self) -> dict[str, float]:
        """The same, as numbers to log."""
        now = self.now().items()
        shares = {f"share/{level}": round(share, 6) for level, (share, _) in now}
        return shares | {f"success/{level}": round(success, 6) for level, (_, success) in now}

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "recent": [list(each) for each in self._recent],
            "quarter": [self._begun, self._groups, self._mixed],
            "told": self._told,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from where :meth:`state` was taken."""
        self._recent.clear()
        self._recent.extend((level, right, total) for level, right, total in state["recent"])
        self._begun, self._groups, self._mixed = state["quarter"]
        self._told = state["told"]
