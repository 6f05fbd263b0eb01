"""A collator that puts gaps between the positions of what is imitated."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from avrgym.core.extras import needs

with needs("train"):
    import torch

PLACE = "at"  # names the column that tells rows of a stage apart
UNLABELLED = -100


class Gapped:
    """Another collator's batches, with ``position_ids``.

    What is drawn for a row depends on the key and the row's place alone: not on its batch, its
    process or what was drawn before, so that a stage that goes on draws what it would have drawn.
    """

    def __init__(
        self, collate: Callable[[list[dict[str, Any]]], Any], gaps: int, key: Sequence[int]
    ) -> None:
        """Args: collate: gives ``attention_mask`` and ``labels``; key: of all that is drawn."""
        self._collate, self._gaps, self._key = collate, gaps, tuple(key)

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch; each example has its place in ``at``."""
        places = [example[PLACE] for example in examples]
        batch: dict[str, Any] = self._collate(examples)
        spread = [
            gapped(mask, labels != UNLABELLED, self._gaps, np.random.default_rng([*self._key, at]))
            for mask, labels, at in zip(
                batch["attention_mask"].numpy(), batch["labels"].numpy(), places, strict=True
            )
        ]
        batch["position_ids"] = torch.from_numpy(np.stack(spread))
        return batch


def gapped(
    mask: np.ndarray, labelled: np.ndarray, gaps: int, rng: np.random.Generator
) -> np.ndarray:
    """Positions of one row's tokens.

    Args:
        mask: (n,), 1 at tokens and 0 at padding, on whichever side that is.
        labelled: bool (n,), what is imitated.
        gaps: How much longer than the reply the range may be from which positions are drawn.
        rng: Draws how much longer it is, and the positions.

    Returns:
        int64 (n,): of tokens before the first labelled one how many tokens were before them; from
        that one on a sorted choice without repetition. 0 on padding before a row's tokens, and the
        last position on padding behind them.
    """
    there = mask.astype(bool)
    count: np.ndarray = np.maximum(np.cumsum(there) - 1, 0)
    reply = np.flatnonzero(there & (np.cumsum(labelled) > 0))
    if not reply.size:
        return count
    begin = int(count[reply[0]])
    room = reply.size + int(rng.integers(gaps, endpoint=True))
    drawn = begin + np.sort(rng.choice(room, reply.size, replace=False))
    count[reply] = drawn
    count[reply[-1] + 1 :] = drawn[-1]
    return count
