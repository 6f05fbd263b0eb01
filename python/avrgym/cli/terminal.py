"""The terminal: what it can show, and pictures on it."""

import os
import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rich.console import Console


def show_picture(console: "Console", picture: NDArray[np.uint8]) -> None:
    """Prints a picture, as sharply as the terminal can."""
    import logging

    from PIL import Image

    # It logs, with a traceback, that a terminal did not answer it; it has a way without.
    logging.getLogger("textual_image").setLevel(logging.CRITICAL)
    from textual_image.renderable import Image as Shown

    # As wide as its pixels need, a cell being about eight of them, if there is room.
    width = min(console.width, picture.shape[1] // 8)
    console.print(Shown(Image.fromarray(picture), width=width, height="auto"))


def draws() -> bool:
    """Whether the output is a terminal that has a size and shows more than letters."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return min(os.get_terminal_size(sys.stdout.fileno())) > 0


def console() -> "Console":
    """The output, with colours if it is a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)
