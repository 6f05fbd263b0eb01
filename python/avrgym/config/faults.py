"""What is wrong with settings: from what pydantic finds to one line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, get_args

from avrgym._core import TaskError
from avrgym.config.hints import bare, fields_of, members, one, shape, unknown, within
from avrgym.config.kinds import Kinds
from avrgym.config.plain import Path, at
from avrgym.core.arguments import quoted

#: What pydantic finds in a value of a type: as ``ValidationError.errors`` has it, or nothing.
Check = Callable[[Any, Any], Sequence[Mapping[str, Any]]]

_KEY = "[key]"  # how pydantic says that not the value is wrong but its key
# How those of its errors end that say that a value has the wrong type.
_OF_TYPE = ("_type", "_error", "missing", "too_long", "too_short")


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that is wrong.

    Attributes:
        path: The keys and places that lead to it.
        said: What is wrong, and what would be right.
        within: Whether it is said of the table that the last key of the path stands in.
    """

    path: Path
    said: str
    within: bool = False


def error(kind: Any, value: Any, check: Check, where: str) -> TaskError | None:
    """The first thing that is wrong with a value in the order of its file, and how many more are.

    Args:
        kind: The type it must have.
        value: As the file has it.
        check: Finds what is wrong.
        where: Names the file.
    """
    faults: dict[Path, _Fault] = {}
    for fault in _faults(kind, value, check, ()):
        faults.setdefault(fault.path, fault)
    if not faults:
        return None
    first = min(faults.values(), key=lambda fault: _order(value, fault.path))
    more = len(faults) - 1
    rest = f" (and {more} more {'fault' if more == 1 else 'faults'})" if more else ""
    return at(where, first.path[:-1] if first.within else first.path, first.said + rest)


def _order(value: Any, path: Path) -> list[int]:
    """Where a path leads in the order of the file; what is missing is behind what is there."""
    order = []
    for key in path:
        if isinstance(value, dict):
            order.append(list(value).index(key) if key in value else len(value))
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int):
            order.append(key)
            value = value[key] if key < len(value) else None
    return order


def _faults(kind: Any, value: Any, check: Check, above: Path) -> Iterator[_Fault]:
    for wrong in check(kind, value):
        yield from _fault(kind, value, wrong, check, above)


def _fault(
    kind: Any, value: Any, wrong: Mapping[str, Any], check: Check, above: Path
) -> Iterator[_Fault]:
    """What one finding says; of a union that was meant for one of its types, all that type says."""
    hint, held, path, rest = _follow(kind, value, list(wrong["loc"]))
    path = above + path
    own = bare(hint)
    if len(members(own)) > 1:
        fits = [each for each in members(own) if shape(each) in _shapes(held)]
        if len(fits) == 1 and shape(fits[0]) in (dict, list):
            yield from _faults(fits[0], held, check, path)
        else:
            yield _Fault(path, _expected(own, held))
    elif isinstance(wrong.get("ctx", {}).get("error"), ValueError):
        yield _Fault(path, str(wrong["ctx"]["error"]))
    elif isinstance(own, Kinds) and isinstance(held, dict):
        yield _of_kind(path, held, list(own.classes()))
    elif rest[1:] == [_KEY]:
        said = f"key {rest[0]}: {_expected(get_args(own)[0], rest[0])}"
        yield _Fault((*path, rest[0]), said, within=True)
    elif rest and is_dataclass(own) and isinstance(own, type):
        yield _of_key(path, own, rest[0])
    elif wrong["type"].endswith(_OF_TYPE):
        yield _Fault(path, _expected(own, held))
    else:
        yield _Fault(path, f"{wrong['msg']}, got {quoted(held)}")


def _follow(hint: Any, value: Any, loc: list[Any]) -> tuple[Any, Any, Path, list[Any]]:
    """Goes where a finding lies: its type and value there, the path, and what led no further."""
    path: Path = ()
    while loc and len(members(hint)) == 1:
        own = bare(hint)
        if isinstance(own, Kinds):
            hint = own.classes()[loc.pop(0)]
            continue
        key = loc[0]
        inner = within(own, key)
        if loc[1:] == [_KEY]:
            break
        there = key in value if isinstance(value, dict) else _place(value, key)
        if inner is None or not there:
            break
        hint, value, path = inner, value[key], (*path, loc.pop(0))
    return hint, value, path, loc


def _place(value: Any, key: Any) -> bool:
    return isinstance(value, list) and isinstance(key, int) and key < len(value)


def _shapes(value: Any) -> tuple[type, ...]:
    """The shapes of types that a value may be meant for."""
    return (int, float) if type(value) is int else (type(value),)


def _expected(hint: Any, held: Any) -> str:
    return f"expected {one(hint)}, got {quoted(held)}"


def _of_kind(path: Path, held: Mapping[str, Any], known: list[str]) -> _Fault:
    if "kind" not in held:
        return _Fault((*path, "kind"), f"is missing; give one of {', '.join(known)}")
    return _Fault((*path, "kind"), unknown("kind", held["kind"], known))


def _of_key(path: Path, kind: type, key: str) -> _Fault:
    known = fields_of(kind)
    if key in known:
        return _Fault((*path, key), f"is missing; give {one(known[key])}")
    return _Fault((*path, key), unknown("key", key, list(known)), within=True)
