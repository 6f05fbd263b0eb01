"""What is measured before, between and after the stages of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from avrgym._core import TaskError
from avrgym.core.arguments import named, whole
from avrgym.core.ladder import expand
from avrgym.prompts.format import Format

DECODINGS: tuple[str, ...] = ("greedy", "sampled")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is measured; checked when made.

    Attributes:
        suite: Levels, each such as ``grid_navigation/rung0..rung3`` or
            ``table_readout/simple?rows=5``.
        items: Samples of each level, all of different content, 1 to 2**20.
        formats: What is shown and asked for: names of :class:`avrgym.prompts.format.Format`.
        decodings: ``greedy``, ``sampled`` or both.
        draws: Replies sampled to each prompt, 1 to 4,096; a greedy one is one.
        max_reply: Tokens of a reply, 1 to 2**20.
        batch: Replies drawn together, 1 to 2**20.
        split: ``val`` or ``test``. Choose settings on ``val``; figures come from ``test``.
        seed: Of the samples, and of drawing, in [0, 2**64).
        wording: Parameters that all levels take, e.g. ``{"style": "terse"}``; those of the run if
            None.

    Raises:
        TaskError: One of them names nothing or is out of its range.
    """

    suite: tuple[str, ...] = ()
    items: int = 256
    formats: tuple[str, ...] = ("image", "text")
    decodings: tuple[Literal["greedy", "sampled"], ...] = ("greedy", "sampled")
    draws: int = 1
    max_reply: int = 64
    batch: int = 256
    split: Literal["val", "test"] = "test"
    seed: int = 0
    wording: Mapping[str, object] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            whole(name, getattr(self, name), 1, most)
        whole("seed", self.seed, 0, 2**64 - 1)
        named("split", self.split, ("val", "test"))
        for name in self.decodings:
            named("decoding", name, DECODINGS)
        for name in self.formats:
            Format.parse(name)
        for what, held in (("formats", self.formats), ("decodings", self.decodings)):
            if len(set(held)) < len(held):
                raise TaskError(f"{what} say {', '.join(held)}; name each once")
        expand(self.suite, self.wording)

    def settings(self, wording: Mapping[str, object] | None = None) -> tuple[str, ...]:
        """The levels in order, as canonical addresses begin with them.

        Args:
            wording: The run's; counts where this evaluation has none of its own.

        Raises:
            TaskError: A task has no such parameter.
        """
        return expand(self.suite, wording if self.wording is None else self.wording)


_MOST = {"items": 2**20, "draws": 4096, "max_reply": 2**20, "batch": 2**20}
