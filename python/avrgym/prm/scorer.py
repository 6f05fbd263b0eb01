"""What scores steps: the verifier, a trained judge, two policies; one is had for the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.models.completion import Completion
from avrgym.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of n replies and of their s steps, as columns.

    Attributes:
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``, in the order
            of the reply.
        ends: int64 (s,), one past the last byte of each step in its reply.
        score: float32 (s,), 0 to 1: how surely the step is not wrong. NaN of a scorer that says
            nothing of steps.
        outcome: float32 (n,), 0 to 1: how surely the reply is what was asked for. NaN of a scorer
            that says nothing of replies.
        bare: int64 (n,), lines of each reply that say something and have no step in them, of which
            no scorer says anything.
    """

    offsets: NDArray[np.int64]
    ends: NDArray[np.int64]
    score: NDArray[np.float32]
    outcome: NDArray[np.float32]
    bare: NDArray[np.int64]

    def __post_init__(self) -> None:
        n, s = len(self.offsets) - 1, int(self.offsets[-1])
        for name, size in (("ends", s), ("score", s), ("outcome", n), ("bare", n)):
            if len(getattr(self, name)) != size:
                raise TaskError(f"{name} has {len(getattr(self, name))} entries, not {size}")
        for name in ("score", "outcome"):
            said = getattr(self, name)
            if (strayed := said[~(np.isnan(said) | ((said >= 0) & (said <= 1)))]).size:
                raise TaskError(f"{name} {strayed[0]:g} is no probability; give 0 to 1")

    def __len__(self) -> int:
        return len(self.outcome)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """The step scores reply by reply."""
        return (self.score[a:b] for a, b in zip(self.offsets, self.offsets[1:], strict=False))

    @property
    def owner(self) -> NDArray[np.int64]:
        """Whose each step is, int64 (s,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))


class Scorer(Protocol):
    """Scores the steps of replies."""

    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        """Scores of every step of every reply.

        Args:
            prompts: What was asked, n of them, the same one several times.
            replies: What was said to each, of any bytes. Where the tokens are known it is these
                that are scored, and never what their text would be encoded as.

        Raises:
            TaskError: An address names nothing, the lengths differ, or tokens are not those of the
                reply.
        """
        ...
