"""What a model is asked, as a value, and its words and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avrgym.core.pictures import Picture
from avrgym.core.samples import samples
from avrgym.prompts.format import Format
from avrgym.prompts.formats import Chat, Row, chat, row


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model, and the reply it should learn: a function of these four.

    Attributes:
        address: The canonical address.
        format: What is shown, and whether the reply is worked out.
        template: How it is worded: one of ``avrgym.TEMPLATES``, or ``any``.
        kept: Share of the rationale's steps that the reply keeps, 0 to 1.
    """

    address: str
    format: Format = field(default_factory=Format)
    template: str = "plain"
    kept: float = 1.0


def chats(prompts: Sequence[Prompt]) -> list[Chat]:
    """The words of prompts, in order.

    Raises:
        TaskError: An address names nothing.
    """
    drawn = samples(prompt.address for prompt in prompts)
    return [
        chat(sample, prompt.format, template=prompt.template, kept=prompt.kept)
        for prompt, sample in zip(prompts, drawn, strict=True)
    ]


def rows(
    prompts: Sequence[Prompt], picture: Picture, out: NDArray[np.uint8] | None = None
) -> list[Row]:
    """Prompts as rows for TRL's trainers, their pictures drawn in one batch.

    Args:
        prompts: What to lay out, n of them.
        picture: How to draw.
        out: Where to draw, as :func:`avrgym.render` takes it: one picture for each prompt whose
            format shows one. Made if not given.

    Returns:
        n rows; ``images`` is empty where the format shows no picture, because ``None`` there
        breaks TRL.

    Raises:
        TaskError: An address names nothing, or a picture could not be read.
    """
    shown = [prompt.address for prompt in prompts if prompt.format.pictured]
    drawn = iter(picture.draw(shown, out))
    return [
        row(prompt.address, words, next(drawn) if prompt.format.pictured else None)
        for prompt, words in zip(prompts, chats(prompts), strict=True)
    ]
