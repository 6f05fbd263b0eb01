"""The command's first file. It imports nothing that takes time: Ctrl-C is one line from here on."""

import atexit
import os
import signal
import sys
from types import FrameType


def main() -> None:
    """What the script ``avrgym`` calls: does what the command line says, and exits."""
    arm()
    from avrgym.cli import main as enter

    try:
        enter()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        # All is done and said; what is left is the interpreter's own end.
        _take(lambda *_: os._exit(code))
        raise


def arm() -> None:
    """Makes Ctrl-C one line, while the package is imported and whenever nothing else takes it."""
    own = os.getpid()

    def end(_number: int, _frame: FrameType | None) -> None:
        if os.getpid() == own:
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"avrgym: interrupted\n")
        os._exit(130)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not so behind nohup
        _take(end)
        # The interpreter takes its handlers back before it takes modules apart, which takes long.
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def _take(handler: object) -> None:
    """Handles Ctrl-C so, unless it is ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]
