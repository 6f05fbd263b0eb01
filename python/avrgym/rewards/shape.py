"""The shapes that rewards have: of verdicts, and as TRL calls them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import quoted
from avrgym.core.verdicts import Verdicts

Completion: TypeAlias = str | bytes | Sequence[Mapping[str, Any]]
Points: TypeAlias = NDArray[np.float64]

#: Points, float64 (n,), for n verdicts, and whether steps inside thoughts count.
Policy: TypeAlias = Callable[[Verdicts, bool], Points]


class Reward(Protocol):
    """What TRL calls: one score a completion, in order."""

    __name__: str

    def __call__(
        self,
        completions: Sequence[Completion],
        address: Sequence[str],
        *,
        format: Sequence[str | None] | str | None = None,
        **columns: object,
    ) -> list[float]:
        """Scores completions.

        Args:
            completions: What was said, strings or message lists, n of them.
            address: What was asked, n of them.
            format: Which reply was owed, a name of :class:`avrgym.Format` each; an answer if not
                given.
            **columns: Whatever else TRL passes; ignored.

        Raises:
            TaskError: The lengths differ, an address names nothing, or there is no such format.
            TypeError: A completion is none.
        """
        ...


def replies(completions: Sequence[Completion] | str | bytes) -> list[str | bytes]:
    """The words of completions; a single string is one completion.

    Raises:
        TypeError: One of them is neither words nor messages.
    """
    given = [completions] if isinstance(completions, str | bytes) else completions
    return [reply(each) for each in given]


def reply(completion: Completion) -> str | bytes:
    """The words of a completion: of a message list, the last message's.

    Raises:
        TypeError: It is neither words nor messages.
    """
    if isinstance(completion, str | bytes):
        return completion
    try:
        content = completion[-1].get("content") if len(completion) else None
        if isinstance(content, str):
            return content
        blocks = content or []
        return "".join(block.get("text") or "" for block in blocks if block.get("type") == "text")
    except (AttributeError, KeyError, TypeError):
        raise TypeError(
            f"a completion is {quoted(completion)}; give a string, or a list of messages"
        ) from None
