"""Symbols as planes of zeros and ones: what small networks read most easily."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import quoted, whole

#: Added to the code of the cell that the walker or the cursor is on.
HERE: int = 128

#: What symbols of a grid are: blank, start, destination, 36 objects and obstacles.
GRID_CODES: int = 39

#: What symbols of a table say: which digit, on which ground.
DIGITS: int = 10
GROUNDS: int = 5

#: The most cells that a window shows to each side of the walker or the cursor.
WIDEST: int = 16


@dataclass(frozen=True, slots=True)
class Planes:
    """How symbols become planes.

    Attributes:
        table: Whether the symbols are a table's; else a grid's.
        rows: Of the symbols.
        columns: Of the symbols.
        window: Cells to each side of the walker or the cursor, (up and down, left and right), that
            are shown; None for the whole board.
    """

    table: bool
    rows: int
    columns: int
    window: tuple[int, int] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns of one observation."""
        planes = (DIGITS + GROUNDS if self.table else GRID_CODES) + (self.window is None)
        if self.window is None:
            return planes, self.rows, self.columns
        return planes, 2 * self.window[0] + 1, 2 * self.window[1] + 1

    def __call__(self, symbols: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The planes of n boards.

        Args:
            symbols: uint8 (n, rows, columns), as symbolic observations.

        Returns:
            float32 (n, *shape), new.
        """
        if self.window is not None:
            symbols = self._around(symbols)
        shown = _codes(self.table, self.window is None)[:, symbols]
        return np.ascontiguousarray(np.moveaxis(shown, 0, 1))

    def _around(self, symbols: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The codes around the cursor, 0 where the board ends."""
        assert self.window is not None
        down, right = self.window
        at = (symbols >= HERE).reshape(len(symbols), -1).argmax(1)
        rows = (at // self.columns)[:, None, None] + np.arange(2 * down + 1)[:, None]
        columns = (at % self.columns)[:, None, None] + np.arange(2 * right + 1)
        wide = np.pad(symbols, ((0, 0), (down, down), (right, right)))
        found: NDArray[np.uint8] = wide[np.arange(len(symbols))[:, None, None], rows, columns]
        return found


def checked_window(window: object, observation: str) -> tuple[int, int] | None:
    """Cells to each side that are shown, (up and down, left and right).

    Raises:
        TaskError: They are neither a number nor a pair, out of range, or given with an observation
            that has no window.
    """
    if window is None:
        return None
    if observation != "onehot":
        raise TaskError(f"window={quoted(window)} goes with observation onehot, not {observation}")
    pair = window if isinstance(window, tuple | list) and len(window) == 2 else (window, window)
    down, right = (whole("window", side, 0, WIDEST) for side in pair)
    return down, right


@lru_cache
def _codes(table: bool, here: bool) -> NDArray[np.float32]:
    """The planes of each code, float32 (planes, 256)."""
    codes = np.arange(256) % HERE
    if table:
        digit, ground = (codes - 1) % DIGITS, (codes - 1) // DIGITS
        parts = [digit == each for each in range(DIGITS)]
        parts += [ground == each for each in range(GROUNDS)]
    else:
        parts = [codes - 1 == each for each in range(GRID_CODES)]
    planes = np.array(parts) & (codes > 0)
    if here:
        planes = np.concatenate([planes, np.arange(256)[None] >= HERE])
    found = planes.astype(np.float32)
    found.flags.writeable = False
    return found
