"""How a reply's advantage is dealt to its tokens: one file each, registered in ``CREDITS``."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avrgym.core.verdicts import Verdicts
from avrgym.train.credit.by_outcome import ByOutcome
from avrgym.train.credit.by_prime import ByPrime
from avrgym.train.credit.by_prm import ByPrm
from avrgym.train.credit.by_returns import ByReturns
from avrgym.train.credit.by_steps import BySteps


class Credit(Protocol):
    """A frozen dataclass that begins with its ``kind``.

    One that goes by a judge's scores has ``SCORED: ClassVar[bool] = True``, a ``judge``, and takes
    ``scores`` by name besides. One whose judge learns as the policy does has ``LEARNS``, and takes
    ``implied``. ``TRL: ClassVar[Mapping]`` are settings of the trainer that a rule is made for.
    """

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> NDArray[np.float32] | None:
        """One advantage per token.

        Args:
            advantages: float32 (n,), one per reply.
            token_bytes: int32 (n, t), bytes of each token; padded on the right.
            token_counts: int64 (n,), tokens of each reply.
            verdicts: Of the n replies.

        Returns:
            float32 (n, t), 0 on padding; None to leave every token the reply's.
        """
        ...


__all__ = ["CREDITS", "ByOutcome", "ByPrime", "ByPrm", "ByReturns", "BySteps", "Credit"]

#: What the ``credit`` of a stage may be, by its ``kind``.
CREDITS: tuple[type, ...] = (ByOutcome, BySteps, ByReturns, ByPrm, ByPrime)
