"""Where the time of training steps goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """Adds up seconds by name, until they are taken."""

    def __init__(self) -> None:
        """Begins at nothing."""
        self._spent: dict[str, float] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Adds what the block takes."""
        begun = perf_counter()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + perf_counter() - begun

    def add(self, name: str, seconds: float) -> None:
        """Adds what was measured elsewhere."""
        self._spent[name] = self._spent.get(name, 0.0) + seconds

    def taken(self, steps: int) -> dict[str, float]:
        """Seconds a step by name since they were last taken."""
        found = {name: round(spent / max(steps, 1), 6) for name, spent in self._spent.items()}
        self._spent = {}
        return found
