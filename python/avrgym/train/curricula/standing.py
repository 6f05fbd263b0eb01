"""Where a climb stands: what was drawn lately, level by level, and how it fared."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from avrgym.core.address import setting_of
from avrgym.core.score import Score
from avrgym.train.curricula.occasion import Seen

RECENT = 256  # prompts that it goes over


class Standing:
    """Shares and success by level, over the last ``RECENT`` prompts that were observed."""

    def __init__(self) -> None:
        """Nothing was."""
        self._recent = deque[tuple[str, int, int]](maxlen=RECENT)

    def observe(self, seen: Sequence[Seen]) -> None:
        """Takes in how replies to prompts fared."""
        self._recent.extend((setting_of(e.prompt.address), e.right, e.total) for e in seen)

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

    def state(self) -> list[Any]:
        """What a checkpoint keeps."""
        return [list(each) for each in self._recent]

    def restore(self, state: Sequence[Any]) -> None:
        """Goes on from where :meth:`state` was taken."""
        self._recent.clear()
        self._recent.extend((str(level), int(right), int(total)) for level, right, total in state)
