"""What pages call formats, levels and stages, and how they color them."""

import re
from collections.abc import Sequence

from avrgym.core.address import task_of
from avrgym.prompts.format import FORMATS
from avrgym.report.palette import category

_DIRECT = "-direct"
# Of stages in the order in which their kinds first come up, unless a kind brings its own.
SHADES = ("#f0efed", "#fff1e0", "#e6f0ff", "#ecf7e8", "#f6eafd", "#fdeaf0")
START = "start"


def format_name(name: str) -> str:
    """A format in words, e.g. ``image via text, answers alone``."""
    shown = name.removesuffix(_DIRECT)
    said = shown.replace("_", " ")
    return f"{said}, answers alone" if name != shown else said


def format_color(name: str) -> str:
    """The stand-in of a format's color; with answers alone it is the same."""
    shown = name.removesuffix(_DIRECT)
    return category(FORMATS.index(shown) if shown in FORMATS else sum(shown.encode()))


def is_direct(name: str) -> bool:
    """Whether a format asks for answers alone; its lines are dashed."""
    return name.endswith(_DIRECT)


def task_name(task: str) -> str:
    """A task in words."""
    return task.replace("_", " ").capitalize()


def level_name(level: str) -> str:
    """A level without its task, where the page says that already."""
    return level.removeprefix(f"{task_of(level)}/")


def broken(name: str, width: int) -> str:
    """A name in lines of at most ``width`` characters, where parts of an address let it break."""
    lines = [""]
    for part in re.findall(r"[^?&, ]+[?&, ]*", name):
        fits = not lines[-1] or len(lines[-1] + part) <= width
        lines[-1:] = [lines[-1] + part] if fits else [lines[-1], part]
    return "\n".join(lines)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
