"""Whether the image processor of a named model would change pictures of a size."""

import math
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.prompts.layout import Layout

_KNOWN = {
    "qwen2-vl": Layout.qwen2_vl,
    "qwen2.5-vl": Layout.qwen2_vl,
    "qwen3-vl": Layout.qwen3_vl,
    "siglip": Layout.siglip,
    "clip": Layout.clip,
}


def layout(name: str) -> Layout:
    """What a processor does, by a model's family, or from a folder as ``save_pretrained`` writes.

    Raises:
        TaskError: It is neither, or the folder's processor is not known.
    """
    if name.lower() in _KNOWN:
        return _KNOWN[name.lower()]()
    if not Path(name, "preprocessor_config.json").is_file():
        raise TaskError(
            f'--processor: no "{name}"; give one of {", ".join(_KNOWN)}, '
            "or a folder with a preprocessor_config.json"
        )
    try:
        from transformers import AutoImageProcessor
    except ImportError:
        raise TaskError(
            "a folder for --processor needs transformers; pip install 'avrgym[train]'"
        ) from None
    factory: Any = AutoImageProcessor
    return Layout.from_processor(factory.from_pretrained(name, local_files_only=True))


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


def warning(name: str, height: int, width: int) -> str | None:
    """What to say where the processor would resize or pad; else None."""
    fits = fitting(layout(name), height, width)
    if (height, width) in fits:
        return None
    sizes = " or ".join(f"{tall} x {wide}" for tall, wide in fits)
    return f"{name} would resize pictures of {height} x {width} pixels; --size that fits: {sizes}"
