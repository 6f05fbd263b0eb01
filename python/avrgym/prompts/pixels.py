"""Pictures as a model takes them: normalised, in patches or planes, straight from addresses.

What a ``transformers`` image processor makes of a picture, without the picture and without the
processor: equal to it within the rounding of float32, tested against the real classes. Pictures
are drawn at the size the model sees, so nothing is ever resized; a size that the processor would
change is refused. Numbers can be had in half precision, in which models are run.
"""

import math
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.address import Addresses, spelled
from avrgym.core.arguments import named, truth
from avrgym.core.pictures import CHUNK, THEMES, Size, sides
from avrgym.prompts.layout import Dtype, Layout, held_by

Number = TypeVar("Number", bound=np.generic)


class Pixels(TypedDict, Generic[Number]):
    """Keyword arguments of a model; ``n`` pictures of ``height`` by ``width`` pixels.

    Attributes:
        pixel_values: float32, float16, or uint16 for the bits of bfloat16; patches: (n * patches a
            picture, 3 * frames * side * side), planes: (n, 3, height, width).
        image_grid_thw: int64 (n, 3), of each picture 1, its rows and its columns of patches;
            not there for planes.
    """

    pixel_values: NDArray[Number]
    image_grid_thw: NotRequired[NDArray[np.int64]]


@overload
def pixels(
    addresses: Addresses,
    layout: Layout,
    size: Size | None = None,
    theme: str = "paper",
    out: NDArray[np.float32] | None = None,
    *,
    dtype: Literal["float32"] = "float32",
    insist: bool = False,
) -> Pixels[np.float32]: ...
@overload
def pixels(
    addresses: Addresses,
    layout: Layout,
    size: Size | None = None,
    theme: str = "paper",
    out: NDArray[np.float16] | None = None,
    *,
    dtype: Literal["float16"],
    insist: bool = False,
) -> Pixels[np.float16]: ...
@overload
def pixels(
    addresses: Addresses,
    layout: Layout,
    size: Size | None = None,
    theme: str = "paper",
    out: NDArray[np.uint16] | None = None,
    *,
    dtype: Literal["bfloat16"],
    insist: bool = False,
) -> Pixels[np.uint16]: ...
def pixels(
    addresses: Addresses,
    layout: Layout,
    size: Size | None = None,
    theme: str = "paper",
    out: NDArray[Any] | None = None,
    *,
    dtype: Dtype = "float32",
    insist: bool = False,
) -> Pixels[Any]:
    """The input of a model for pictures of samples.

    Args:
        addresses: Samples, n of them.
        layout: What the model takes.
        size: Pixels to a side, or (height, width), each from 64 to 4096; if not given, that of the
            layout, or 448.
        theme: ``paper``, ``varied`` or ``compact``.
        out: Where to write ``pixel_values``: of their shape and numpy's dtype for ``dtype``,
            C-contiguous; made if not given. A buffer that is used again saves the time it takes to
            get memory.
        dtype: ``float32``, ``float16``, or ``bfloat16``, which numpy does not have: its bits come
            as uint16, and ``torch.from_numpy(values).view(torch.bfloat16)`` is the tensor. Models
            are run in half precision, and it halves what is written, kept and sent to the GPU. The
            numbers are those of float32 as ``.to`` of torch rounds them.
        insist: As in :func:`avrgym.render`.

    Returns:
        ``pixel_values``, which is ``out``, and for patches ``image_grid_thw``: what the processor
        returns for the pictures of :func:`avrgym.render`, as numpy arrays.

    Raises:
        TaskError: An address, the theme, the dtype or a size is wrong, a picture could not be
            read, or ``out`` has another shape.
        TypeError: ``out`` has another dtype, is read-only, or not C-contiguous.
    """
    addresses = spelled(addresses)
    theme = named("theme", theme, THEMES)
    held = np.dtype(held_by(dtype))
    height, width = sides(size or layout.size or 448)
    if not truth("insist", insist):
        _core.check_legible(addresses, (height, width), theme)
    each = layout.shape(height, width)
    patches = layout.patches
    shape = (len(addresses) * each[0], each[1]) if patches else (len(addresses), *each)
    if out is None:
        out = np.empty(shape, held)
    elif out.dtype != held:
        raise TypeError(f"out has dtype {out.dtype}; numbers in {dtype} need {held}")
    elif not out.flags.c_contiguous or not out.flags.writeable:
        raise TypeError("out must be C-contiguous and writeable")
    elif out.shape != shape:
        raise TaskError(f"out has shape {out.shape}; these pictures need {shape}")
    cut = None if patches is None else (patches.side, patches.merge, patches.frames)
    # The core takes halves as bits, whatever they mean.
    bits: Any = np.float32 if dtype == "float32" else np.uint16
    flat, tables = out.reshape(-1).view(bits), layout.tables(dtype).view(bits)
    numbers = math.prod(each)
    for start in range(0, max(len(addresses), 1), CHUNK):
        part = flat[start * numbers : (start + CHUNK) * numbers]
        chunk = addresses[start : start + CHUNK]
        _core.pixels(chunk, (height, width), theme, tables, cut, part)
    if patches is None:
        return {"pixel_values": out}
    grid = (1, height // patches.side, width // patches.side)
    return {
        "pixel_values": out,
        "image_grid_thw": np.tile(np.array(grid, np.int64), (len(addresses), 1)),
    }
