"""Credit by outcome: every token has the reply's advantage, as GRPO has it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avrgym.core.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class ByOutcome:
    """The reply's advantage to each of its tokens (DeepSeekMath, section 4.1.2)."""

    kind: Literal["outcome"] = "outcome"

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> None:
        """Leaves advantages as they are, one per reply."""
