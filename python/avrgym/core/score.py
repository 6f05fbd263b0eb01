"""How many of some replies were right, with an interval."""

from dataclasses import dataclass
from math import sqrt


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
        if not self.total:
            return 0.0, 1.0
        n, p = self.total, self.accuracy
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)

    def __add__(self, other: "Score") -> "Score":
        """Pools two sets of replies."""
        return Score(self.right + other.right, self.total + other.total)
