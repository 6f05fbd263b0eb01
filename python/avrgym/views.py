"""Samples as chat messages: what a model is shown and asked, and what it should reply."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.samples import Sample, Size, parameters, render

View: TypeAlias = Literal["image", "text", "image_via_text", "image_to_text"]
Message: TypeAlias = dict[str, Any]

VIEWS: tuple[str, ...] = ("image", "text", "image_via_text", "image_to_text")

# What follows the question, by style, view and whether a rationale is wanted. Terse prompts are for
# models that learn the format from examples: where only one thing can be meant they add nothing.
_WORKED = "Work it out step by step. End with a line of the form 'Answer: ...'."
_DIRECT = "Reply with one line of the form 'Answer: ...' and nothing else."
_FIRST = "First write the picture down as text."
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
    """A sample in one view: the user's turn, and the reply to learn from."""

    prompt: list[Message]
    completion: list[Message]


def style(address: str) -> str:
    """How rationales are worded at an address, ``full`` or ``terse``."""
    return _style(address.partition("#")[0])


@cache
def _style(setting: str) -> str:
    path, _, overrides = setting.partition("?")
    task, _, level = path.partition("/")
    changed = dict(pair.partition("=")[::2] for pair in overrides.split("&") if pair)
    return changed.get("style") or parameters(task, level).get("style", "full")


def prompt(sample: Sample, view: str = "image", rationale: bool = True) -> str:
    """The words of the user's turn: question, how to reply, and in view ``text`` the twin.

    Args:
        sample: What is asked about.
        view: One of ``VIEWS``.
        rationale: Whether worked steps are wanted before the answer.

    Raises:
        TaskError: No such view.
    """
    _check(view)
    words = sample.question + _INSTRUCTIONS[style(sample.address)][view, rationale]
    return f"{words}\n{sample.twin}" if view == "text" else words


def target(sample: Sample, view: str = "image", rationale: bool = True) -> str:
    """The reply to learn from: correct, and of the form that the prompt asks for.

    Raises:
        TaskError: No such view.
    """
    _check(view)
    if view == "image_to_text":
        return sample.twin
    worked = sample.rationale if rationale else f"Answer: {sample.answer}"
    return f"{sample.twin}\n{worked}" if view == "image_via_text" else worked


def chat(sample: Sample, view: str = "image", rationale: bool = True) -> Chat:
    """A sample as messages, the picture as a placeholder before the words.

    Raises:
        TaskError: No such view.
    """
    words: Message = {"type": "text", "text": prompt(sample, view, rationale)}
    content = [words] if view == "text" else [{"type": "image"}, words]
    return Chat(
        prompt=[{"role": "user", "content": content}],
        completion=[{"role": "assistant", "content": target(sample, view, rationale)}],
    )


def rows(
    samples: Iterable[Sample],
    view: str = "image",
    rationale: bool = True,
    size: Size = 448,
    theme: str = "paper",
) -> list[Row]:
    """Samples as rows for TRL's trainers, pictures drawn in one batch.

    Args:
        samples: What to lay out, n of them.
        view: One of ``VIEWS``.
        rationale: Whether worked steps come before the answer.
        size: Pixels to a side, or (height, width).
        theme: ``paper``, ``varied`` or ``compact``.

    Returns:
        n rows; ``images`` is empty in view ``text``, because ``None`` there breaks TRL.

    Raises:
        TaskError: The view, the theme or the size is wrong.
    """
    samples = list(samples)
    _check(view)
    pictures: list[list[NDArray[np.uint8]]] = [[] for _ in samples]
    if view != "text":
        drawn = render([sample.address for sample in samples], size, theme)
        pictures = [[picture] for picture in drawn]
    laid_out: list[Row] = []
    for sample, images in zip(samples, pictures, strict=True):
        words = chat(sample, view, rationale)
        laid_out.append(
            Row(
                prompt=words.prompt,
                completion=words.completion,
                images=images,
                address=sample.address,
            )
        )
    return laid_out


def _check(view: str) -> None:
    if view not in VIEWS:
        raise TaskError(f'unknown view "{view}"; known views: {", ".join(VIEWS)}')
