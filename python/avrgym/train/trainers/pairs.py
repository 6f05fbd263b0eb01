"""Pairs of a model's own replies: a right one, and a wrong one up to its first wrong step.

The wrong reply is cut after its first wrong step, and paired with the right reply that shares the
longest beginning with it. Where two replies agree their tokens cancel in the loss, so the
preference lands on the step where they part.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from avrgym import rewards
from avrgym.core.pictures import Picture
from avrgym.core.verdicts import Verdicts, verify
from avrgym.prompts.prompt import Prompt
from avrgym.prompts.prompt import rows as prompt_rows
from avrgym.stream.rows import with_pillow
from avrgym.train.pairing import EVERY, Pairing


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two replies to a prompt.

    Attributes:
        prompt: What was asked.
        chosen: A right reply.
        rejected: A wrong one, up to its first wrong step.
        cut: Whether it went on from there.
        chosen_cut: Whether the right one went on too.
        drawn: Places of both among the replies that they were found in; no part of what a pair is.
    """

    prompt: Prompt
    chosen: bytes
    rejected: bytes
    cut: bool
    chosen_cut: bool = False
    drawn: tuple[int, int] = field(default=(-1, -1), compare=False)

    def row(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """The pair in the columns of TRL's DPO trainer.

        Args:
            shown: The prompt's row, with ``prompt`` and ``images``.

        Returns:
            ``prompt``, ``images``, ``chosen``, ``rejected`` (messages), and ``cut`` and
            ``chosen_cut``, which :class:`avrgym.train.trainers.unended.Unended` reads.
        """
        return {
            "prompt": shown["prompt"],
            "images": shown["images"],
            "chosen": _said(self.chosen),
            "rejected": _said(self.rejected),
            "cut": self.cut,
            "chosen_cut": self.chosen_cut,
        }


@dataclass(frozen=True, slots=True)
class Paired:
    """What came of replies.

    Attributes:
        pairs: Those that the rule allows.
        prompts: How many different ones there were.
        mixed: How many of them had both right and wrong replies.
        right: How many replies were right.
        replies: How many there were.
    """

    pairs: list[Contrast]
    prompts: int
    mixed: int
    right: int
    replies: int

    @property
    def lack(self) -> str:
        """Why there may be no pairs, in a sentence without its end."""
        return (
            f"of {self.prompts:,} prompts with {self.replies:,} replies, {self.right:,} of them "
            f"right, {self.mixed:,} had both right and wrong ones, and none makes a pair"
        )


@dataclass(slots=True)
class _Told:
    """Replies to one prompt: how many, how many of them right, and the different ones."""

    total: int = 0
    right: int = 0
    good: dict[bytes, int] = field(default_factory=dict)  # and where it was said
    bad: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)  # up to its first wrong step


def rows(pairs: Sequence[Contrast], picture: Picture) -> list[dict[str, Any]]:
    """Pairs as rows for TRL's DPO trainer, pictures Pillow's; see :meth:`Contrast.row`.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
    """
    shown = prompt_rows([pair.prompt for pair in pairs], picture)
    return [pair.row(with_pillow(row)) for pair, row in zip(pairs, shown, strict=True)]


def contrasts(
    prompts: Sequence[Prompt], said: Sequence[bytes], rule: Pairing = EVERY
) -> Iterator[Contrast]:
    """Of a prompt with right and wrong replies one contrast for each distinct wrong one.

    Args:
        prompts: What was asked, the same one several times.
        said: A reply to each.
        rule: Which contrasts are made.
    """
    yield from paired(prompts, said, rule).pairs


def paired(
    prompts: Sequence[Prompt],
    said: Sequence[bytes],
    rule: Pairing,
    verdicts: Verdicts | None = None,
) -> Paired:
    """The contrasts of replies, and how many there could be; see :func:`contrasts`.

    ``verdicts`` are those on the replies, where they are known.
    """
    told: dict[Prompt, _Told] = {}
    if verdicts is None:
        verdicts = verify([prompt.address for prompt in prompts], said)
    found = rewards.right(verdicts, [prompt.format.name for prompt in prompts])
    judged = zip(prompts, said, verdicts, found, strict=True)
    for place, (prompt, reply, verdict, right) in enumerate(judged):
        own, first = told.setdefault(prompt, _Told()), verdict.first_error
        own.total, own.right = own.total + 1, own.right + bool(right)
        if right and (first is None or rule.cut == "none"):
            own.good.setdefault(reply, place)
        elif not right:
            ends = first is not None and rule.cut == "first_error"
            end = verdict.steps[first].end if ends and first is not None else len(reply)
            own.bad.setdefault(reply[:end], (reply, place))
    pairs = [pair for prompt, own in told.items() for pair in _pairs(prompt, own, rule)]
    mixed = sum(0 < own.right < own.total for own in told.values())
    return Paired(pairs, len(told), mixed, int(found.sum()), len(said))


def _pairs(prompt: Prompt, told: _Told, rule: Pairing) -> list[Contrast]:
    low, high = rule.accuracy
    if not low <= told.right / told.total <= high:
        return []
    made: dict[Contrast, None] = {}
    for turn, (wrong, (whole, place)) in enumerate(told.bad.items()):
        good = [right for right in told.good if _comparable(right, whole, rule.ratio)]
        if not good or len(made) == rule.most:
            continue
        near = max(good, key=partial(shared, wrong))
        right = near if rule.cut == "first_error" else good[turn % len(good)]
        chosen, rejected = (_shortened(each, rule.words) for each in (right, wrong))
        if chosen != rejected:
            cut, chosen_cut = len(rejected) < len(whole), len(chosen) < len(right)
            drawn = told.good[right], place
            made.setdefault(Contrast(prompt, chosen, rejected, cut, chosen_cut, drawn))
    return list(made)


def _comparable(one: bytes, other: bytes, ratio: float) -> bool:
    short, long = sorted((len(one), len(other)))
    return not ratio or long <= ratio * short


def _shortened(reply: bytes, words: int) -> bytes:
    """A reply up to the end of its so manyth word; of 0 all of it."""
    found = re.match(rb"(?:\s*\S+){%d}" % words, reply) if words else None
    return reply if found is None else found[0]


def shared(one: bytes, other: bytes) -> int:
    """Bytes until two replies part."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _said(reply: bytes) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": reply.decode("utf-8", "replace")}]
