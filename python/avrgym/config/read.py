"""Settings from a file or a table."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from avrgym._core import TaskError
from avrgym.config import faults
from avrgym.config.files import raw
from avrgym.config.overrides import overridden
from avrgym.config.plain import plain
from avrgym.core.extras import remedy

_T = TypeVar("_T")


def read(kind: type[_T], path: str | Path, overrides: Mapping[str, str] | None = None) -> _T:
    """The settings that a file has.

    Args:
        kind: A frozen dataclass, which says what a file may say: types of fields are dataclasses,
            tuples, mappings from names, strings, numbers, truths, literals, unions of them, and
            what :mod:`avrgym.config.kinds` marks.
        path: A YAML file if it ends in ``.yaml`` or ``.yml``, a JSON file if in ``.json``, else a
            TOML file.
        overrides: Texts by dotted keys, which stand before what the file says:
            ``{"stages.1.steps": "50"}``.

    Raises:
        TaskError: The file cannot be read, or a key is unknown, missing, or has a value of another
            type; nothing is converted but whole numbers to numbers and lists to tuples. One line
            names the file, the place and what would be right there.
    """
    return build(kind, overridden(raw(path), overrides or {}, str(path)), str(path))


def build(kind: type[_T], table: Any, where: str = "") -> _T:
    """The settings that a table has; see :func:`read`.

    Args:
        kind: A frozen dataclass.
        table: Plain values, as files have them.
        where: What errors begin with, such as the name of the file.

    Raises:
        TaskError: As :func:`read` does.
    """
    pydantic = _pydantic(where)
    held = plain(table, where)
    try:
        made: _T = _validated(pydantic, kind, held)
        return made
    except pydantic.ValidationError:
        wrong = faults.error(kind, held, partial(_found, pydantic), where)
        raise wrong or TaskError(f"{where}: cannot be read") from None


def _validated(pydantic: ModuleType, kind: Any, value: Any) -> Any:
    # As JSON, since strict reading takes tables for dataclasses and lists for tuples in it alone.
    adapter = pydantic.TypeAdapter(kind)
    return adapter.validate_json(json.dumps(value), strict=True, extra="forbid")


def _found(pydantic: ModuleType, kind: Any, value: Any) -> Sequence[Mapping[str, Any]]:
    """What pydantic finds wrong with a value."""
    try:
        _validated(pydantic, kind, value)
    except pydantic.ValidationError as wrong:
        found: Sequence[Mapping[str, Any]] = wrong.errors(include_url=False, include_input=False)
        return found
    return []


def _pydantic(where: str) -> ModuleType:
    try:
        import pydantic
    except ImportError:
        said = f"settings need pydantic; {remedy('data')}"
        raise TaskError(f"{where}: {said}" if where else said) from None
    return pydantic
