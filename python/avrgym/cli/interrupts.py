"""Ctrl-C within a verb: an exception that may clean up, and that is not forgotten."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """What was heard of Ctrl-C.

    Attributes:
        heard: Whether there was one. Libraries turn the exception into others, or drop it where
            it comes up within a callback.
    """

    def __init__(self) -> None:
        """Nothing was heard."""
        self.heard = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Raises, once: cleaning up is not broken off by an impatient hand."""
        if not self.heard:
            self.heard = True
            raise KeyboardInterrupt


@contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Hears Ctrl-C within the block, in the main thread and unless it is ignored."""
    heard = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = signal.getsignal(signal.SIGINT)
    if before in (signal.SIG_IGN, None):
        yield heard
        return
    signal.signal(signal.SIGINT, heard)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
