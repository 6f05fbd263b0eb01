"""What a curriculum is made for, and what one can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Occasion:
    """The stage that asks.

    Attributes:
        seed: The run's.
        place: The stage's among the run's stages, so that stages see different samples; from 1 on.
        held_out: One content in so many is never drawn.
        wording: Parameters of addresses that all of the run's levels take.
        rows: Prompts that the stage will draw; 0 if the curriculum is to say how many there are.
        together: Prompts that come in a run of one modality; 1 where they may be mixed.
    """

    seed: int = 0
    place: int = 1
    held_out: int = 4
    wording: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    together: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """How replies to one prompt fared.

    Attributes:
        prompt: What was asked.
        right: How many replies were right.
        total: How many there were.
        reward: The mean of their rewards.
    """

    prompt: Prompt
    right: int
    total: int
    reward: float


class Curriculum(Protocol):
    """Which prompts come next. Equal in all processes of a run, which draw and observe alike."""

    def draw(self, count: int) -> list[Prompt]:
        """The next prompts."""
        ...

    def observe(self, seen: Sequence[Seen]) -> None:
        """Is told how the replies to prompts fared, in the order in which they were drawn."""
        ...

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps: plain values."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from where :meth:`state` was taken."""
        ...

    def metrics(self) -> dict[str, float]:
        """Numbers to log."""
        ...


class Plan(Protocol):
    """A curriculum as a run's file says it: a frozen dataclass that begins with its ``kind``."""

    def rows(self, occasion: Occasion) -> int:
        """How many prompts it has; 0 without end.

        Raises:
            TaskError: It cannot be made so.
        """
        ...

    def asks(self, occasion: Occasion) -> list[tuple[str, Format]]:
        """All that it may ask: what addresses begin with, and the format."""
        ...

    def phases(self) -> tuple[str, ...]:
        """Phases that follow each other as stages of their own; none if it is one."""
        ...

    def of_phase(self, name: str) -> "Plan":
        """The part of it that one phase has."""
        ...

    def made(self, occasion: Occasion) -> Curriculum:
        """The curriculum itself.

        Raises:
            TaskError: It cannot be made so.
        """
        ...
