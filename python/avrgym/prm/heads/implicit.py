"""(d) The implicit reward of two policies: β log π / π_ref of what a step says."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.core.arguments import number
from avrgym.core.extras import needs
from avrgym.prm.heads.head import Logits, Marks, Seen, Spoken, against

with needs("train"):
    import torch


@dataclass(frozen=True, slots=True)
class Implicit:
    """How much likelier a step has become to a policy than it was to another.

    Trained on outcomes alone, as in PRIME (Yuan et al. 2024, arXiv 2412.01981; Cui et al. 2025,
    arXiv 2502.01456): the reward of a reply, the sum over its tokens, is held to whether it is
    right. Two policies of which one was trained by DPO are such a judge without training.

    Attributes:
        kind: Names this kind in a run's file.
        beta: β, above 0.
    """

    width: ClassVar[int] = 0
    beside: ClassVar[int] = 0
    compares: ClassVar[bool] = True
    judges: ClassVar[tuple[bool, bool]] = True, True

    kind: Literal["implicit"] = "implicit"
    beta: float = 0.05

    def __post_init__(self) -> None:
        if number("beta", self.beta) <= 0:
            raise TaskError(f"beta {self.beta} is not above 0; give 0.05 or near it")

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of steps with the words that lead to them, and of replies."""
        part = seen.part
        whole = self.rewards(seen).cumsum(1)
        row, before = part["row"], part["begin"] - 1
        steps = whole[row, part["at"]] - whole[row, before]
        return Logits(steps, whole[:, -1])

    def loss(self, seen: Seen) -> torch.Tensor:
        """Binary cross-entropy of the sum."""
        replies = self.logits(seen).replies
        assert replies is not None
        return against(replies, seen.part["right"])

    def rewards(self, seen: Seen) -> torch.Tensor:
        """β log π / π_ref of each token of the replies, float32 (n, t), 0 elsewhere."""
        assert seen.reference is not None, "two policies are compared"
        row, at = seen.part["said"].nonzero(as_tuple=True)
        ids = seen.part["inputs"]["input_ids"][row, at]
        own, other = (logs(each, row, at, ids) for each in (seen.own, seen.reference))
        found = torch.zeros(seen.part["said"].shape, dtype=torch.float32, device=own.device)
        return found.index_put((row, at), self.beta * (own - other))


def logs(of: Spoken, row: torch.Tensor, at: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Log-probability of each token, which the state before it foretells."""
    said = of.words(of.states[row, at - 1]).float().log_softmax(-1)
    return said.gather(1, ids[:, None])[:, 0]
