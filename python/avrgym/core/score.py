"""How many of some replies were right, with an interval."""

from dataclasses import dataclass
from math import sqrt


def wilson(share: float, total: float, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (1927), [0, 1] where nothing was judged.

    Args:
        share: 0 to 1.
        total: How many it is of; also an effective number, which need not be whole.
        z: Two-sided point of the normal distribution; 1.96 is 95 %.
    """
    if total <= 0:
        return 0.0, 1.0
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = share * (1 - share) / total + z * z / (4 * total * total)
    half = z / (1 + z * z / total) * sqrt(spread)
    # At 0 and 1 the share is an end, which rounding puts inside: a bar would have negative length.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


@dataclass(frozen=True, slots=True)
class Score:
    """How many of some replies were right.

    Attributes:
        right: Replies judged correct.
        total: Replies judged.
    """

    right: int
    total: int

    @property
    def accuracy(self) -> float:
        """Share right, NaN when nothing was judged."""
        return self.right / self.total if self.total else float("nan")

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Wilson's interval, 95 % by default: it stays inside [0, 1] and is honest at 0 and 1."""
        return wilson(self.accuracy, self.total, z)

    def __add__(self, other: "Score") -> "Score":
        """Pools two sets of replies."""
        return Score(self.right + other.right, self.total + other.total)
