"""The verifier in GRPO: judges a batch once, and pays every reward from that."""

from collections.abc import Callable, Sequence
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.verdicts import Verdicts, verify
from avrgym.models.tokens import ByteTable
from avrgym.rewards import POLICIES, right, score
from avrgym.train.clock import Clock
from avrgym.train.reward import resolved


class Judge:
    """Judges replies by the exact bytes of their tokens, and remembers what it said."""

    def __init__(self, table: ByteTable, clock: Clock) -> None:
        """A judge that has not judged; ``table`` spells tokens."""
        self.table, self.clock = table, clock
        self.ids: list[list[int]] = []
        self.replies: list[bytes] = []
        self.formats: list[str | None] = []
        self._verdicts: Verdicts | None = None

    @property
    def verdicts(self) -> Verdicts:
        """Of the last batch."""
        assert self._verdicts is not None, "a batch is judged before it is asked for"
        return self._verdicts

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each reply of the last batch is what was asked for, bool (n,)."""
        return right(self.verdicts, self.formats)

    def judge(
        self, ids: list[list[int]], addresses: Sequence[str], formats: Sequence[str | None]
    ) -> None:
        """Judges a batch: tokens of n replies, what was asked, and in which formats if known."""
        with self.clock.measure("verifier"):
            self.ids, self.formats = ids, list(formats)
            self.replies = [self.table.text(each) for each in ids]
            self._verdicts = verify(addresses, self.replies)

    def rewards(self, names: Sequence[str]) -> list[Callable[..., Any]]:
        """Functions that TRL calls, one for each reward, in order."""
        return [self._reward(name) for name in names]

    def _reward(self, name: str) -> Callable[..., Any]:
        if name not in POLICIES:
            return self._foreign(name, resolved(name))

        def reward(**_: object) -> list[float]:
            with self.clock.measure("rewards"):
                points: list[float] = score(self.verdicts, name, formats=self.formats).tolist()
            return points

        reward.__name__ = name  # TRL names its metrics after this
        return reward

    def _foreign(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of somebody else's; what it raises is its own, and stays as it is."""
        if iscoroutinefunction(function):  # which TRL awaits
            return function

        @wraps(function)
        def reward(**columns: Any) -> Any:
            with self.clock.measure("rewards"):
                points = function(**columns)
            if len(points) != len(columns["completions"]):
                raise TaskError(
                    f"rewards: {name} gave {len(points)} points for "
                    f"{len(columns['completions'])} replies; give one a reply, None for no say"
                )
            return points

        return reward
