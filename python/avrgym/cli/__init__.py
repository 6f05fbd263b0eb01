"""The command ``avrgym``: one file a verb. Heavy imports wait inside their verb."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Does what the command line, or ``args``, says, and exits."""
    if find_spec("tyro") is None:  # the script is there without the extra as well
        print("avrgym: avrgym's command line needs: pip install 'avrgym[data]'", file=sys.stderr)
        sys.exit(2)
    from avrgym.cli.entry import enter

    enter(args)
