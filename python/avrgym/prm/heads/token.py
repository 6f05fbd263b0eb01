"""(a) A number a step: linear on the hidden state of the token that ends it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.core.arguments import named
from avrgym.core.extras import needs
from avrgym.prm.batch import Part
from avrgym.prm.heads.head import Logits, Marks, Seen, against
from avrgym.prm.heads.likelihood import of_steps, of_tokens

with needs("train"):
    import torch

_HEARD = "none", "own", "policy"


@dataclass(frozen=True, slots=True)
class Token:
    """A layer on the last hidden states, trained where a step ends.

    Attributes:
        kind: Names this kind in a run's file.
        dense: Trained on every token from the end of the step before on, as in Easy-to-Hard (Sun et
            al. 2024, arXiv 2403.09472); steps are read where they end all the same.
        hears: How likely the step was, which the layer goes by too, as two numbers: the mean
            log-probability of its tokens and the least. To the judge's ``own`` model, as it is
            then; to the ``policy`` that it began as, which is kept beside; or ``none``.
    """

    width: ClassVar[int] = 1
    judges: ClassVar[tuple[bool, bool]] = True, False

    kind: Literal["token"] = "token"
    dense: bool = False
    hears: Literal["none", "own", "policy"] = "none"

    def __post_init__(self) -> None:
        named("hears", self.hears, _HEARD)
        if self.dense and self.hears != "none":
            raise TaskError(
                f'hears "{self.hears}" is of whole steps, and dense of each of their tokens; leave '
                "one of them out"
            )

    @property
    def beside(self) -> int:
        """Two numbers where it hears."""
        return 2 * (self.hears != "none")

    @property
    def compares(self) -> bool:
        """Where it hears the policy."""
        return self.hears == "policy"

    def spelled(self, tokenizer: Any) -> Marks:
        """None."""
        return Marks()

    def logits(self, seen: Seen) -> Logits:
        """Of steps."""
        return Logits(seen.read(seen.part["row"], seen.part["at"], beside=self._heard(seen)), None)

    def loss(self, seen: Seen) -> torch.Tensor:
        """Binary cross-entropy at the ends of steps, or on all of their tokens."""
        if self.hears == "none":
            return step_loss(seen, self.dense)
        logits = self.logits(seen).steps
        assert logits is not None
        return against(logits, seen.part["label"])

    def _heard(self, seen: Seen) -> torch.Tensor | None:
        """float32 (m, 2)."""
        if self.hears == "none":
            return None
        spoken = seen.own if seen.reference is None else seen.reference
        each = of_tokens(spoken, seen.part)
        return torch.stack([of_steps(each, seen.part), _least(each, seen.part)], 1)


def _least(each: torch.Tensor, part: Part) -> torch.Tensor:
    """The least log-probability of a step's tokens, float32 (m,)."""
    place = torch.arange(each.shape[1], device=each.device)
    begin, at = part["begin"][:, None], part["at"][:, None]
    within = (place >= torch.minimum(begin, at)) & (place <= at)
    return each[part["row"]].masked_fill(~within, 0.0).amin(1)


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
