"""Reward-balanced search: what scores well goes on in more ways."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from avrgym.core.arguments import ranged, whole
from avrgym.search.grow import Floats, Ints
from avrgym.search.widths import widths


@dataclass(frozen=True, slots=True)
class Rebase:
    """REBASE (Wu et al. 2024, arXiv 2408.00724): a budget of replies, dealt anew after each step.

    Attributes:
        kind: Names this kind.
        n: Replies to each problem, 1 to 4,096.
        temperature: Of the softmax over scores; theirs is 0.2.
        most: Steps of a reply, 1 or more; what has not ended then is cut.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["rebase"] = "rebase"
    n: int = 16
    temperature: float = 0.2
    most: int = 64

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)
        ranged("temperature", self.temperature, 1e-3, 1e3)
        whole("most", self.most, 1, 2**16)

    def widths(self, scores: Floats, left: int) -> Ints:
        """In how many ways each beginning goes on; see :func:`avrgym.search.widths.widths`."""
        return widths(scores, left, self.temperature)
