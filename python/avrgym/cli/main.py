"""Entry point: verbs by name, and what went wrong as one line and a code."""

import sys
from collections.abc import Sequence

import tyro

from avrgym.cli.data import Data, Generate, data, generate
from avrgym.cli.look import Gallery, List, Show, gallery, list_, show
from avrgym.cli.train import Play, Report, Train, play, report, train

# What scripts can tell apart.
OK, FAILED, BAD_INPUT, NOT_WRITTEN, INTERRUPTED = 0, 1, 2, 3, 130

_ABOUT = """A compiled gym for algorithmic visual reasoning.

Begin with: avrgym list; avrgym show grid_navigation/simple#train:0:0; avrgym generate --help.
Exit codes: 0 all is well, 1 a check failed, 2 bad input, 3 a file could not be written,
130 interrupted."""


def main(args: Sequence[str] | None = None) -> None:
    """Does what the command line, or ``args``, says, and exits."""
    verb = tyro.extras.subcommand_cli_from_dict(
        {
            "list": List,
            "show": Show,
            "gallery": Gallery,
            "generate": Generate,
            "data": Data,
            "train": Train,
            "play": Play,
            "report": Report,
        },
        prog="avrgym",
        description=_ABOUT,
        args=args,
        config=(tyro.conf.OmitSubcommandPrefixes, tyro.conf.OmitArgPrefixes),
    )
    try:
        sys.exit(OK if run(verb) else FAILED)
    except (ValueError, FileNotFoundError, ImportError) as wrong:
        _stop(str(wrong), BAD_INPUT)
    except BrokenPipeError:  # the reader of a pipe had enough
        sys.stderr.close()
        sys.exit(OK)
    except OSError as wrong:
        where = f"{wrong.filename}: " if wrong.filename else ""
        _stop(
            f"{where}{wrong.strerror or wrong}; what is finished is kept, the same command goes on "
            "from there once that is mended",
            NOT_WRITTEN,
        )
    except KeyboardInterrupt:
        _stop(
            "interrupted; what is finished is kept, the same command goes on from there",
            INTERRUPTED,
        )


def run(verb: object) -> bool:
    """Does what a verb says; False if a check failed."""
    match verb:
        case List():
            list_(verb)
        case Show():
            show(verb)
        case Gallery():
            gallery(verb)
        case Generate():
            generate(verb)
        case Data():
            return data(verb)
        case Train():
            train(verb)
        case Play():
            play(verb)
        case Report():
            report(verb)
    return True


def _stop(why: str, code: int) -> None:
    print(f"avrgym: {why}", file=sys.stderr)
    sys.exit(code)
