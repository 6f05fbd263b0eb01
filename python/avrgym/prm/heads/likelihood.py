"""No judge, but what each is compared with: how likely a step was to the policy that said it."""

from dataclasses import dataclass
from typing import Any, Literal

from avrgym.core.extras import needs
from avrgym.prm.heads.head import Logits, Marks, Seen
from avrgym.prm.heads.implicit import logs

with needs("train"):
    import torch

_LEAST = 1e-6  # of a probability, whose logit would be infinite


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The geometric mean of the probabilities of a step's tokens, and of a reply's.

    Nothing is trained. It is no kind of a run's file: ``likelihood:FOLDER`` is a scorer by the
    model of a folder or a run.

    Attributes:
        kind: Names this kind.
    """

    kind: Literal["likelihood"] = "likelihood"

    @property
    def width(self) -> int:
        """No layer of its own."""
        return 0

    @property
    def compares(self) -> bool:
        """With nothing."""
        return False

    @property
    def judges(self) -> tuple[bool, bool]:
        """Steps and replies."""
        return True, True

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of steps with the words that lead to them."""
        part = seen.part
        row, at = part["said"].nonzero(as_tuple=True)
        ids = part["inputs"]["input_ids"][row, at]
        own = logs(seen.own, row, at, ids)
        each = torch.zeros(part["said"].shape, dtype=torch.float32, device=own.device)
        sums = each.index_put((row, at), own).cumsum(1)
        whose, before = part["row"], part["begin"] - 1
        steps = sums[whose, part["at"]] - sums[whose, before]
        lengths = (part["at"] - before).clamp(min=1)
        said = part["said"].sum(1).clamp(min=1)
        return Logits(_logit(steps / lengths), _logit(sums[:, -1] / said))

    def loss(self, seen: Seen) -> torch.Tensor:
        """There is nothing to become less."""
        return seen.own.states.sum() * 0.0


def _logit(mean: torch.Tensor) -> torch.Tensor:
    """Of the probability whose logarithm is given."""
    return torch.logit(mean.exp().float(), eps=_LEAST)
