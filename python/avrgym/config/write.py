"""Settings as a plain table, which reads back as what they are."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

from avrgym.config.hints import bare, fields_of, members, within
from avrgym.config.kinds import Word


def table(settings: Any) -> dict[str, Any]:
    """A dataclass as a table of what JSON has; ``read.build`` makes an equal one of it.

    Every field is in it, also those that nobody gave.
    """
    made: dict[str, Any] = _written(type(settings), settings)
    return made


def _written(hint: Any, value: Any) -> Any:
    own = bare(hint)
    if isinstance(own, Word) and value is not None:
        return own.written(value)
    if is_dataclass(value) and not isinstance(value, type):
        held = fields_of(type(value))
        return {name: _written(each, getattr(value, name)) for name, each in held.items()}
    if isinstance(value, Mapping):
        return {str(key): _written(_inner(own, key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(_inner(own, i), each) for i, each in enumerate(value)]
    return value


def _inner(hint: Any, key: Any) -> Any:
    """The type of what stands within a value, where one type of a union says it."""
    found = [inner for each in members(hint) if (inner := within(each, key)) is not None]
    return found[0] if len(found) == 1 else Any
