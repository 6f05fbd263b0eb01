"""Plain tables as TOML, for files that people read and settings are taken from again."""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def text(table: Mapping[str, Any]) -> str:
    """A table as TOML; what is None is left out, as a file that does not say it.

    Args:
        table: Of what JSON has, see :func:`avrgym.config.table`.
    """
    return "\n".join(_lines(table, ())).lstrip("\n") + "\n"


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    held = {key: value for key, value in table.items() if value is not None}
    plain = {key: value for key, value in held.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    if path and (lines or not held):
        lines = ["", f"[{'.'.join(map(_key, path))}]", *lines]
    for key, value in held.items():
        if key not in plain:
            lines += _lines(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        held = (f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None)
        return f"{{ {', '.join(held)} }}"
    return json.dumps(value)


def _string(value: str) -> str:
    # TOML's strings are those of JSON, but for a control character that JSON lets stand.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
