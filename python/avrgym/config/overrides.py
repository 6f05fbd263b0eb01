"""Settings of a file with others in their place, as a command line says them."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from avrgym._core import TaskError
from avrgym.config.plain import Path, at

# A step of a dotted key: bare, or quoted where the key has a dot of its own.
_STEP = re.compile(r'(?:"([^"]+)"|([^."]+))(?:\.(?=.)|$)')


def overridden(table: Any, overrides: Mapping[str, str], where: str) -> Any:
    """A table of settings with other values.

    Args:
        table: As the file has it; it stays as it is.
        overrides: Values by dotted keys, places of lists by number: ``stages.1.steps``. A value is
            what TOML makes of it, or a word where that is nothing. A key that the file has not is
            added: whether there is such a setting is for the reader to say.
        where: Names the file in errors.

    Raises:
        TaskError: A key is none, or a list has no such place.
    """
    for key, text in overrides.items():
        table = _put(table, steps(key, where), (), value(text), where)
    return table


def steps(key: str, where: str) -> list[str]:
    """The steps of a dotted key.

    Raises:
        TaskError: It is none.
    """
    found = [a or b for a, b in _STEP.findall(key)]
    if not found or _STEP.sub("", key):
        raise TaskError(f'{where}: "{key}" is no key; give one such as stages.1.steps')
    return found


def value(text: str) -> Any:
    """What TOML makes of a text that stands for a value, or the text itself."""
    try:
        read = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return read["value"] if list(read) == ["value"] else text


def _put(held: Any, steps: list[str], path: Path, value: Any, where: str) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(held, list):
        if not step.isascii() or not step.isdecimal() or int(step) >= len(held):
            there = f"0 to {len(held) - 1}" if held else "none, the list is empty"
            raise at(where, path, f"no place {step}; its places: {there}")
        place = int(step)
        inner = _put(held[place], rest, (*path, place), value, where)
        return [*held[:place], inner, *held[place + 1 :]]
    known = held if isinstance(held, dict) else {}
    return {**known, step: _put(known.get(step), rest, (*path, step), value, where)}
