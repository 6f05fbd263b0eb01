"""Rows in words and pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import named
from avrgym.core.pictures import THEMES, Picture, Size
from avrgym.mixtures.order import Item
from avrgym.mixtures.parts import Mixture
from avrgym.prompts import prompt
from avrgym.prompts.formats import Chat, Row


def chats(mixture: Mixture, items: Sequence[Item]) -> list[Chat]:
    """The words of items, in the mixture's template, rationales as far as they are kept."""
    return prompt.chats([item.prompt for item in items])


def rows(
    mixture: Mixture,
    items: Sequence[Item],
    size: Size = 448,
    theme: str = "paper",
    out: NDArray[np.uint8] | None = None,
    *,
    insist: bool = False,
) -> list[Row]:
    """Items as rows for TRL's trainers, their pictures drawn in one batch.

    Args:
        mixture: What the items were drawn from.
        items: What to lay out, n of them.
        size: Pixels to a side, or (height, width).
        theme: ``paper``, ``varied`` or ``compact``.
        out: Where to draw, as :func:`avrgym.render` takes it: one picture for each item whose
            format shows one. Made if not given.
        insist: As in :func:`avrgym.render`.

    Returns:
        n rows; ``images`` is empty where the format shows no picture.

    Raises:
        TaskError: The theme or the size is wrong.
    """
    picture = Picture(size, named("theme", theme, THEMES), insist)
    return prompt.rows([item.prompt for item in items], picture, out)
