"""(c) A number a reply: linear on the hidden state of its last token, alone or beside steps."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

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

    width: ClassVar[int] = 1
    beside: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    judges: ClassVar[tuple[bool, bool]] = False, True

    kind: Literal["outcome"] = "outcome"

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

    width: ClassVar[int] = 2
    beside: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    judges: ClassVar[tuple[bool, bool]] = True, True

    kind: Literal["both"] = "both"
    dense: bool = False

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
