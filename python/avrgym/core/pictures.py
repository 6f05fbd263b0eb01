"""Pictures of samples: drawn, as files, and how small they may be."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.address import Address, Addresses, setting_of, spelled
from avrgym.core.arguments import integer, named, quoted, truth

Theme: TypeAlias = Literal["paper", "varied", "compact"]
Encoding: TypeAlias = Literal["png", "jpeg"]
Size: TypeAlias = int | tuple[int, int]

THEMES: tuple[str, ...] = tuple(_core.THEMES)
ENCODINGS: tuple[str, ...] = get_args(Encoding)

# Between chunks Python sees Ctrl-C.
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Picture:
    """How the core draws: the one value that says it for all that show pictures together.

    Attributes:
        size: Pixels to a side, or (height, width), each from 64 to 4096.
        theme: ``paper``, ``varied`` or ``compact``.
        insist: Whether to draw what is too small to be read; see :func:`legible_size`.

    Raises:
        TaskError: One of them is out of its range.
    """

    size: Size = 448
    theme: str = "paper"
    insist: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sides(self.size))
        named("theme", self.theme, THEMES)
        truth("insist", self.insist)

    @property
    def height(self) -> int:
        """Pixels."""
        return sides(self.size)[0]

    @property
    def width(self) -> int:
        """Pixels."""
        return sides(self.size)[1]

    def check(self, addresses: Addresses) -> None:
        """Complains of pictures that could not be read, unless that is insisted on.

        Args:
            addresses: Addresses, or what they begin with.

        Raises:
            TaskError: It names the level and the smallest size that will do.
        """
        if not self.insist:
            check_legible(addresses, self.size, self.theme)

    def draw(self, addresses: Addresses, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Pictures of samples, uint8, shape (n, height, width, 3); see :func:`render`."""
        return render(addresses, self.size, self.theme, out, insist=self.insist)


def render(
    addresses: Addresses,
    size: Size = 448,
    theme: str = "paper",
    out: NDArray[np.uint8] | None = None,
    *,
    insist: bool = False,
) -> NDArray[np.uint8]:
    """Pictures of samples.

    Args:
        addresses: Samples to draw, n of them.
        size: Pixels to a side, or (height, width), each from 64 to 4096.
        theme: ``paper``, ``varied`` or ``compact``.
        out: Where to draw: uint8, C-contiguous, shape (n, height, width, 3); made if not given,
            else its own height and width count.
        insist: Whether to draw what is too small to be read, instead of an error that names the
            smallest size that is not; see :func:`legible_size`.

    Returns:
        ``out``: RGB, 0 to 255, rows top to bottom.

    Raises:
        TaskError: An address, the theme or a size is wrong, or a picture could not be read.
        TypeError: ``out`` has another dtype or rank, is read-only, or not C-contiguous.
    """
    addresses = spelled(addresses)
    if out is None:
        out = np.empty((len(addresses), *sides(size), 3), np.uint8)
    elif out.dtype != np.uint8 or out.ndim != 4:
        raise TypeError(f"out must be uint8 of rank 4, not {out.dtype} of rank {out.ndim}")
    if len(addresses) != len(out):
        raise TaskError(f"out holds {len(out)} pictures; {len(addresses)} addresses were given")
    theme = named("theme", theme, THEMES)
    _core.render(addresses[:0], out[:0], theme)  # a bad buffer is an error before anything else
    if not truth("insist", insist):
        _core.check_legible(addresses, out.shape[1:3], theme)
    for start in range(0, len(addresses), CHUNK):
        _core.render(addresses[start : start + CHUNK], out[start : start + CHUNK], theme)
    return out


def encode(
    addresses: Addresses,
    size: Size = 448,
    theme: str = "paper",
    encoding: str = "png",
    quality: int = 90,
    *,
    insist: bool = False,
) -> list[bytes]:
    """Pictures of samples as files.

    A PNG has a palette where the picture has at most 256 colors, else true color; decoded, it is
    what :func:`render` draws. A JPEG has full color resolution. The bytes are the same on every
    platform and number of threads.

    Args:
        addresses: Samples to draw, n of them.
        size: Pixels to a side, or (height, width), each from 64 to 4096.
        theme: ``paper``, ``varied`` or ``compact``.
        encoding: ``png`` or ``jpeg``.
        quality: Of a JPEG, 1 to 100; a PNG has none.
        insist: As in :func:`render`.

    Returns:
        n files.

    Raises:
        TaskError: An address, the theme, a size, the encoding or the quality is wrong, or a picture
            could not be read.
    """
    addresses = spelled(addresses)
    shape, theme = sides(size), named("theme", theme, THEMES)
    encoding = named("encoding", encoding, ENCODINGS)
    quality = integer("quality", quality)
    if not truth("insist", insist):
        _core.check_legible(addresses, shape, theme)
    files: list[bytes] = []
    for start in range(0, max(len(addresses), 1), CHUNK):
        chunk = addresses[start : start + CHUNK]
        files += _core.encode(chunk, shape, theme, encoding, quality)
    return files


def legible_size(level: str | Address, theme: str = "paper") -> int:
    """The smallest square picture of a level that can be read, in pixels to a side, 64 to 4096.

    At this size and at larger ones any two values of anything that decides an answer (digits,
    words, names, symbols, colors of cells; kinds, sizes and grays of figures) look different: in at
    least three pixels some channel differs by at least 32 of 255. It is worked out from the layout
    of the level's largest picture, longest names and smallest figures, and proved by drawing.

    Args:
        level: What an address begins with, such as ``grid_navigation/hard`` or
            ``table_readout/simple?rows=5``; a whole address will do.
        theme: ``paper``, ``varied`` or ``compact``.

    Raises:
        TaskError: No such level or theme.
    """
    [given] = spelled([level], "level")
    return _core.legible_side(setting_of(given), named("theme", theme, THEMES))


def check_legible(addresses: Addresses, size: Size, theme: str) -> None:
    """Complains of pictures too small to be read, before anything is drawn.

    Args:
        addresses: Addresses, or what they begin with.
        size: Pixels to a side, or (height, width); a picture that is no square is judged by its own
            layout.
        theme: ``paper``, ``varied`` or ``compact``.

    Raises:
        TaskError: It names the level and the smallest size that will do.
    """
    _core.check_legible(spelled(addresses), sides(size), theme)


def sides(size: Size) -> tuple[int, int]:
    """Height and width in pixels.

    Raises:
        TaskError: One of them is out of range.
    """
    given = size if isinstance(size, tuple | list) else (size, size)
    try:
        height, width = (integer("a side", side) for side in given)
    except ValueError:
        raise TaskError(
            f"size is {quoted(size)}; give pixels to a side, or (height, width)"
        ) from None
    if not all(64 <= side <= 4096 for side in (height, width)):
        raise TaskError(
            f"picture size {height} x {width} is out of range; each side must be 64 to 4096 pixels"
        )
    return height, width
