"""A table of digits with row and column names, drawn at 448 x 448 by other means.

The numba one is the reference for what a simple compiled loop can do: pre-drawn tiles copied row
by row. Each takes digits (9, 9) and writes a whole picture, uint8 (448, 448, 3).
"""

from functools import cache
from pathlib import Path

import cv2
import numba
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONT = Path("rust_core/assets/DejaVuSans.ttf")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September")
NAMES = tuple(
    f"Alpha{name}"
    for name in ("Widget", "Gadget", "Lens", "Pump", "Valve", "Cable", "Motor", "Panel", "Relay")
)
SIDE, CELLS = 448, 10
CELL = SIDE // CELLS
HEADER, PATH, PLAIN = (64, 70, 110), (255, 255, 0), (245, 245, 245)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def pillow_table(digits: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """By Pillow: a rectangle and a text per cell."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(picture)
    for r in range(CELLS):
        for c in range(CELLS):
            box = (c * CELL, r * CELL, (c + 1) * CELL, (r + 1) * CELL)
            label = r == 0 or c == 0
            fill = HEADER if label else PATH if (r * c) % 3 == 0 else PLAIN
            pen.rectangle(box, fill=fill, outline="black")
            text = (
                ""
                if r == c == 0
                else MONTHS[c - 1]
                if r == 0
                else NAMES[r - 1]
                if c == 0
                else str(digits[r - 1, c - 1])
            )
            pen.text(
                ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2),
                text,
                fill="white" if label else "black",
                font=_font(7 if label else 18),
                anchor="mm",
            )
    out[:] = np.asarray(picture)


def cv2_table(digits: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """By OpenCV: the same with its stroke font."""
    out[:] = 255
    for r in range(CELLS):
        for c in range(CELLS):
            low, high = (c * CELL, r * CELL), ((c + 1) * CELL, (r + 1) * CELL)
            label = r == 0 or c == 0
            fill = HEADER if label else PATH if (r * c) % 3 == 0 else PLAIN
            cv2.rectangle(out, low, high, fill, -1)
            cv2.rectangle(out, low, high, (0, 0, 0), 1)
            text = (
                ""
                if r == c == 0
                else MONTHS[c - 1]
                if r == 0
                else NAMES[r - 1]
                if c == 0
                else str(digits[r - 1, c - 1])
            )
            scale = 0.22 if label else 0.6
            ink = (255, 255, 255) if label else (0, 0, 0)
            place = (low[0] + 3, high[1] - 16)
            cv2.putText(out, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)


@cache
def _tiles() -> NDArray[np.uint8]:
    """Cells as they can occur: ten digits plain, ten digits on the path, then all labels."""
    whole = np.empty((SIDE, SIDE, 3), np.uint8)
    tiles = []
    for digit in range(10):
        pillow_table(np.full((9, 9), digit), whole)
        tiles += [
            whole[CELL : 2 * CELL, CELL : 2 * CELL].copy(),
            whole[3 * CELL : 4 * CELL, CELL : 2 * CELL].copy(),
        ]
    for i in range(CELLS):
        tiles += [
            whole[:CELL, i * CELL : (i + 1) * CELL].copy(),
            whole[i * CELL : (i + 1) * CELL, :CELL].copy(),
        ]
    return np.stack(tiles)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _blit(digits: NDArray[np.int64], tiles: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    cell = tiles.shape[1]
    for r in range(10):
        for c in range(10):
            if r == 0:
                tile = 20 + 2 * c
            elif c == 0:
                tile = 21 + 2 * r
            else:
                tile = 2 * digits[r - 1, c - 1] + (1 if (r * c) % 3 == 0 else 0)
            for y in range(cell):
                for x in range(cell):
                    for channel in range(3):
                        out[r * cell + y, c * cell + x, channel] = tiles[tile, y, x, channel]
    out[10 * cell :] = 255
    out[:, 10 * cell :] = 255


def numba_table(digits: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
    """By numba: pre-drawn tiles, labels included, copied row by row."""
    _blit(digits, _tiles(), out)
