"""How many continuations each of several beginnings gets."""

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import ranged, whole

_SLACK = 1e-9  # of a continuation: what adding up loses


def widths(scores: NDArray[np.float64], budget: int, temperature: float = 0.2) -> NDArray[np.int64]:
    """Shares a budget in proportion to exp(score / temperature): REBASE (arXiv 2408.00724, eq. 4).

    The best is served first: it gets its share of what is left, rounded up, and so on downwards
    with what then is left of budget and weight. So the widths sum to the budget whatever the
    scores, which rounding each share for itself, as the paper has it, does not.

    Args:
        scores: Of n beginnings, 0 to 1, (n,).
        budget: Continuations in all, 0 or more.
        temperature: The lower, the more goes to the best; above 0.

    Returns:
        int64 (n,), 0 or more each; their sum is ``budget``, and no better one has fewer. Without
        beginnings there are no widths.

    Raises:
        TaskError: A number is out of its range.
    """
    left = whole("budget", budget, 0, 2**31)
    ranged("temperature", temperature, 1e-6, 1e6)
    found = np.zeros(len(scores), np.int64)
    order = np.argsort(-scores, kind="stable")
    # In logarithms: at low temperatures the weights themselves are nothing.
    weights = scores[order] / temperature
    rest = np.logaddexp.accumulate(weights[::-1])[::-1]
    for at, share in zip(order, np.exp(weights - rest), strict=True):
        found[at] = min(left, int(np.ceil(left * share - _SLACK)))
        left -= int(found[at])
    return found
