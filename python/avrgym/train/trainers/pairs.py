"""Pairs of a model's own replies: a right one, and a wrong one up to its first wrong step.

The wrong reply is cut after its first wrong step, and paired with the right reply that shares the
longest beginning with it. Where two replies agree their tokens cancel in the loss, so the
preference lands on the step where they part.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from avrgym import rewards
from avrgym.core.pictures import Picture
from avrgym.core.verdicts import verify
from avrgym.prompts.prompt import Prompt
from avrgym.prompts.prompt import rows as prompt_rows
from avrgym.stream.rows import with_pillow


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two replies to a prompt.

    Attributes:
        prompt: What was asked.
        chosen: A right reply.
        rejected: A wrong one, up to its first wrong step.
        cut: Whether it went on from there.
    """

    prompt: Prompt
    chosen: bytes
    rejected: bytes
    cut: bool

    def row(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """The pair in the columns of TRL's DPO trainer.

        Args:
            shown: The prompt's row, with ``prompt`` and ``images``.

        Returns:
            ``prompt``, ``images``, ``chosen``, ``rejected`` (messages), and ``cut``, which
            :class:`avrgym.train.trainers.unended.Unended` reads.
        """
        return {
            "prompt": shown["prompt"],
            "images": shown["images"],
            "chosen": _said(self.chosen),
            "rejected": _said(self.rejected),
            "cut": self.cut,
        }


def rows(pairs: Sequence[Contrast], picture: Picture) -> list[dict[str, Any]]:
    """Pairs as rows for TRL's DPO trainer, pictures Pillow's; see :meth:`Contrast.row`.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
    """
    shown = prompt_rows([pair.prompt for pair in pairs], picture)
    return [pair.row(with_pillow(row)) for pair, row in zip(pairs, shown, strict=True)]


def contrasts(prompts: Sequence[Prompt], said: Sequence[bytes]) -> Iterator[Contrast]:
    """Of a prompt with right and wrong replies one contrast for each distinct wrong one.

    Args:
        prompts: What was asked, the same one several times.
        said: A reply to each.
    """
    right: dict[Prompt, dict[bytes, None]] = {}
    wrong: dict[Prompt, dict[bytes, bool]] = {}
    verdicts = verify([prompt.address for prompt in prompts], said)
    found = rewards.right(verdicts, [prompt.format.name for prompt in prompts])
    for prompt, reply, verdict, good in zip(prompts, said, verdicts, found, strict=True):
        first = verdict.first_error
        if good and first is None:
            right.setdefault(prompt, {})[reply] = None
        elif not good:
            end = len(reply) if first is None else verdict.steps[first].end
            wrong.setdefault(prompt, {}).setdefault(reply[:end], end < len(reply))
    for prompt, chosen in right.items():
        for reply, cut in wrong.get(prompt, {}).items():
            yield Contrast(prompt, max(chosen, key=partial(shared, reply)), reply, cut)


def shared(one: bytes, other: bytes) -> int:
    """Bytes until two replies part."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _said(reply: bytes) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": reply.decode("utf-8", "replace")}]
