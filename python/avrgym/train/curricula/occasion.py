"""What a curriculum is made for, and what one can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

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
        right: How many replies were right, by the verdict.
        total: How many there were.
    """

    prompt: Prompt
    right: int
    total: int

    @property
    def mixed(self) -> bool:
        """Whether some were right and some were not, so that they say what to do and what not."""
        return 0 < self.right < self.total


class Curriculum(Protocol):
    """Which prompts come next. Equal in all processes of a run, which draw and observe alike."""

    @property
    def drawn(self) -> int:
        """How many prompts were drawn so far."""
        ...

    @property
    def pictured(self) -> float:
        """The share of prompts that show a picture, 0 to 1."""
        ...

    def draw(self, count: int, pictured: bool | None = None) -> list[Prompt]:
        """The next prompts.

        Args:
            count: How many.
            pictured: Whether all are to show a picture, or none; None: as planned. Without end
                alone can be asked for either.
        """
        ...

    def sample(self, count: int) -> list[Prompt]:
        """Prompts of all that it may ask, to look at; nothing is drawn by that."""
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
        """Numbers to log: shares and success by level, and its own."""
        ...

    def standing(self) -> dict[str, tuple[float, float]]:
        """By level the share of the last prompts, and the share of right replies to them."""
        ...

    def news(self) -> list[str]:
        """What people should hear since the last call, such as that it climbs no more."""
        ...


@runtime_checkable
class Placed(Protocol):
    """A curriculum that goes by places alone, so that any prompt is had without those before."""

    def at(self, indices: Sequence[int]) -> list[Prompt]:
        """The prompts at some places."""
        ...


class Plan(Protocol):
    """A curriculum as a run's file says it: a frozen dataclass that begins with its ``kind``."""

    def rows(self, occasion: Occasion) -> int:
        """How many prompts it has; 0 without end.

        Raises:
            TaskError: It cannot be made so.
        """
        ...

    def adapts(self) -> bool:
        """Whether it goes by how replies fare, so that a stage has to draw some."""
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
