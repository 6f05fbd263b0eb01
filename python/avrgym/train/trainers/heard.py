"""The replies of a round with what the verifier said of them, judged in one call."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym import rewards
from avrgym.core.verdicts import Verdicts, verify
from avrgym.models.completion import Completion
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said to prompts.

    Attributes:
        prompts: What was asked, n of them, the same one several times.
        completions: What was said, n of them.
        verdicts: What the verifier says of each.
        right: Whether each is what was asked for, bool (n,).
    """

    prompts: Sequence[Prompt]
    completions: Sequence[Completion]
    verdicts: Verdicts
    right: NDArray[np.bool_]

    @property
    def said(self) -> list[bytes]:
        """The replies alone."""
        return [completion.reply for completion in self.completions]

    @property
    def formats(self) -> list[str]:
        """Names of the formats that were asked in."""
        return [prompt.format.name for prompt in self.prompts]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One reply of a round, as the record has it.

    Attributes:
        address: Of what was asked.
        format: In which it was.
        template: How it was worded.
        reply: What was said; bytes that are no UTF-8 stand as U+FFFD.
        correct: Whether it is what was asked for.
        outcome: One of ``avrgym.OUTCOMES``.
        first_error: The first wrong step, None if there is none.
        finish: ``stop`` where it ended by itself.
        kept: Whether something is learned from it.
    """

    address: str
    format: str
    template: str
    reply: str
    correct: bool
    outcome: str
    first_error: int | None
    finish: str
    kept: bool

    @property
    def prompt(self) -> Prompt:
        """What was asked."""
        return Prompt(self.address, Format.parse(self.format), self.template)

    def row(self, shown: dict[str, Any]) -> dict[str, Any]:
        """A row for TRL's trainers with the reply as completion; ``shown`` is the prompt's own."""
        return {**shown, "completion": [{"role": "assistant", "content": self.reply}]}

    def line(self) -> dict[str, Any]:
        """Plain values by name."""
        return asdict(self)


def heard(prompts: Sequence[Prompt], completions: Sequence[Completion]) -> Heard:
    """Judges replies.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    said = [completion.reply for completion in completions]
    verdicts = verify([prompt.address for prompt in prompts], said)
    right = rewards.right(verdicts, [prompt.format.name for prompt in prompts])
    return Heard(prompts, completions, verdicts, right)


def told(of: Heard, kept: Sequence[bool]) -> list[Drawn]:
    """Replies as the record has them, and whether each is kept."""
    return [
        Drawn(
            address=prompt.address,
            format=prompt.format.name,
            template=prompt.template,
            reply=completion.reply.decode("utf-8", "replace"),
            correct=bool(of.right[at]),
            outcome=of.verdicts[at].outcome,
            first_error=of.verdicts[at].first_error,
            finish=completion.finish,
            kept=kept[at],
        )
        for at, (prompt, completion) in enumerate(zip(of.prompts, of.completions, strict=True))
    ]
