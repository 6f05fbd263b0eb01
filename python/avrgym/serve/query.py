"""What a request asks for, read from the address line."""

import re
from collections.abc import Mapping

from avrgym._core import TaskError
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.arguments import quoted
from avrgym.core.pictures import Picture

_SIZE = re.compile(r"(\d{1,9})(?:\s*x\s*(\d{1,9}))?")


def picture(address: str, query: Mapping[str, str]) -> Picture:
    """How a sample's picture is to be drawn.

    Args:
        address: Whose task has a size of its own, where none is asked for.
        query: ``size`` (pixels to a side, or height x width), ``theme``, and ``insist`` if it may
            be too small to be read.

    Raises:
        TaskError: One of them is out of its range.
    """
    size = query.get("size", "").strip()
    theme, insist = query.get("theme") or "paper", query.get("insist") == "1"
    if not size:
        return Picture(facts.picture(task_of(address)), theme, insist)
    found = _SIZE.fullmatch(size)
    if found is None:
        raise TaskError(
            f"size {quoted(size)} is none; give pixels to a side, such as 448, "
            "or height x width, such as 800x1500"
        )
    return Picture((int(found[1]), int(found[2] or found[1])), theme, insist)


def written(picture: Picture) -> dict[str, str]:
    """A picture as :func:`picture` reads it."""
    return {
        "size": f"{picture.height}x{picture.width}",
        "theme": picture.theme,
        "insist": "1" if picture.insist else "",
    }
