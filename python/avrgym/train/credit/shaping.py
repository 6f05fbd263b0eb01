"""Rewards of steps from a judge's scores, as easy-to-hard generalisation shapes them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Above which a score earns nothing more (Sun et al. 2024).
BOUND = 0.5
#: Dealt to the steps of a reply, whatever they score, so that having steps costs nothing.
SHARE = 0.25


def shaped(scores: Floats, offsets: Ints, scheme: str = "min") -> Floats:
    """What each step is paid: how far it lowers the running minimum, or product, of its reply.

    Easy-to-Hard Generalization (Sun et al. 2024, arXiv 2403.09472), as its code has it: with
    ``m_0 = 0.5`` a step of score p is paid ``min(p - m, 0)``, m being the least so far, and
    ``0.25 / n`` besides, of n steps. So a reply is paid ``min(0.5, min p) - 0.5 + 0.25`` in all,
    -0.25 to 0.25: one bad step costs once, and where it stands. ``product`` has
    ``m_j = m_{j-1} p_j``, and a reply is paid ``0.5 prod p - 0.5 + 0.25``.

    Args:
        scores: Of s steps, 0 to 1; NaN, where nobody knows, lowers nothing.
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.
        scheme: ``min`` or ``product``.

    Returns:
        float32 (s,).
    """
    known = np.where(np.isnan(scores), 1.0, scores).astype(np.float64)
    counts = np.diff(offsets)
    before = np.empty(len(known))
    after = np.empty(len(known))
    low = np.full(len(counts), BOUND)
    # All replies at once, step by step.
    for place in range(int(counts.max(initial=0))):
        mine = counts > place
        at = offsets[:-1][mine] + place
        before[at] = low[mine]
        low[mine] = np.minimum(low[mine], known[at]) if scheme == "min" else low[mine] * known[at]
        after[at] = low[mine]
    share = SHARE / np.repeat(np.maximum(counts, 1), counts)
    return (after - before + share).astype(np.float32)
