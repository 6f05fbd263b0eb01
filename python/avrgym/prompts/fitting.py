"""Which sizes of pictures a model's image processor leaves as they are."""

import math

from avrgym.prompts.layout import Layout

#: What image processors do, by the families of models that have them.
FAMILIES = {
    "qwen2-vl": Layout.qwen2_vl,
    "qwen2.5-vl": Layout.qwen2_vl,
    "qwen3-vl": Layout.qwen3_vl,
    "siglip": Layout.siglip,
    "clip": Layout.clip,
}


def fitting(made: Layout, height: int, width: int) -> list[tuple[int, int]]:
    """The nearest sizes that are not changed, smaller first; the size itself where it is one."""
    if made.size is not None:
        return [made.size]
    if made.patches is None:
        return [(height, width)]
    block = made.patches.side * made.patches.merge
    near = {made.patches.fitting(height, width)}
    for part in (math.floor, math.ceil):
        near.add((part(height / block) * block, part(width / block) * block))
    if (height, width) in near and made.patches.fitting(height, width) == (height, width):
        return [(height, width)]
    return sorted(
        size for size in near if min(size) >= block and made.patches.fitting(*size) == size
    )


def changed(made: Layout, height: int, width: int) -> list[tuple[int, int]]:
    """The nearest sizes that fit where this one would be resized or padded; none where it fits."""
    fits = fitting(made, height, width)
    return [] if (height, width) in fits else fits
