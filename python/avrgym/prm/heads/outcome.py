"""(c) A number a reply: linear on the hidden state of its last token, alone or beside steps."""

from dataclasses import dataclass
from typing import Any, Literal

from avrgym.core.extras import needs
from avrgym.prm.heads.head import Logits, Marks, Seen, against
from avrgym.prm.heads.token import step_loss

with needs("train"):
    import torch


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome reward model: whether the whole reply is right, read at its last token.

    Attributes:
        kind: Names this kind in a run's file.
    """

    kind: Literal["outcome"] = "outcome"

    @property
    def width(self) -> int:
        """One number."""
        return 1

    @property
    def beside(self) -> int:
        """Nothing."""
        return 0

    @property
    def compares(self) -> bool:
        """It has nothing to compare with."""
        return False

    @property
    def judges(self) -> tuple[bool, bool]:
        """Replies alone."""
        return False, True

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of replies."""
        return Logits(None, _last(seen, 0))

    def loss(self, seen: Seen) -> torch.Tensor:
        """Binary cross-entropy at the last tokens."""
        return against(_last(seen, 0), seen.part["right"])


@dataclass(frozen=True, slots=True)
class Both:
    """Steps and outcome by two numbers of one layer, from both kinds of labels (an OPRM).

    Attributes:
        kind: Names this kind in a run's file.
        dense: As of ``token``.
    """

    kind: Literal["both"] = "both"
    dense: bool = False

    @property
    def width(self) -> int:
        """Two numbers: of steps, of replies."""
        return 2

    @property
    def beside(self) -> int:
        """Nothing."""
        return 0

    @property
    def compares(self) -> bool:
        """It has nothing to compare with."""
        return False

    @property
    def judges(self) -> tuple[bool, bool]:
        """Both."""
        return True, True

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of both."""
        return Logits(seen.read(seen.part["row"], seen.part["at"]), _last(seen, 1))

    def loss(self, seen: Seen) -> torch.Tensor:
        """The sum of both losses."""
        return step_loss(seen, self.dense) + against(_last(seen, 1), seen.part["right"])


def _last(seen: Seen, which: int) -> torch.Tensor:
    last = seen.part["last"]
    return seen.read(torch.arange(len(last), device=last.device), last, which)
