"""Types of settings: taken apart, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from avrgym.config.kinds import Kinds, Word
from avrgym.core.arguments import nearest

_ONE = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
    dict: "a table",
}
_MANY = {str: "strings", int: "whole numbers", float: "numbers", dict: "tables"}


def bare(hint: Any) -> Any:
    """A type without ``None`` and without marks that are not ours; of ours, the mark itself."""
    while True:
        if get_origin(hint) is Annotated:
            marks = [mark for mark in hint.__metadata__ if isinstance(mark, Kinds | Word)]
            if marks:
                return marks[0]
            hint = get_args(hint)[0]
        elif get_origin(hint) in (Union, UnionType):
            held = [each for each in get_args(hint) if each is not NoneType]
            if len(held) == len(get_args(hint)):
                return hint
            hint = Union[tuple(held)]  # noqa: UP007  of as many as there are
        else:
            return hint


def members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, the type itself of any other."""
    hint = bare(hint)
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def fields_of(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields by name, marks included."""
    hints = get_type_hints(kind, include_extras=True)
    return {each.name: hints[each.name] for each in fields(kind) if each.init}


def within(hint: Any, key: str | int) -> Any:
    """The type of what stands in a value of a type under a key or at a place; None if nothing."""
    hint = bare(hint)
    held = get_args(hint)
    if shape(hint) is list and held and isinstance(key, int):
        return held[0] if len(held) < 2 or held[1] is ... else dict(enumerate(held)).get(key)
    if is_dataclass(hint) and isinstance(hint, type):
        return fields_of(hint).get(str(key))
    return held[1] if shape(hint) is dict and len(held) == 2 else None


def shape(hint: Any) -> type:
    """What a file has for a type: dict, list, str, int, float, bool, or object for any of them."""
    hint = bare(hint)
    if isinstance(hint, Kinds) or is_dataclass(hint):
        return dict
    if isinstance(hint, Word):
        return str
    kind = get_origin(hint) or hint
    if kind is Literal:
        return type(get_args(hint)[0])
    if isinstance(kind, type):
        if kind in _ONE:
            return kind
        if issubclass(kind, Mapping):
            return dict
        if issubclass(kind, Sequence):
            return list
    return object


def one(hint: Any) -> str:
    """What was expected where a value of a type was, in words."""
    hint = bare(hint)
    if len(held := members(hint)) > 1:
        *others, last = map(one, held)
        return f"{', '.join(others)} or {last}"
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(_said, get_args(hint)))}"
    if isinstance(hint, Kinds):
        return "a table with a kind"
    held, kind = get_args(hint), shape(hint)
    if kind is list:
        if not held:
            return "a list"
        if len(held) == 1 or held[1] is ...:
            return f"a list of {_many(held[0])}"
        if len(set(held)) == 1:
            return f"a list of {len(held)} {_many(held[0])}"
        return f"a list of {', '.join(map(one, held))}"
    if kind is dict and len(held) == 2 and held[1] not in (Any, object):
        return f"a table of {_many(held[1])}"
    return _ONE.get(kind, "a value")


def _many(hint: Any) -> str:
    if len(members(hint)) == 1 and get_origin(bare(hint)) is not Literal:
        return _MANY.get(shape(hint), "values")
    return "values that are each " + one(hint)


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def unknown(what: str, given: object, known: Sequence[str]) -> str:
    """Says that a name is none of several, and which of them is nearest to it."""
    return f"unknown {what} {given}{nearest(given, known)}; known {what}s: {', '.join(known)}"
