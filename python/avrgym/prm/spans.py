"""The steps of replies that are scored: those that the verifier finds, thoughts left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym import rewards
from avrgym.core.verdicts import STATES, Verdicts, verify
from avrgym.prompts.prompt import Prompt

_WRONG, _UNSUPPORTED = (STATES.index(state) for state in ("wrong", "unsupported"))


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Steps of n replies as columns, with the truth about them.

    Steps in thoughts are no part of them, as in first errors and rewards: there a model tries out
    and takes back.

    Attributes:
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.
        ends: int64 (s,), one past the last byte.
        skill: uint8 (s,), codes into ``avrgym.SKILLS``.
        ok: bool (s,), whether the step is not wrong. What cannot be judged (``unsupported``) is no
            error of its own, here as in ``Verdict.first_error``.
        judged: bool (s,), whether it can be judged.
        right: bool (n,), whether the reply is what its format asks for.
        bare: int64 (n,), lines that say something and that no step touches.
    """

    offsets: NDArray[np.int64]
    ends: NDArray[np.int64]
    skill: NDArray[np.uint8]
    ok: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    right: NDArray[np.bool_]
    bare: NDArray[np.int64]


def spans(prompts: Sequence[Prompt], replies: Sequence[bytes]) -> Spans:
    """The steps of replies, all judged in one call.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    found = verify([prompt.address for prompt in prompts], replies)
    aloud = ~found.step_thought
    counts = np.add.reduceat(np.append(aloud, False), found.step_offsets[:-1], dtype=np.int64)
    counts[np.diff(found.step_offsets) == 0] = 0
    return Spans(
        np.append(0, np.cumsum(counts)).astype(np.int64),
        found.step_end[aloud],
        found.step_skill[aloud],
        found.step_state[aloud] != _WRONG,
        found.step_state[aloud] != _UNSUPPORTED,
        rewards.right(found, [prompt.format.name for prompt in prompts]),
        np.array([_bare(found, at, reply) for at, reply in enumerate(replies)], np.int64),
    )


def _bare(found: Verdicts, at: int, reply: bytes) -> int:
    """Lines of a reply that say something and that no step touches, thoughts included."""
    steps = slice(found.step_offsets[at], found.step_offsets[at + 1])
    start, end = found.step_start[steps], found.step_end[steps]
    bare, begin = 0, 0
    for line in reply.split(b"\n"):
        if line.strip() and not np.any((start < begin + len(line)) & (end > begin)):
            bare += 1
        begin += len(line) + 1
    return bare
