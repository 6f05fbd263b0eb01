"""The command line as a verb with its options; a wrong value as one line."""

import io
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from difflib import get_close_matches
from itertools import takewhile
from types import NoneType, UnionType
from typing import Any, Union, get_args

from avrgym.core.extras import needs

with needs("data"):
    import tyro
    from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo

# Titles of boxes that say of one option that its value is wrong.
_OF_A_VALUE = ("Value error", "Invalid choice")

# Where words are listed that nothing is known of, or that another verb has.
_UNKNOWN = re.compile(r"Unrecognized (?:or misplaced )?options")

_RULES = ConstructorRegistry()


def parsed(
    verbs: Mapping[str, Callable[..., Any]], about: str, args: Sequence[str] | None = None
) -> Any:
    """The verb that the command line, or ``args``, asks for.

    Raises:
        SystemExit: Help was asked for, with code 0; or something is wrong and was said, with 2.
    """
    box = io.StringIO()

    def helped(words: Sequence[str]) -> str:
        text = io.StringIO()
        with redirect_stdout(text), suppress(SystemExit):
            _cli(verbs, about, [*words, "--help"])
        return text.getvalue()

    try:
        with redirect_stderr(box):
            return _cli(verbs, about, args)
    finally:
        print(_shortened(box.getvalue(), list(args or ()), helped), end="", file=sys.stderr)


def _cli(verbs: Mapping[str, Callable[..., Any]], about: str, args: Sequence[str] | None) -> Any:
    return tyro.extras.subcommand_cli_from_dict(
        dict(verbs),
        prog="avrgym",
        description=about,
        args=args,
        config=(tyro.conf.OmitSubcommandPrefixes, tyro.conf.OmitArgPrefixes),
        registry=_RULES,
    )


def _shortened(box: str, args: Sequence[str], helped: Callable[[Sequence[str]], str]) -> str:
    """A box as one line: about a value, a word too many, or what is missing."""
    title, *lines = re.sub(r"\x1b\[[\d;]*m", "", box).splitlines() or [""]
    inner = [line.strip("│| ") for line in lines]
    if any(_UNKNOWN.match(line.strip("╭─ ")) for line in (title, *inner)):
        return f"avrgym: {_too_many(inner, args, helped)}\n"
    if missing := _missing(title, lines, args):
        return f"avrgym: {missing}\n"
    if not any(each in title for each in _OF_A_VALUE):
        return box
    if inner[0].startswith("-"):  # the rule below the title, where letters draw the box
        inner = inner[1:]
    text = " ".join(takewhile(lambda line: line.strip("─-"), inner))
    return f"avrgym: {text.removeprefix('Error parsing ')}\n"


def _missing(title: str, lines: Sequence[str], args: Sequence[str]) -> str:
    """What to say of words that are missing, and who lists them; nothing if none is."""
    text = " ".join(line.strip("│| ") for line in lines)
    help_of = (re.search(r"(avrgym[a-z ]*) --help", text) or ["", "avrgym"])[1]
    if "Missing subcommand" in title:
        names = re.search(r"Expected one of \{([^}]*)\}", text)
        verb = " ".join(["avrgym", *(["data"] if args[:1] == ["data"] else [])])
        return f"{verb} needs a verb: {names[1] if names else 'one'}; {verb} --help says more"
    if "Missing argument" in title:
        option = re.search(r"argument '([^']+)'", text)
        of = option[1] if option else "an option"
        return f"{of} has no value; give it one, {help_of} --help says which"
    if "Required options" not in title:
        return ""
    # Names are less indented than their meanings below them; the command for help is as they are.
    named = (re.match(r"[│| ] {5}(?!avrgym )(\S[^│|]*)", line) for line in lines)
    wanted = [found[1].strip() for found in named if found]
    return f"{help_of} needs {' and '.join(wanted) or 'more'}; {help_of} --help says what that is"


def _too_many(
    inner: Sequence[str], args: Sequence[str], helped: Callable[[Sequence[str]], str]
) -> str:
    """What to say of a word that nothing is known of: the words before it, and what is near."""
    begin = next((at for at, line in enumerate(inner) if _UNKNOWN.match(line)), 0)
    rest = [line for line in inner[begin:] if line.strip("─-╰╯+")]
    told = " ".join(takewhile(lambda line: not line.endswith("--help"), rest))
    # Of what another verb has each word is said with the verb that it was given to.
    told = re.sub(r" \(applied to [^)]*\)", ",", told)
    known = re.search(r"Available subcommands: ([\w, ]+)", told)
    found = re.match(rf"{_UNKNOWN.pattern}: (?:\S+, )*?(--[^\s,=]+|[^\s,]+)", told)
    word = found[1] if found else ""
    typed = list(takewhile(lambda arg: arg.partition("=")[0] != word, args))
    verbs = list(takewhile(lambda arg: re.fullmatch(r"[a-z]+", arg), typed))[:2]
    verbs = verbs if verbs[:1] == ["data"] else verbs[:1]
    verb = " ".join(["avrgym", *verbs])
    if known:
        names = known[1].split(", ")
        near = get_close_matches(word, names, 1)
        guess = f"did you mean {near[0]}? " if near else ""
        return f'{verb} has no verb "{word}"; {guess}there are {", ".join(names)}'
    if not word.startswith("--"):
        return f'{verb} has no use for "{word}"; {verb} --help says what it takes'
    # Help may speak of an option of another verb.
    listed = set(re.findall(r"--([a-z][\w-]*)", helped(verbs))) - {word[2:]}
    near = get_close_matches(word[2:], sorted(listed), 1)
    guess = f"did you mean --{near[0]}? " if near else ""
    return f"{verb} has no option {word}; {guess}{verb} --help lists all"


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
