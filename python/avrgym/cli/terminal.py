"""The terminal: what it can show, and pictures on it."""

import os
import sys
from collections.abc import Mapping
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
    """Whether the output is a terminal that has a size and shows more than letters.

    Without colours (``NO_COLOR``) a picture of half blocks would be a picture of nothing.
    """
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    if os.environ.get("NO_COLOR"):
        return False
    return min(os.get_terminal_size(sys.stdout.fileno())) > 0


def listed(console: "Console", title: str, named: Mapping[str, float]) -> None:
    """Prints numbers under a title, as many to a line as there is room for, none broken in two."""
    console.print(title, style="bold")
    line = ""
    for name, value in named.items():
        said = f"  {name} {value:g}"
        if line and len(line) + len(said) > console.width:
            print(line)
            line = ""
        line += said
    if line:
        print(line)


def console() -> "Console":
    """The output, with colours if it is a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)
