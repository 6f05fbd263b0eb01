"""Every beginning goes on as it is: plain sampling, step by step."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.search.grow import Floats, Ints


@dataclass(frozen=True, slots=True)
class Sample:
    """What the other growths are compared with: the same road, and nothing is cut back.

    Attributes:
        kind: Names this kind.
        n: Replies to each problem, 1 to 4,096.
        most: Steps of a reply, 1 or more; what has not ended then is cut.
    """

    SCORED: ClassVar[bool] = False

    kind: Literal["sample"] = "sample"
    n: int = 16
    most: int = 64

    def __post_init__(self) -> None:
        whole("n", self.n, 1, 4096)
        whole("most", self.most, 1, 2**16)

    def widths(self, scores: Floats, left: int) -> Ints:
        """One each."""
        return np.ones(len(scores), np.int64)
