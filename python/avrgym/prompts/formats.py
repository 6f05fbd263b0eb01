"""Samples as chat messages: what a model is shown and asked, and what it should reply."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.address import Address, setting_of
from avrgym.core.facts import about
from avrgym.core.pictures import Size, render
from avrgym.core.samples import Sample, parameters
from avrgym.prompts.format import Format
from avrgym.prompts.templates import chosen, reworded

Message: TypeAlias = dict[str, Any]

# What follows the question, by style, what is shown and whether a rationale is wanted. Terse
# prompts are for models that learn from examples: where only one thing can be meant they add
# nothing.
_WORKED = "Work it out step by step. End with a line of the form 'Answer: ...'."
_DIRECT = "Reply with one line of the form 'Answer: ...' and nothing else."
_FIRST = "First write the picture down as text."
_TAGS = "Close each section, as in </transcribe>, and put every tag on a line of its own."
_ONLY = "Do not solve it: write the picture down as text and nothing else."
_INSTRUCTIONS: dict[str, dict[tuple[str, bool], str]] = {
    "full": {
        ("image", True): f"\n\n{_WORKED}",
        ("image", False): f"\n\n{_DIRECT}",
        ("text", True): f"\n\n{_WORKED}",
        ("text", False): f"\n\n{_DIRECT}",
        ("image_via_text", True): f"\n\n{_FIRST} Then work it out step by step. "
        "End with a line of the form 'Answer: ...'.",
        ("image_via_text", False): f"\n\n{_FIRST} Then reply with one line of the form "
        "'Answer: ...' and nothing else.",
        ("image_to_text", True): f"\n\n{_ONLY}",
        ("image_to_text", False): f"\n\n{_ONLY}",
        ("structured", True): "\n\nReply in four sections: <plan> what is to be done, <transcribe> "
        f"the picture as text, <reason> the steps, <answer> the answer. {_TAGS}",
        ("structured", False): "\n\nReply in two sections and nothing else: <transcribe> the "
        f"picture as text, <answer> the answer. {_TAGS}",
    },
    "terse": {
        ("image", True): "",
        ("image", False): " Answer only.",
        ("text", True): "",
        ("text", False): " Answer only.",
        ("image_via_text", True): " Text first.",
        ("image_via_text", False): " Text first, answer only.",
        ("image_to_text", True): " Text only.",
        ("image_to_text", False): " Text only.",
        ("structured", True): " In sections.",
        ("structured", False): " In sections, answer only.",
    },
}


class Row(TypedDict):
    """One row of a conversational dataset as TRL reads it.

    Attributes:
        prompt: Messages; ``{"type": "image"}`` stands where the picture goes.
        completion: Messages; left out by trainers that sample their own.
        images: No picture or one, uint8, shape (h, w, 3), RGB.
        address: What :mod:`avrgym.rewards` judges by.
    """

    prompt: list[Message]
    completion: list[Message]
    images: list[NDArray[np.uint8]]
    address: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A sample in one format: the user's turn, and the reply to learn from."""

    prompt: list[Message]
    completion: list[Message]


def style(address: str) -> str:
    """How rationales are worded at an address, ``full`` or ``terse``."""
    return _style(setting_of(address))


@cache
def _style(setting: str) -> str:
    at = Address.parse(f"{setting}#train:0:0")
    return dict(at.params).get("style") or parameters(at.task, at.level).get("style", "full")


def prompt(
    sample: Sample,
    format: str | Format = "image",
    rationale: bool = True,
    template: str = "plain",
) -> str:
    """The words of the user's turn: question, how to reply, and in format ``text`` the twin.

    Args:
        sample: What is asked about.
        format: One of ``avrgym.FORMATS``, or that with ``-direct`` behind it.
        rationale: Whether worked steps are wanted before the answer; ``-direct`` wants none.
        template: One of ``avrgym.TEMPLATES``, or ``any``: one of them by the address.

    Raises:
        TaskError: No such format or template.
    """
    asked = Format.of(format, rationale)
    words = sample.question + _INSTRUCTIONS[style(sample.address)][asked.shown, asked.rationale]
    words = reworded(words, chosen(template, sample.address))
    return words if asked.pictured else f"{words}\n{sample.twin}"


def target(
    sample: Sample,
    format: str | Format = "image",
    rationale: bool = True,
    kept: float = 1.0,
) -> str:
    """The reply to learn from: correct, and of the form that the prompt asks for.

    Args:
        sample: What is asked about.
        format: One of ``avrgym.FORMATS``, or that with ``-direct`` behind it.
        rationale: Whether worked steps come before the answer; behind ``-direct`` none do.
        kept: Share of the rationale's steps that stay, 0 to 1, as :func:`trimmed` counts it.

    Raises:
        TaskError: No such format, or no such share.
    """
    asked = Format.of(format, rationale)
    if asked.transcribes:
        return sample.twin
    if asked.sections:
        return _tagged(sample, asked, kept)
    worked = trimmed(sample, kept) if asked.rationale else f"Answer: {sample.answer}"
    return f"{sample.twin}\n{worked}" if asked.shown == "image_via_text" else worked


