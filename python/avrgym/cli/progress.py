"""How far work is, on the error stream."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

#: Called with the stage, how much is done and of how much.
Hear: TypeAlias = Callable[[str, int, int], None]

_SAID = {
    "plan": "comparing contents",
    "write": "writing rows",
    "read": "reading rows",
    "judge": "judging, bytes",
}
_EVERY = 30.0  # seconds between two lines in a log


def progress() -> AbstractContextManager[Hear]:
    """A bar on a terminal; elsewhere a line now and then, and one at the end if it ends well."""
    return _bar() if sys.stderr.isatty() else _lines()


@contextmanager
def _lines() -> Iterator[Hear]:
    begun: dict[str, tuple[float, int]] = {}
    line, printed, at = "", "", time.monotonic()

    def hear(stage: str, done: int, of: int) -> None:
        nonlocal line, printed, at
        now = time.monotonic()
        # What was there before this run does not count for its rate.
        start, before = begun.setdefault(stage, (now, done))
        rate = f", {(done - before) / (now - start):,.0f}/s" if done > before else ""
        line = f"{_SAID[stage]}: {done:,} of {of:,}{rate}"
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

        def hear(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                # What was there before this run does not count for its rate.
                bars[stage] = (bar.add_task(_SAID[stage], total=of - done), done)
            task, before = bars[stage]
            bar.update(task, completed=done - before)

        yield hear
