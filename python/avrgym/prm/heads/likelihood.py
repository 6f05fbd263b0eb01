"""No judge, but what each is compared with: how likely a step was to the policy that said it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from avrgym.core.extras import needs
from avrgym.prm.batch import Part
from avrgym.prm.heads.head import Logits, Marks, Seen, Spoken
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

    width: ClassVar[int] = 0
    beside: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    judges: ClassVar[tuple[bool, bool]] = True, True

    kind: Literal["likelihood"] = "likelihood"

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of steps with the words that lead to them."""
        part = seen.part
        each = of_tokens(seen.own, part)
        said = part["said"].sum(1).clamp(min=1)
        return Logits(_logit(of_steps(each, part)), _logit(each.sum(1) / said))

    def loss(self, seen: Seen) -> torch.Tensor:
        """There is nothing to become less."""
        return seen.own.states.sum() * 0.0


def of_tokens(own: Spoken, part: Part) -> torch.Tensor:
    """Log-probability of each token of the replies, float32 (n, t), 0 elsewhere."""
    row, at = part["said"].nonzero(as_tuple=True)
    told = logs(own, row, at, part["inputs"]["input_ids"][row, at])
    each = torch.zeros(part["said"].shape, dtype=torch.float32, device=told.device)
    return each.index_put((row, at), told)


def of_steps(each: torch.Tensor, part: Part) -> torch.Tensor:
    """The mean over a step's tokens, with the words that lead to it, float32 (m,)."""
    sums = each.cumsum(1)
    whose, before = part["row"], part["begin"] - 1
    lengths = (part["at"] - before).clamp(min=1)
    return (sums[whose, part["at"]] - sums[whose, before]) / lengths


def _logit(mean: torch.Tensor) -> torch.Tensor:
    """Of the probability whose logarithm is given."""
    return torch.logit(mean.exp().float(), eps=_LEAST)
