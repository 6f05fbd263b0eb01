"""Ranges of addresses: ``task/level#split:seed:first-last``."""

import re
from collections.abc import Iterator

from avrgym import _core
from avrgym._core import TaskError

_RANGE = re.compile(r"(?P<head>[^#]+#[^:]+:[^:]+):(?P<first>\d+)(?:-(?P<last>\d+))?")
_CHUNK = 16_384


def found(name: str) -> tuple[str, int, int] | None:
    """A range as (its address without an index, first, last + 1); None if the name is of none.

    Raises:
        TaskError: It ends before it begins, or an address of it names nothing.
    """
    if not (match := _RANGE.fullmatch(name)):
        return None
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        raise TaskError(f"{name} ends before it begins; give first-last")
    [canonical] = _core.canonical([f"{match['head']}:{first}"])
    return canonical.removesuffix(str(first)), first, last + 1


def span(name: str) -> tuple[str, int, int]:
    """As :func:`found`, of what must be a range.

    Raises:
        TaskError: It is none.
    """
    if not (there := found(name)):
        raise TaskError(f"{name} is no range of addresses")
    return there


def hashes(head: str, first: int, stop: int) -> Iterator[list[str]]:
    """The content hashes of a range, in pieces."""
    for start in range(first, stop, _CHUNK):
        places = range(start, min(start + _CHUNK, stop))
        yield _core.contents([f"{head}{index}" for index in places])


def of(name: str) -> Iterator[list[str]]:
    """The content hashes of the range of a name, in pieces.

    Raises:
        TaskError: It is no range.
    """
    yield from hashes(*span(name))
