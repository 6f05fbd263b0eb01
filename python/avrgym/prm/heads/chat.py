"""(b) A word a step: whether ``+`` or ``-`` follows a mark behind it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.prm.heads.head import Logits, Marks, Seen, against

with needs("train"):
    import torch


@dataclass(frozen=True, slots=True)
class Chat:
    """The model's own words as verdicts, all steps of a reply in one pass.

    As VisualPRM (Wang et al. 2025, arXiv 2503.10291) a step is good by the probability of ``+``
    among the two; as in Math-Shepherd (Wang et al. 2024, arXiv 2312.08935) it is asked for by a
    mark that is the same behind every step, so that no verdict is told by an earlier one.

    Attributes:
        kind: Names this kind in a run's file.
        good: What a good step is called, by its first token.
        bad: What a wrong one is called, likewise.
        asks: The mark.
    """

    width: ClassVar[int] = 0
    beside: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    judges: ClassVar[tuple[bool, bool]] = True, False

    kind: Literal["chat"] = "chat"
    good: str = "+"
    bad: str = "-"
    asks: str = "?"

    def __post_init__(self) -> None:
        if not self.asks or not self.good or not self.bad or self.good == self.bad:
            raise TaskError(
                f"good {self.good!r}, bad {self.bad!r} and asks {self.asks!r} must be words, and "
                'the first two differ; give "+", "-" and "?"'
            )

    def spelled(self, tokenizer: Any) -> Marks:
        """The mark, and both words.

        Raises:
            TaskError: The words begin alike.
        """
        behind, good, bad = (
            tuple(tokenizer.encode(word, add_special_tokens=False))
            for word in (self.asks, self.good, self.bad)
        )
        if good[0] == bad[0]:
            raise TaskError(
                f"good {self.good!r} and bad {self.bad!r} begin with one token; give other words"
            )
        return Marks(behind, (good[0], bad[0]))

    def logits(self, seen: Seen) -> Logits:
        """Of steps: how much likelier ``+`` is than ``-``, whose sigmoid is its share of both."""
        said = seen.own.words(seen.own.states[seen.part["row"], seen.part["at"]])
        good, bad = seen.marks.words
        return Logits((said[:, good] - said[:, bad]).float(), None)

    def loss(self, seen: Seen) -> torch.Tensor:
        """Cross-entropy of the two words."""
        steps = self.logits(seen).steps
        assert steps is not None
        return against(steps, seen.part["label"])
