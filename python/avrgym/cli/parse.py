"""The command line as a verb with its options; a wrong value as one line."""

import io
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from itertools import takewhile
from types import NoneType, UnionType
from typing import Any, Union, get_args

import tyro
from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

# Titles of boxes that say of one option that its value is wrong. The others teach what there is,
# which takes more than a line.
_OF_A_VALUE = ("Value error", "Invalid choice")

_RULES = ConstructorRegistry()


def parsed(
    verbs: Mapping[str, Callable[..., Any]], about: str, args: Sequence[str] | None = None
) -> Any:
    """The verb that the command line, or ``args``, asks for.

    Raises:
        SystemExit: Help was asked for, with code 0; or something is wrong and was said, with 2.
    """
    box = io.StringIO()
    try:
        with redirect_stderr(box):
            return tyro.extras.subcommand_cli_from_dict(
                dict(verbs),
                prog="avrgym",
                description=about,
                args=args,
                config=(tyro.conf.OmitSubcommandPrefixes, tyro.conf.OmitArgPrefixes),
                registry=_RULES,
            )
    finally:
        print(_shortened(box.getvalue()), end="", file=sys.stderr)


def _shortened(box: str) -> str:
    """A box about a value as one line, its first paragraph; others as they are."""
    title, *lines = re.sub(r"\x1b\[[\d;]*m", "", box).splitlines() or [""]
    if not any(each in title for each in _OF_A_VALUE):
        return box
    inner = [line.strip("│ ") for line in lines]
    if inner[0].startswith("-"):  # the rule below the title, where letters draw the box
        inner = inner[1:]
    text = " ".join(takewhile(lambda line: line.strip("─-"), inner))
    return f"avrgym: {text.removeprefix('Error parsing ')}\n"


@_RULES.primitive_rule
def _either(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    """One of several types, or nothing at all; tyro's own way has "None" among the choices.

    Its choices come in the order of a set as well, which is another one in each process.
    """
    if info.type_origin not in (Union, UnionType):
        return None
    specs = []
    for kind in get_args(info.type):
        if kind is not NoneType:
            spec = ConstructorRegistry.get_primitive_spec(
                PrimitiveTypeInfo.make(kind, info.markers)
            )
            if not isinstance(spec, PrimitiveConstructorSpec):
                return None
            specs.append(spec)
    if any(not isinstance(spec.nargs, int) for spec in specs) and len(specs) > 1:
        return None
    metavar = " or ".join(spec.metavar for spec in specs)

    def made(words: list[str]) -> Any:
        for spec in specs:
            if spec.nargs in ("*", len(words)):
                try:
                    return spec.instance_from_str(words)
                except ValueError:
                    continue
        raise ValueError(f"{' '.join(words)!r} is no {metavar}")

    def written(value: Any) -> list[str]:
        if value is None:
            return ["none"]
        return next(spec for spec in specs if spec.is_instance(value)).str_from_instance(value)

    counts = sorted({spec.nargs for spec in specs if isinstance(spec.nargs, int)})
    return PrimitiveConstructorSpec(
        nargs=tuple(counts) if len(counts) > 1 else specs[0].nargs,
        metavar=metavar,
        instance_from_str=made,
        is_instance=lambda value: value is None or any(spec.is_instance(value) for spec in specs),
        str_from_instance=written,
        choices=specs[0].choices if len(specs) == 1 else None,
    )
