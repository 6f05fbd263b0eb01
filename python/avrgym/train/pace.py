"""How often a stage keeps what it can go on from."""

import re
from dataclasses import dataclass

from avrgym._core import TaskError
from avrgym.core.arguments import quoted

_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(s|seconds?|min|minutes?|h|hours?)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Pace:
    """Every so many steps, or every so many seconds; the other is 0."""

    steps: int = 0
    seconds: float = 0.0

    @classmethod
    def parse(cls, every: int | str) -> "Pace":
        """Reads ``checkpoint_every``: steps, or a time such as ``10 minutes``; 0 for never.

        Raises:
            TaskError: It is neither.
        """
        if isinstance(every, int) and not isinstance(every, bool) and every >= 0:
            return cls(steps=every)
        if isinstance(every, str) and (found := _TIME.fullmatch(every.strip())):
            return cls(seconds=float(found[1]) * _SECONDS[found[2][0]])
        raise TaskError(
            f'checkpoint_every is {quoted(every)}; give steps, or a time such as "10 minutes"'
        )
