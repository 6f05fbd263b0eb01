"""Raw settings: plain values that JSON has, whatever file they come from."""

import math
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from avrgym._core import TaskError
from avrgym.core.arguments import quoted

# Settings are flat; deeper ones are a mistake, or an attack on whoever recurses.
_DEEPEST = 50
_LONGEST = 256  # bits of a whole number

Path = tuple[str | int, ...]


def place(path: Path) -> str:
    """Where something stands, as errors say it: ``stages[1].curriculum.levels``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f'."{key}"' if {*'.[]"'} & {*key} or not key else f".{key}"
    return text.removeprefix(".")


def at(where: str, path: Path, said: str) -> TaskError:
    """An error with the place it speaks of: the file, and what stands where in it."""
    return TaskError(": ".join(part for part in (where, place(path), said) if part))


def plain(value: Any, where: str, path: Path = (), above: tuple[int, ...] = ()) -> Any:
    """A copy of a value, with nothing in it but what JSON has.

    Raises:
        TaskError: There is something else: a date, a number that is not finite, a table that
            contains itself.
    """
    if id(value) in above:
        raise at(where, path, "contains itself; write it out")
    if len(path) > _DEEPEST:
        raise at(where, path[:3], f"is nested more than {_DEEPEST} deep; make it flat")
    inner = (*above, id(value))
    if isinstance(value, Mapping):
        return {
            _key(key, where, path): plain(held, where, (*path, key), inner)
            for key, held in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(held, where, (*path, i), inner) for i, held in enumerate(value)]
    if isinstance(value, str):
        return _text(value, where, path)
    if isinstance(value, date | time):
        raise at(where, path, f"{value} is a date or a time, which no setting is; quote it")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() <= _LONGEST:
        return value
    if isinstance(value, int):
        raise at(where, path, f"a whole number of {value.bit_length()} bits; give a smaller one")
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise at(where, path, f"{value} is not finite; give a number that is")
    raise at(where, path, f"{quoted(value)} is nothing that a file of settings can say")


def _key(key: Any, where: str, path: Path) -> str:
    if not isinstance(key, str):
        raise at(where, path, f"key {quoted(key)} is no string; quote it")
    return _text(key, where, path)


def _text(text: str, where: str, path: Path) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise at(where, path, f"{quoted(text)} is no Unicode; give text that is") from None
    return text
