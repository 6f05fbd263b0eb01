"""Rows in words and pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avrgym.mixtures.order import Item
from avrgym.mixtures.parts import Mixture
from avrgym.samples import Size, render, samples
from avrgym.views import Chat, Row, chat, row


def chats(mixture: Mixture, items: Sequence[Item]) -> list[Chat]:
    """The words of items, in the mixture's template, rationales as far as they are kept."""
    drawn = samples(item.address for item in items)
    return [
        chat(sample, item.format.view, item.format.rationale, mixture.template, item.kept)
        for item, sample in zip(items, drawn, strict=True)
    ]


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
    pictured = [item.address for item in items if item.format.pictured]
    pictures = iter(render(pictured, size, theme, out, insist=insist))
    return [
        row(item.address, words, next(pictures) if item.format.pictured else None)
        for item, words in zip(items, chats(mixture, items), strict=True)
    ]
