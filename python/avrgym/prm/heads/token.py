"""(a) A number a step: linear on the hidden state of the token that ends it."""

from dataclasses import dataclass
from typing import Any, Literal

from avrgym.core.extras import needs
from avrgym.prm.heads.head import Logits, Marks, Seen, against

with needs("train"):
    import torch


@dataclass(frozen=True, slots=True)
class Token:
    """A layer on the last hidden states, trained where a step ends.

    Attributes:
        kind: Names this kind in a run's file.
        dense: Trained on every token from the end of the step before on, as in Easy-to-Hard (Sun et
            al. 2024, arXiv 2403.09472); steps are read where they end all the same.
    """

    kind: Literal["token"] = "token"
    dense: bool = False

    @property
    def width(self) -> int:
        """One number."""
        return 1

    @property
    def compares(self) -> bool:
        """It has nothing to compare with."""
        return False

    @property
    def judges(self) -> tuple[bool, bool]:
        """Steps alone."""
        return True, False

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of steps."""
        return Logits(seen.read(seen.part["row"], seen.part["at"]), None)

    def loss(self, seen: Seen) -> torch.Tensor:
        """Binary cross-entropy at the ends of steps, or on all of their tokens."""
        return step_loss(seen, self.dense)


def step_loss(seen: Seen, dense: bool) -> torch.Tensor:
    """The loss of the first number of a layer, which is the one of steps."""
    part = seen.part
    row, begin, at, label = part["row"], part["begin"], part["at"], part["label"]
    if dense:
        long = at - begin + 1
        upto = long.cumsum(0) - long
        row, label = row.repeat_interleave(long), label.repeat_interleave(long)
        at = torch.arange(len(row), device=row.device) + (begin - upto).repeat_interleave(long)
    return against(seen.read(row, at), label)
