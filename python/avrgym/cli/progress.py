"""How far work is, on the error stream."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol


class Hear(Protocol):
    """Told how far work is."""

    def __call__(self, stage: str, done: int, of: int, note: str = "") -> None:
        """The stage, how much is done and of how much, and what there is to say beside it."""


_SAID = {
    "ask": "asking",
    "plan": "comparing contents",
    "write": "writing rows",
    "read": "reading rows",
    "judge": "judging, bytes",
    "continue": "going on behind steps",
}
_EVERY = 30.0  # seconds between two lines in a log


def _long(seconds: float) -> str:
    """A time to wait, in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def progress() -> AbstractContextManager[Hear]:
    """A bar on a terminal; elsewhere a line now and then, and one at the end if it ends well."""
    return _bar() if sys.stderr.isatty() else _lines()


@contextmanager
def _lines() -> Iterator[Hear]:
    begun: dict[str, tuple[float, int]] = {}
    line, printed, at = "", "", time.monotonic()

    def hear(stage: str, done: int, of: int, note: str = "") -> None:
        nonlocal line, printed, at
        now = time.monotonic()
        # What was there before this run does not count for its rate.
        start, before = begun.setdefault(stage, (now, done))
        pace = (done - before) / max(now - start, 1e-9)
        rate = f", {pace:,.{0 if pace >= 10 else 1}f}/s" if done > before else ""
        left = f", {_long((of - done) / pace)} left" if rate and done < of else ""
        line = f"{_SAID[stage]}: {done:,} of {of:,}{rate}{left}{note and f', {note}'}"
        if now - at >= _EVERY:
            print(line, file=sys.stderr, flush=True)
            printed, at = line, now

    yield hear
    if line != printed:
        print(line, file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Iterator[Hear]:
    """A bar with rate and time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "")

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
        # What is printed meanwhile goes above the bar, unless it goes to a file.
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        bars: dict[str, tuple[Any, int]] = {}

        def hear(stage: str, done: int, of: int, note: str = "") -> None:
            if stage not in bars:
                # What was there before this run does not count for its rate.
                bars[stage] = (bar.add_task(_SAID[stage], total=of - done), done)
            task, before = bars[stage]
            said = f"{_SAID[stage]}, {note}" if note else _SAID[stage]
            bar.update(task, completed=done - before, description=said)

        yield hear
