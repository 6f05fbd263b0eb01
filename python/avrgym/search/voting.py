"""Votes on answers: those that the verifier takes for the same are counted together."""

import numpy as np
from numpy.typing import NDArray

#: What replies answer, see :func:`avrgym.core.verdicts.answers`; p problems with n replies each.
Answers = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Which reply is taken, int64 (p,).
Picks = NDArray[np.int64]


def votes(answers: Answers, weights: Floats) -> Picks:
    """Of each problem the heaviest reply among those with the answer that weighs most.

    Args:
        answers: uint64 (p, n); 0 where none can be read, which weighs nothing.
        weights: float (p, n); what is below 0 counts as 0.

    Returns:
        int64 (p,); ties go to what was said first, and 0 where no reply has an answer.
    """
    readable = answers != 0
    held = np.where(readable, np.maximum(weights, 0.0), 0.0)
    same = answers[:, :, None] == answers[:, None, :]
    # Summed in one order for all of an answer, so that what is equal is exactly so.
    total = np.where(same, held[:, None, :], 0.0).sum(2)
    total = np.where(readable, total, -np.inf)
    first = total.argmax(1)
    rows = np.arange(len(answers))
    mine = same[rows, first] & readable
    return np.asarray(np.where(mine, held, -np.inf).argmax(1), np.int64)
