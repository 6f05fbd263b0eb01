"""Pictures of the failure browser: as many as there is room for, drawn as they were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from avrgym.core.pictures import legible_size
from avrgym.report.images import shown

#: Pixels of a longer side above which a picture is drawn smaller, as long as it stays legible.
LARGEST = 448

_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class View:
    """A sample as it was shown.

    Attributes:
        address: The canonical address.
        size: Height and width in pixels.
        theme: One of ``avrgym.THEMES``.
    """

    address: str
    size: tuple[int, int]
    theme: str


def drawn(views: Sequence[View], most: int, room: int) -> dict[View, str]:
    """The first of some views as data URLs, see :func:`avrgym.report.images.shown`.

    Args:
        views: Each once, those first that are preferred.
        most: How many at most.
        room: Characters that they may take together.
    """
    found: dict[View, str] = {}
    for start in range(0, min(most, len(views)), _TOGETHER):
        together = views[start : min(start + _TOGETHER, most)]
        made = _made(together)
        for view in together:
            room -= len(made[view])
            if room < 0:
                return found
            found[view] = made[view]
    return found


def _made(views: Sequence[View]) -> dict[View, str]:
    looks: dict[tuple[tuple[int, int], str], list[View]] = {}
    for view in views:
        looks.setdefault((_size(view), view.theme), []).append(view)
    made: dict[View, str] = {}
    for (size, theme), alike in looks.items():
        picture = {"size": size, "theme": theme, "insist": True}
        urls = shown([view.address for view in alike], picture)
        made |= dict(zip(alike, urls, strict=True))
    return made


def _size(view: View) -> tuple[int, int]:
    """The size to draw in: the one that was shown, unless it is larger than anyone needs."""
    height, width = view.size
    largest = max(LARGEST, _legible(view.address.partition("#")[0], view.theme))
    times = min(1.0, largest / max(height, width))
    return max(64, round(height * times)), max(64, round(width * times))


@cache
def _legible(setting: str, theme: str) -> int:
    return legible_size(setting, theme)
