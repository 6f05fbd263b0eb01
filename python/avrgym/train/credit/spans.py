"""Exact step credit: from the verifier's byte spans to one advantage per token.

The verifier says of each step of a reply where it begins and ends, in bytes, and whether it is
right. Tokens are runs of bytes, so every token's step is known: the first that it touches, and a
wrong one before any other. What rules of credit have in common is one loop over these spans; a rule
says of each step what it does to its tokens.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import avrgym
from avrgym.analyses.skills import SEEING
from avrgym.core.extras import needs

with needs("train"):
    import numba

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

OK, WRONG = (avrgym.STATES.index(state) for state in ("ok", "wrong"))
IS_SEEING = np.array([skill in SEEING for skill in avrgym.SKILLS])


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The judged steps of n replies, as columns.

    Attributes:
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``, in order.
        start: int64 (s,), first byte in the reply.
        end: int64 (s,), one past the last byte.
        state: uint8 (s,), codes into ``avrgym.STATES``.
        skill: uint8 (s,), codes into ``avrgym.SKILLS``.
    """

    offsets: Ints
    start: Ints
    end: Ints
    state: Codes
    skill: Codes

    @classmethod
    def of(cls, verdicts: avrgym.Verdicts) -> "Steps":
        """The steps of a batch's verdicts."""
        return cls(
            verdicts.step_offsets,
            verdicts.step_start,
            verdicts.step_end,
            verdicts.step_state,
            verdicts.step_skill,
        )

    @property
    def seeing(self) -> Flags:
        """Whether each is one of seeing, bool (s,); all others are of thinking."""
        return np.asarray(IS_SEEING[self.skill], np.bool_)

    @property
    def wrong(self) -> Flags:
        """Whether each is wrong, bool (s,)."""
        return np.asarray(self.state == WRONG, np.bool_)

    @property
    def owner(self) -> Ints:
        """Whose each is, int64 (s,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def weights(self, seeing: float, thinking: float) -> Floats:
        """A weight by the class of each, float32 (s,)."""
        return np.where(self.seeing, seeing, thinking).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What steps do to tokens.

    Attributes:
        blamed: bool (s,); its tokens get no more than 0.
        ends: bool (s,); what follows it gets 0.
        weight: float32 (s,); of the reply's advantage to its tokens.
        ahead: float32 (s,); added to its tokens, and to those between it and the step before.
    """

    blamed: Flags
    ends: Flags
    weight: Floats
    ahead: Floats


def deal(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    steps: Steps,
    effect: Effect,
) -> Floats:
    """One advantage per token.

    Args:
        advantages: float32 (n,), one per reply.
        token_bytes: int32 (n, t), bytes of each token; padded on the right.
        token_counts: int64 (n,), tokens of each reply.
        steps: The judged steps of the replies, s in all.
        effect: What they do.

    Returns:
        float32 (n, t); 0 on padding.
    """
    dealt = np.zeros(token_bytes.shape, np.float32)
    columns = (steps.offsets, steps.start, steps.end)
    _deal(
        advantages,
        token_bytes,
        token_counts,
        *columns,
        effect.blamed,
        effect.ends,
        effect.weight,
        effect.ahead,
        dealt,
    )
    return dealt


# Compiled at the first call, then read from disk. A plain loop, to be read and changed.
@numba.njit(cache=True, nogil=True)
def _deal(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    offsets: Ints,
    start: Ints,
    end: Ints,
    blamed: Flags,
    ends: Flags,
    weight: Floats,
    ahead: Floats,
    dealt: Floats,
) -> None:
    for row in range(len(advantages)):
        step, last = offsets[row], offsets[row + 1]
        after = 0  # bytes up to the token's end
        for column in range(token_counts[row]):
            before, after = after, after + token_bytes[row, column]
            over = False  # a step that ends it is behind
            while step < last and end[step] <= before:
                over |= ends[step]
                step += 1
            if over:
                break
            # A token may end one step and begin the next; a wrong one speaks first.
            at_fault, told, touched = False, -1, step
            while touched < last and start[touched] < after:
                if told < 0 or (blamed[touched] and not at_fault):
                    told = touched
                at_fault |= blamed[touched]
                touched += 1
            value = advantages[row]
            if at_fault:
                value = min(value, np.float32(0))
            if told >= 0:
                value *= weight[told]
            dealt[row, column] = value + ahead[step] if step < last else value
