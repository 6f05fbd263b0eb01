"""The command ``avrgym``: one file a verb. Heavy imports wait inside their verb."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from avrgym.core.extras import remedy

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Does what the command line, or ``args``, says, and exits."""
    if find_spec("tyro") is None:  # the script is there without the extra as well
        print(f"avrgym: the command line needs tyro; {remedy('data')}", file=sys.stderr)
        sys.exit(2)
    from avrgym.cli.entry import enter

    enter(args)
