"""Where settings differ."""

from dataclasses import is_dataclass
from typing import Any

from avrgym.config.plain import place
from avrgym.config.write import table


def difference(ours: Any, theirs: Any, within: str = "") -> list[str]:
    """What is otherwise in their settings than in ours, each with its place and both values.

    Args:
        ours: A dataclass, or a value of JSON.
        theirs: The same of others.
        within: What all places begin with.
    """
    return _lines(_plain(ours), _plain(theirs), within)


def _plain(settings: Any) -> Any:
    dataclass = is_dataclass(settings) and not isinstance(settings, type)
    return table(settings) if dataclass else settings


def _lines(ours: Any, theirs: Any, here: str) -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        lines = []
        for key in dict.fromkeys([*theirs, *ours]):
            inner = f"{here}.{place((key,))}".removeprefix(".")
            if key not in theirs:
                lines.append(f"{inner} is missing")
            elif key not in ours:
                lines.append(f"{inner} is not called for")
            else:
                lines += _lines(ours[key], theirs[key], inner)
        return lines
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [line for i, (a, b) in pairs for line in _lines(a, b, f"{here}[{i}]")]
    return [] if ours == theirs else [f"{here} is {theirs!r}, not {ours!r}"]
