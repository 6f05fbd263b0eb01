"""What callers may pass: each check gives the value as it is used, or one error that names it."""

import math
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, TypeVar

import numpy as np

from avrgym._core import TaskError

T = TypeVar("T")

#: Characters of an offending value that an error quotes.
QUOTED: int = 120

# Letters from which on the beginning of a name is taken for it.
_BEGUN = 3


def quoted(value: object) -> str:
    """A value as an error names it."""
    text = repr(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


def spoken(value: object) -> str:
    """A name as an error quotes it; what is none, or would break the line, as Python writes it."""
    if isinstance(value, str) and value.isprintable():
        return f'"{value[:QUOTED]}"'
    return quoted(value)


def _integral(value: object) -> int | None:
    """An integer of Python or of any NumPy dtype, an array of no dimension among them; no truth."""
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iu":
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return None
    return int(value)


def whole(what: str, value: object, least: int, most: int) -> int:
    """An integer in a range.

    Raises:
        TaskError: It is something else, or out of range.
    """
    found = _integral(value)
    if found is None:
        raise TaskError(f"{what} is {quoted(value)}; give an integer from {least} to {most}")
    if not least <= found <= most:
        raise TaskError(f"{what}={quoted(found)} is out of range; give {least} to {most}")
    return found


def integer(what: str, value: object) -> int:
    """An integer as the core takes it, which knows the range.

    Raises:
        TaskError: It is something else, or has more than 64 bits.
    """
    found = _integral(value)
    if found is None or not -(2**63) <= found < 2**63:
        more = "" if found is None else " of at most 64 bits"
        raise TaskError(f"{what} is {quoted(value)}; give an integer{more}")
    return found


def strings(what: str, given: Any) -> list[str]:
    """Strings; a single one stands for itself alone.

    Raises:
        TaskError: It is no collection of strings.
    """
    if isinstance(given, str):
        return [given]
    try:
        found = iter(given)
    except TypeError:
        raise TaskError(f"{what} is {quoted(given)}; give strings") from None
    held: list[str] = []
    for each in found:
        if not isinstance(each, str):
            raise TaskError(f"{what} has {quoted(each)} in it; give strings")
        held.append(each)
    return held


def truth(what: str, value: object) -> bool:
    """True or False.

    Raises:
        TaskError: It is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise TaskError(f"{what} is {quoted(value)}; give True or False")
    return bool(value)


def number(what: str, value: object) -> float:
    """A finite number.

    Raises:
        TaskError: It is none.
    """
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        with suppress(OverflowError):  # of an integer beyond all that floats can be
            if math.isfinite(value):
                return float(value)
    raise TaskError(f"{what} is {quoted(value)}; give a finite number")


def ranged(what: str, value: object, least: float, most: float) -> float:
    """A number in a range, ends within.

    Raises:
        TaskError: It is none, or out of range.
    """
    found = number(what, value)
    if not least <= found <= most:
        raise TaskError(f"{what}={quoted(value)} is out of range; give {least:g} to {most:g}")
    return found


def made(what: str, value: object, kind: type[T]) -> T:
    """A value of a class.

    Raises:
        TaskError: It is of another one.
    """
    if not isinstance(value, kind):
        raise TaskError(f"{what} is {quoted(value)}; give a value of {kind.__name__}")
    return value


def all_made(what: str, value: object, kind: type[T]) -> tuple[T, ...]:
    """Values of a class, in a tuple or a list.

    Raises:
        TaskError: It is neither, or has something else in it.
    """
    if not isinstance(value, tuple | list):
        raise TaskError(f"{what} is {quoted(value)}; give a tuple of values of {kind.__name__}")
    return tuple(made(f"a value of {what}", each, kind) for each in value)


def function(what: str, value: object) -> None:
    """Whether something can be called.

    Raises:
        TaskError: It cannot.
    """
    if not callable(value):
        raise TaskError(f"{what} is {quoted(value)}; give a function")


def named(what: str, value: object, known: Collection[str]) -> str:
    """One of several names.

    Raises:
        TaskError: It is none of them.
    """
    if not isinstance(value, str) or value not in known:
        raise TaskError(
            f"unknown {what} {spoken(value)}{nearest(value, known)}; known: {', '.join(known)}"
        )
    return str(value)


def nearest(given: object, known: Iterable[str]) -> str:
    """The name that was probably meant, as an error adds it; empty if none is near."""
    said, names = str(given)[:QUOTED], list(known)
    near = get_close_matches(said, names, 1, 0.65)
    if not near and len(said) >= _BEGUN:
        begun = [name for name in names if name.startswith(said)]
        near = begun if len(begun) == 1 else []
    return f" (did you mean {near[0]}?)" if near else ""


def table(what: str, value: object) -> dict[str, Any]:
    """A mapping from names; None is an empty one.

    Raises:
        TaskError: It is none.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TaskError(f"{what} is {quoted(value)}; give a mapping from names")
    for name in value:
        if not isinstance(name, str):
            raise TaskError(f"{what} has the key {quoted(name)}; keys are names")
    return dict(value)
