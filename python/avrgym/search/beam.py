"""Step beam: the best beginnings go on in so many ways each."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym._core import TaskError
from avrgym.core.arguments import whole
from avrgym.search.grow import Floats, Ints


@dataclass(frozen=True, slots=True)
class Beam:
    """After each step the best n / ways beginnings are kept, and each goes on in ``ways`` ways.

    Attributes:
        kind: Names this kind.
        n: Replies to each problem, 1 to 4,096, a multiple of ``ways``.
        ways: In which a beginning goes on, 1 or more.
        most: Steps of a reply, 1 or more; what has not ended then is cut.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["beam"] = "beam"
    n: int = 16
    ways: int = 4
    most: int = 64

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)
        whole("ways", self.ways, 1, 4096)
        whole("most", self.most, 1, 2**16)
        if self.n % self.ways:
            raise TaskError(f"n = {self.n} is no multiple of ways = {self.ways}; give one that is")

    def widths(self, scores: Floats, left: int) -> Ints:
        """In how many ways each beginning goes on; the last of the best takes what is left over."""
        found = np.zeros(len(scores), np.int64)
        for at in np.argsort(-scores, kind="stable"):
            found[at] = min(self.ways, left)
            left -= int(found[at])
        # Fewer beginnings than there is room for: the best ones go on in more ways.
        found[np.argsort(-scores, kind="stable")[0]] += left
        return found
