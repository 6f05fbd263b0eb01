"""What a model's image processor does to pictures, as values: sizes, patches, normalisation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError

Triple: TypeAlias = tuple[float, float, float]
Dtype: TypeAlias = Literal["float32", "float16", "bfloat16"]

_CLIP_MEAN: Triple = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD: Triple = (0.26862954, 0.26130258, 0.27577711)
_HALF: Triple = (0.5, 0.5, 0.5)
_NO_BOUND = 1 << 62

# What holds the numbers of each dtype: numpy has no bfloat16, so its bits stand for it.
_HELD: dict[str, type[np.generic]] = {
    "float32": np.float32,
    "float16": np.float16,
    "bfloat16": np.uint16,
}


@dataclass(frozen=True, slots=True)
class Patches:
    """How a Qwen-VL processor cuts a picture, and which sizes it leaves as they are.

    Attributes:
        side: Pixels to a patch's side, 14 or 16.
        merge: Patches to the side of a block that the model merges to one token.
        frames: How often each channel is given: the temporal patch size.
        least: Pixels of the smallest picture that is not enlarged.
        most: Pixels of the largest picture that is not reduced.
    """

    side: int = 14
    merge: int = 2
    frames: int = 2
    least: int = 56 * 56
    most: int = 28 * 28 * 16384

    def __post_init__(self) -> None:
        if self.side not in (14, 16) or self.merge < 1 or self.frames < 1:
            raise TaskError(f"{self} cannot be; patches have sides of 14 or 16 pixels")

    def fitting(self, height: int, width: int) -> tuple[int, int]:
        """The height and width in pixels to which the processor would resize such a picture."""
        block = self.side * self.merge
        # Python's round, halves to even, as in the processors.
        tall, wide = (round(length / block) * block for length in (height, width))
        if tall * wide > self.most:
            scale = math.sqrt(height * width / self.most)
            tall, wide = (
                max(block, math.floor(length / scale / block) * block) for length in (height, width)
            )
        elif tall * wide < self.least:
            scale = math.sqrt(self.least / (height * width))
            tall, wide = (math.ceil(length * scale / block) * block for length in (height, width))
        return tall, wide


@dataclass(frozen=True, slots=True)
class Layout:
    """What a model's image processor does to a picture of the right size.

    Attributes:
        mean: Subtracted from each channel after rescaling, red first.
        std: What the difference is divided by.
        rescale: What bytes are multiplied with.
        patches: How the picture is cut; planes if not given.
        size: The one (height, width) in pixels that is not resized; any that fits if not given.
    """

    mean: Triple = _HALF
    std: Triple = _HALF
    rescale: float = 1 / 255
    patches: Patches | None = None
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if 0 in self.std:
            raise TaskError(f"std {self.std} divides by zero; give 1 for a channel as it is")

    @classmethod
    def qwen2_vl(cls) -> Self:
        """Qwen2-VL and Qwen2.5-VL as published: patches of 14, 56 * 56 to 28 * 28 * 16384 pixels.

        The class's own default for the largest picture is 28 * 28 * 1280; see
        :meth:`from_processor`.
        """
        return cls(_CLIP_MEAN, _CLIP_STD, patches=Patches())

    @classmethod
    def qwen3_vl(cls) -> Self:
        """Qwen3-VL as published: patches of 16, 256 * 256 to 4096 * 4096 pixels."""
        return cls(patches=Patches(side=16, least=256 * 256, most=4096 * 4096))

    @classmethod
    def siglip(cls, side: int = 224) -> Self:
        """SigLIP for square pictures of ``side`` pixels, as in the checkpoint's name."""
        return cls(size=(side, side))

    @classmethod
    def clip(cls, side: int = 224) -> Self:
        """CLIP for square pictures of ``side`` pixels, as in the checkpoint's name."""
        return cls(_CLIP_MEAN, _CLIP_STD, size=(side, side))

    @classmethod
    def from_processor(cls, processor: Any) -> Self:
        """The layout of an image processor of ``transformers``, or of a processor that has one.

        Args:
            processor: A ``Qwen2VLImageProcessor`` (which serves Qwen2-VL, 2.5, 3 and 3.5),
                ``SiglipImageProcessor`` or ``CLIPImageProcessor``, of any backend, or whatever
                holds one as ``image_processor``. Settings given to its call are not known here.

        Raises:
            TaskError: It is another class, or set to do what is not done here.
        """
        processor = getattr(processor, "image_processor", processor)
        name = type(processor).__name__
        kind = name.removesuffix("Fast").removesuffix("Pil")
        if kind not in _KINDS:
            raise TaskError(
                f"{name} is not known; known image processors: {', '.join(_KINDS)} "
                "(build a Layout by hand for others)"
            )
        normalise, resize = processor.do_normalize, processor.do_resize
        layout = cls(
            mean=_triple(processor.image_mean) if normalise else (0.0, 0.0, 0.0),
            std=_triple(processor.image_std) if normalise else (1.0, 1.0, 1.0),
            rescale=processor.rescale_factor if processor.do_rescale else 1.0,
        )
        size = {key: value for key, value in dict(processor.size or {}).items() if value}
        if kind == "Qwen2VLImageProcessor":
            patches = Patches(
                processor.patch_size,
                processor.merge_size,
                processor.temporal_patch_size,
                size["shortest_edge"] if resize else 1,
                size["longest_edge"] if resize else _NO_BOUND,
            )
            return cls(layout.mean, layout.std, layout.rescale, patches)
        left = _left_alone(processor, name, size if resize else {})
        return cls(layout.mean, layout.std, layout.rescale, size=left)

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        """The shape of the numbers of one picture.

        Raises:
            TaskError: The processor would resize such a picture; the message names the next size
                that it leaves as it is.
        """
        if self.size is not None and (height, width) != self.size:
            raise TaskError(
                f"picture size {height} x {width} does not fit this layout; "
                f"it takes {self.size[0]} x {self.size[1]} pixels"
            )
        if self.patches is None:
            return (3, height, width)
        tall, wide = self.patches.fitting(height, width)
        if (height, width) != (tall, wide):
            raise TaskError(
                f"picture size {height} x {width} would be resized; the next size that fits "
                f"{self._rule()} is {tall} x {wide}"
            )
        side = self.patches.side
        count = (height // side) * (width // side)
        return (count, 3 * self.patches.frames * side * side)

    def _rule(self) -> str:
        assert self.patches is not None
        block = self.patches.side * self.patches.merge
        rule = f"(sides multiples of {block}"
        if self.patches.most < _NO_BOUND:
            rule += f", {self.patches.least} to {self.patches.most} pixels"
        return f"{rule})"

    @overload
    def tables(self, dtype: Literal["float32"] = "float32") -> NDArray[np.float32]: ...
    @overload
    def tables(self, dtype: Dtype) -> NDArray[Any]: ...
    def tables(self, dtype: Dtype = "float32") -> NDArray[Any]:
        """For each channel, red first, what becomes of each byte: (3, 256).

        Args:
            dtype: ``float32``, or what that is rounded to, to nearest and ties to even:
                ``float16``, or ``bfloat16``, the bits of which come as uint16.

        Raises:
            TaskError: No such dtype.
        """
        held = held_by(dtype)
        bytes_ = np.arange(256) * self.rescale
        mean, std = np.asarray(self.mean)[:, None], np.asarray(self.std)[:, None]
        single = np.ascontiguousarray((bytes_ - mean) / std, np.float32)
        if dtype != "bfloat16":
            return single.astype(held, copy=False)
        bits = single.view(np.uint32)
        # The upper half of the bits; one more if the lower half is above its middle, or there and
        # the upper half is odd.
        return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(held)


_KINDS = ("Qwen2VLImageProcessor", "SiglipImageProcessor", "CLIPImageProcessor")


def held_by(dtype: str) -> type[np.generic]:
    """The numpy type that holds numbers of a dtype."""
    if dtype not in _HELD:
        raise TaskError(f"dtype {dtype!r} is not known; known: {', '.join(_HELD)}")
    return _HELD[dtype]


def _triple(value: float | Sequence[float]) -> Triple:
    """One number for all channels, or one for each."""
    red, green, blue = value if isinstance(value, Sequence) else (value,) * 3
    return (float(red), float(green), float(blue))


def _left_alone(processor: Any, name: str, size: Mapping[str, int]) -> tuple[int, int] | None:
    """The (height, width) that a processor of planes neither resizes, crops nor pads, if one."""
    if getattr(processor, "do_pad", None):
        raise TaskError(f"{name} pads pictures, which is not done here; set do_pad=False")
    crop = None
    if getattr(processor, "do_center_crop", None):
        crop = (processor.crop_size["height"], processor.crop_size["width"])
    if not size:
        return crop
    if "height" in size:
        left = (size["height"], size["width"])
    elif set(size) == {"shortest_edge"} and crop is not None and min(crop) == size["shortest_edge"]:
        left = crop
    else:
        left = None
    if left is None or crop not in (None, left):
        raise TaskError(
            f"{name} with size {dict(size)} and crop {crop} leaves no one size of pictures as it "
            "is; give it a size of a height and a width"
        )
    return left