def _tagged(sample: Sample, asked: Format, kept: float) -> str:
    """The reply in sections: the task's own sentence, the twin, the steps, the answer."""
    said = {
        "plan": about(sample.task),
        "transcribe": sample.twin,
        "reason": trimmed(sample, kept).rpartition("\n")[0],
        "answer": sample.answer,
    }
    return "\n".join(
        "\n".join(filter(None, (f"<{name}>", said[name], f"</{name}>"))) for name in asked.sections
    )


def trimmed(sample: Sample, kept: float) -> str:
    """A rationale without its leading steps; whole lines go, the final answer always stays.

    Args:
        sample: Whose rationale.
        kept: Share of the steps before the final answer that stay, 0 to 1; a line stays as long
            as one of its steps does.

    Raises:
        TaskError: ``kept`` is no share.
    """
    return sample.rationale.encode()[_cut(sample, kept) :].decode()


def dropped(sample: Sample, kept: float) -> str:
    """The leading lines that :func:`trimmed` leaves out, empty where none are.

    A reply that goes on from there does so with steps that seem to come from nowhere. Behind these
    lines, ``verify([address], [dropped(sample, kept) + reply])``, they are judged in their place;
    the reply's own steps are those that begin at byte ``len(dropped(sample, kept).encode())`` or
    later.

    Args:
        sample: Whose rationale.
        kept: See :func:`trimmed`.

    Raises:
        TaskError: ``kept`` is no share.
    """
    return sample.rationale.encode()[: _cut(sample, kept)].decode()


def _cut(sample: Sample, kept: float) -> int:
    """The byte of the rationale where what is kept begins."""
    if not 0 <= kept <= 1:
        raise TaskError(f"kept {kept} is no share; give 0 to 1")
    if kept == 1:
        return 0
    said = sample.rationale.encode()
    last = said.rfind(b"\n") + 1  # the line of the final answer, which may be all there is
    before = [step for step in sample.steps if step.start < last]
    gone = round(len(before) * (1 - kept))
    return said.rfind(b"\n", 0, before[gone].start) + 1 if gone < len(before) else last


def chat(
    sample: Sample,
    format: str | Format = "image",
    rationale: bool = True,
    template: str = "plain",
    kept: float = 1.0,
) -> Chat:
    """A sample as messages, the picture as a placeholder before the words.

    Args:
        sample: What is asked about.
        format: One of ``avrgym.FORMATS``, or that with ``-direct`` behind it.
        rationale: Whether worked steps come before the answer; behind ``-direct`` none do.
        template: See :func:`prompt`.
        kept: See :func:`target`.

    Raises:
        TaskError: No such format, template or share.
    """
    asked = Format.of(format, rationale)
    words: Message = {"type": "text", "text": prompt(sample, asked, template=template)}
    content = [{"type": "image"}, words] if asked.pictured else [words]
    return Chat(
        prompt=[{"role": "user", "content": content}],
        completion=[{"role": "assistant", "content": target(sample, asked, kept=kept)}],
    )


def rows(
    samples: Iterable[Sample],
    format: str | Format = "image",
    rationale: bool = True,
    size: Size = 448,
    theme: str = "paper",
    *,
    insist: bool = False,
) -> list[Row]:
    """Samples as rows for TRL's trainers, pictures drawn in one batch.

    Args:
        samples: What to lay out, n of them.
        format: One of ``avrgym.FORMATS``, or that with ``-direct`` behind it.
        rationale: Whether worked steps come before the answer; behind ``-direct`` none do.
        size: Pixels to a side, or (height, width).
        theme: ``paper``, ``varied`` or ``compact``.
        insist: As in :func:`avrgym.render`.

    Returns:
        n rows; ``images`` is empty in format ``text``, because ``None`` there breaks TRL.

    Raises:
        TaskError: The format, the theme or the size is wrong.
    """
    samples = list(samples)
    asked = Format.of(format, rationale)
    pictured = [sample.address for sample in samples] if asked.pictured else []
    drawn = iter(render(pictured, size, theme, insist=insist))
    return [
        row(
            sample.address,
            chat(sample, asked),
            next(drawn) if asked.pictured else None,
        )
        for sample in samples
    ]


def row(address: str, words: Chat, picture: NDArray[np.uint8] | None) -> Row:
    """A sample's words and picture, if it shows one, as a row for TRL's trainers."""
    return Row(
        prompt=words.prompt,
        completion=words.completion,
        images=[] if picture is None else [picture],
        address=address,
    )
