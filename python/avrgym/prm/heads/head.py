"""What a head is: how a model's last hidden states say whether steps are right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from avrgym.core.extras import needs
from avrgym.prm.batch import Part

with needs("train"):
    import torch
    from torch.nn import functional


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What a model makes of a part.

    Attributes:
        states: Last hidden states behind the final norm, (n, t, d).
        words: Logits over the vocabulary of some states, (…, d) to (…, v).
    """

    states: torch.Tensor
    words: Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Marks:
    """Tokens that a head needs.

    Attributes:
        behind: What is put behind each step.
        words: What it is asked there.
    """

    behind: tuple[int, ...] = ()
    words: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All that a head goes by.

    Attributes:
        part: The rows.
        own: What the judge's model makes of them.
        reference: What the one makes of them that it is compared with, where it is.
        linear: From d, and what the head puts beside, to as many numbers as it asked for; None
            where it asked for none.
        marks: The tokens that it asked for.
    """

    part: Part
    own: Spoken
    reference: Spoken | None
    linear: torch.nn.Linear | None
    marks: Marks

    def read(
        self,
        row: torch.Tensor,
        at: torch.Tensor,
        which: int = 0,
        beside: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """One of the linear layer's numbers at some tokens, float32 (m,).

        Args:
            row: Whose tokens, (m,).
            at: Which of them, (m,).
            which: Of the layer's numbers.
            beside: What the layer goes by besides their states, (m, b).
        """
        assert self.linear is not None, "the head has no layer of its own"
        # A sum of few numbers, which half precision would round by more than they differ.
        with torch.autocast(self.own.states.device.type, enabled=False):
            states = self.own.states[row, at].to(self.linear.weight.dtype)
            if beside is not None:
                states = torch.cat([states, beside.to(states.dtype)], 1)
            said: torch.Tensor = self.linear(states)[:, which]
        return said


@dataclass(frozen=True, slots=True, eq=False)
class Logits:
    """What a head says: scores are their sigmoids.

    Attributes:
        steps: (m,), None where it says nothing of steps.
        replies: (n,), None where it says nothing of replies.
    """

    steps: torch.Tensor | None
    replies: torch.Tensor | None


class Head(Protocol):
    """A frozen dataclass that begins with its ``kind``, as a run's file says it."""

    @property
    def kind(self) -> str:
        """Names the class in a run's file."""
        ...

    @property
    def width(self) -> int:
        """Numbers that a linear layer on the hidden states has to give; 0 for no layer."""
        ...

    @property
    def beside(self) -> int:
        """Numbers that the layer goes by besides a hidden state."""
        ...

    @property
    def compares(self) -> bool:
        """Whether it compares the model with the one that it was."""
        ...

    @property
    def judges(self) -> tuple[bool, bool]:
        """Whether it says something of steps, and of whole replies."""
        ...

    def spelled(self, tokenizer: Any) -> Marks:
        """The tokens that it needs.

        Raises:
            TaskError: The vocabulary has not the tokens that the head needs.
        """
        ...

    def logits(self, seen: Seen) -> Logits:
        """What it says."""
        ...

    def loss(self, seen: Seen) -> torch.Tensor:
        """What is to become less: a number, 0 where nothing has a label."""
        ...


def against(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy, of what has a label alone; 0 of nothing."""
    known = torch.isfinite(labels)
    if not bool(known.any()):
        return logits.sum() * 0.0  # keeps the graph, which processes share
    return functional.binary_cross_entropy_with_logits(logits[known].float(), labels[known].float())
