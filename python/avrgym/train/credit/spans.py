"""Exact step credit: from the verifier's byte spans to one advantage per token.

The verifier says of each step of a reply where it begins and ends, in bytes, and whether it is
right. Tokens are runs of bytes, so every token's step is known. All tokens begin with the reply's
advantage A, and what cannot have earned it is taken back:

* **A wrong step is never praised**: its tokens get ``min(A, 0)``, also a token in which a right
  step ends.
* **What follows an error says nothing**: after the first wrong *derived* step (a move, a
  conclusion) every token gets 0. *Readings* (`locate`, `read`, `avoid`, `transcribe`) stand or fall
  by themselves, so a wrong one ends nothing: the moves after it are judged on their own.
* **A right step keeps A, also when A is negative**: a move may be valid and yet lead nowhere.

Over three seeds of Grid Navigation it did neither better nor worse than A for every token
(``docs/results/grid_navigation_credit.md``); on one seed, forms that gave right steps before the
error ``max(A, 0)`` did worse than both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import avrgym
from avrgym.core.extras import needs

with needs("train"):
    import numba

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint8]

OK, WRONG = (avrgym.STATES.index(state) for state in ("ok", "wrong"))
READINGS = tuple(avrgym.SKILLS.index(skill) for skill in ("locate", "read", "avoid", "transcribe"))
IS_READING = np.isin(np.arange(len(avrgym.SKILLS)), READINGS)


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


def deal(
    advantages: Floats,
    token_bytes: NDArray[np.int32],
    token_counts: Ints,
    steps: Steps,
) -> Floats:
    """One advantage per token.

    Args:
        advantages: float32 (n,), one per reply.
        token_bytes: int32 (n, t), bytes of each token; padded on the right.
        token_counts: int64 (n,), tokens of each reply.
        steps: The judged steps of the replies.

    Returns:
        float32 (n, t); 0 on padding.
    """
    dealt = np.zeros(token_bytes.shape, np.float32)
    wrong = steps.state == WRONG
    ends_it = wrong & ~IS_READING[steps.skill]
    columns = (steps.offsets, steps.start, steps.end, wrong, ends_it)
    _deal(advantages, token_bytes, token_counts, *columns, dealt)
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
    wrong: NDArray[np.bool_],
    ends_it: NDArray[np.bool_],
    dealt: Floats,
) -> None:
    for row in range(len(advantages)):
        advantage = advantages[row]
        step, last = offsets[row], offsets[row + 1]
        after = 0  # bytes up to the token's end
        for column in range(token_counts[row]):
            before, after = after, after + token_bytes[row, column]
            over = False  # a derived step that was wrong is behind
            while step < last and end[step] <= before:
                over |= ends_it[step]
                step += 1
            if over:
                break
            # A token may end one step and begin the next.
            at_fault, touched = False, step
            while touched < last and start[touched] < after:
                at_fault |= wrong[touched]
                touched += 1
            dealt[row, column] = min(advantage, np.float32(0)) if at_fault else advantage
