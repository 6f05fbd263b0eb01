"""Entry point: verbs by name, and what went wrong as one line and a code."""

import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from avrgym.cli.bench import Bench
from avrgym.cli.codes import (
    BAD_INPUT,
    DEFECT,
    FAILED,
    INTERRUPTED,
    KEPT,
    NOT_WRITTEN,
    OK,
    NotWrittenError,
    said,
)
from avrgym.cli.compare import Compare
from avrgym.cli.data import Data
from avrgym.cli.doctor import Doctor
from avrgym.cli.evaluate import Evaluate
from avrgym.cli.gallery import Gallery
from avrgym.cli.generate import Generate
from avrgym.cli.interrupts import Interrupts, interrupts
from avrgym.cli.judge import Judge
from avrgym.cli.keys import split
from avrgym.cli.list import List
from avrgym.cli.parse import parsed
from avrgym.cli.play import Play
from avrgym.cli.report import Report
from avrgym.cli.search import Search
from avrgym.cli.show import Show
from avrgym.cli.train import Train
from avrgym.cli.verify import Verify
from avrgym.core.extras import remedy

_ABOUT = """A compiled gym for algorithmic visual reasoning.

Begin with: avrgym list; avrgym show grid_navigation/simple#train:0:0; avrgym generate --help.
Exit codes: 0 all is well, 1 a check failed, 2 bad input, 3 a file could not be written,
4 a defect of avrgym, 130 interrupted."""

_VERBS = {
    "list": List,
    "show": Show,
    "gallery": Gallery,
    "generate": Generate,
    "data": Data,
    "verify": Verify,
    "evaluate": Evaluate,
    "judge": Judge,
    "compare": Compare,
    "search": Search,
    "train": Train,
    "play": Play,
    "report": Report,
    "doctor": Doctor,
    "bench": Bench,
}


# Verbs that take the keys of a file for options.
_KEYED: dict[str, Any] = {"train": Train, "evaluate": Evaluate}


def enter(args: Sequence[str] | None = None) -> None:
    """Does what the command line, or ``args``, says, and exits."""
    with interrupts() as heard:
        try:
            code, why = _outcome(args, heard)
        except KeyboardInterrupt:  # an impatient hand, while the first one was answered
            code, why = INTERRUPTED, "interrupted"
    try:
        if why:
            print(f"avrgym: {why}", file=sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe had enough
        # Python writes out what is left when it ends, and would complain.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
    sys.exit(code)


def _verb(args: list[str]) -> Any:
    kind = _KEYED.get(args[0]) if args else None
    if kind is None:
        return parsed(_VERBS, _ABOUT, args)
    own, keys = split(args[1:], [field.name for field in fields(kind)])
    return replace(parsed(_VERBS, _ABOUT, [args[0], *own]), keys=keys)


def _outcome(args: Sequence[str] | None, heard: Interrupts) -> tuple[int, str]:
    """The exit code, and what to say of it."""
    verb: Any = None
    try:
        verb = _verb(list(sys.argv[1:] if args is None else args))
        went_well = verb.do()
        if heard.heard:  # and was swallowed by a library
            raise KeyboardInterrupt
        return (OK if went_well else FAILED), ""
    except BaseException as wrong:
        return _told(verb, KeyboardInterrupt() if heard.heard else wrong)


def _told(verb: Any, wrong: BaseException) -> tuple[int, str]:
    """The exit code of what went wrong, and what to say of it."""
    try:
        raise wrong
    except SystemExit as ended:
        if verb is None:  # help was asked for, or it is said already what is wrong
            return (ended.code if isinstance(ended.code, int) else OK), ""
        return OK, ""  # rich's way to end, with 1, when the reader of a pipe had enough
    except NotWrittenError as wrong:
        return NOT_WRITTEN, str(wrong)
    except BrokenPipeError:  # of a check it had findings, because all else fits into the pipe
        return (FAILED if isinstance(verb, Data) else OK), ""
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as wrong:
        return BAD_INPUT, said(wrong)
    except OSError as wrong:
        return NOT_WRITTEN, said(wrong)
    except ModuleNotFoundError as wrong:
        extra = "train" if isinstance(verb, Train | Play | Report) else "data"
        return BAD_INPUT, str(wrong) if "pip install" in str(wrong) else f"{wrong}; {remedy(extra)}"
    except (ValueError, ImportError) as wrong:
        return BAD_INPUT, str(wrong)
    except KeyboardInterrupt:
        kept = f"; {KEPT}" if isinstance(verb, Generate | Train | Evaluate) else ""
        return INTERRUPTED, f"interrupted{kept}"
    except Exception:
        traceback.print_exc()
        return DEFECT, "this is a defect of avrgym; please report it with the lines above"
