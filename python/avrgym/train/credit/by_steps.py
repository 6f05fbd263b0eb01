"""Credit by step; :mod:`avrgym.train.credit.spans` has the rule and its reasons."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avrgym.core.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class BySteps:
    """Each token has the reply's advantage as far as its step can have earned it."""

    kind: Literal["steps"] = "steps"

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> NDArray[np.float32]:
        """One advantage per token, float32 (n, t); see :func:`avrgym.train.credit.spans.deal`."""
        from avrgym.train.credit.spans import Steps, deal

        return deal(advantages, token_bytes, token_counts, Steps.of(verdicts))
