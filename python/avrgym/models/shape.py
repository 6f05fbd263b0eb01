"""The sizes of a model made from nothing, and the two sets of them that have names."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Patches: TypeAlias = Literal["learned", "fixed"]
Whitened: TypeAlias = Literal["distinct", "all"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model made from nothing.

    Attributes:
        patch: Pixels to the side of what becomes one token, in every family. With the theme
            ``compact`` and 28 one cell is one token.
        hidden: Width of the tower and of the decoder.
        layers: Of the decoder.
        vision_layers: Of the tower.
        heads: Of either.
        patches: Whether training moves the patch embedding. It must not where few pixels are white:
            one step of Adam on all weights of a dark patch moves its embedding further than the
            embeddings spread, and what whitening made legible is lost.
        whiten_over: Patches that decide the whitening. Over distinct ones, a glyph on another
            background is another axis; over all, in their natural frequency, its axis stays nearly
            the same.
        positions: Length of a position's vector. A whitened patch has the length ``hidden ** 0.5``.
    """

    patch: int = 28
    hidden: int = 64
    layers: int = 2
    vision_layers: int = 1
    heads: int = 2
    patches: Patches = "learned"
    whiten_over: Whitened = "distinct"
    positions: float = 1.0


PRESETS: dict[str, Shape] = {
    # 0.3 million weights: 112 pixels to a side, minutes on one thread.
    "tiny": Shape(),
    # 21 million, of which the vocabulary takes few: 448 pixels are 16 x 16 tokens.
    "small": Shape(hidden=384, layers=6, vision_layers=6, heads=6),
}
