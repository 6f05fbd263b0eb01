"""The shapes that rewards have: of verdicts, and as TRL calls them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym.core.verdicts import Verdicts

Completion: TypeAlias = str | bytes | Sequence[Mapping[str, Any]]
Points: TypeAlias = NDArray[np.float64]

#: Points, float64 (n,), for n verdicts, and whether steps inside thoughts count.
Policy: TypeAlias = Callable[[Verdicts, bool], Points]


class Reward(Protocol):
    """What TRL calls: one score a completion, in order."""

    __name__: str

    def __call__(
        self, completions: Sequence[Completion], address: Sequence[str], **columns: object
    ) -> list[float]:
        """Scores completions.

        Args:
            completions: What was said, strings or message lists, n of them.
            address: What was asked, n of them.
            **columns: Whatever else TRL passes; ignored.

        Raises:
            TaskError: The lengths differ, or an address names nothing.
        """
        ...


def reply(completion: Completion) -> str | bytes:
    """The words of a completion: of a message list, the last message's."""
    if isinstance(completion, str | bytes):
        return completion
    content = completion[-1].get("content") if completion else None
    if isinstance(content, str):
        return content
    blocks = content or []
    return "".join(block.get("text") or "" for block in blocks if block.get("type") == "text")
