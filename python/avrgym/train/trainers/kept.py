"""What is kept of replies: those that the verifier accepts, few of a prompt, none twice."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from avrgym import rewards
from avrgym.core import facts
from avrgym.core.address import Address
from avrgym.core.verdicts import verify
from avrgym.models.completion import Completion
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

_WHOLE = 1.0 - 1e-9  # points of a reward from 0 to 1 that is paid in full


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept; the attributes are those of :class:`avrgym.train.stages.rft.Rft`."""

    keep: Literal["answer", "steps"] = "steps"
    most: int = 4
    above: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One reply of a round.

    Attributes:
        address: Of what was asked.
        format: In which it was.
        template: How it was worded.
        reply: What was said; bytes that are no UTF-8 stand as U+FFFD.
        correct: Whether it is what was asked for.
        outcome: One of ``avrgym.OUTCOMES``.
        first_error: The first wrong step, None if there is none.
        finish: ``stop`` where it ended by itself.
        kept: Whether it is imitated.
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


def drawn(prompts: Sequence[Prompt], completions: Sequence[Completion], rule: Rule) -> list[Drawn]:
    """Replies with what the verifier said of them, and whether they are kept.

    Args:
        prompts: What was asked, n of them, the same one several times.
        completions: What was said, n of them.
        rule: What is kept.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    replies = [completion.reply for completion in completions]
    formats = [prompt.format.name for prompt in prompts]
    verdicts = verify([prompt.address for prompt in prompts], replies)
    right = rewards.right(verdicts, formats)
    good = np.array([completion.finish == "stop" for completion in completions], bool)
    for reward in ("format", "steps") if rule.keep == "steps" else ("format",):
        good &= rewards.score(verdicts, reward, formats=formats) >= _WHOLE
    if rule.above:
        good &= _lengths([prompt.address for prompt in prompts]) > rule.above
    had: dict[Prompt, set[bytes]] = {}
    found: list[Drawn] = []
    for at, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
        mine = had.setdefault(prompt, set())
        kept = bool(good[at]) and len(mine) < rule.most and reply not in mine and _readable(reply)
        if kept:
            mine.add(reply)
        found.append(
            Drawn(
                address=prompt.address,
                format=formats[at],
                template=prompt.template,
                reply=reply.decode("utf-8", "replace"),
                correct=bool(right[at]),
                outcome=verdicts[at].outcome,
                first_error=verdicts[at].first_error,
                finish=completions[at].finish,
                kept=kept,
            )
        )
    return found


def _lengths(addresses: Sequence[str]) -> np.ndarray:
    """How long problems are, each by the feature that its task names."""
    columns = facts.features(addresses)
    named = [facts.length(Address.parse(address).task) for address in addresses]
    return np.array([columns[name][at] for at, name in enumerate(named)])


def _readable(reply: bytes) -> bool:
    try:
        reply.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
