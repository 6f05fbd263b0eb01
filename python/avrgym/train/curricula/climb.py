"""How levels take turns: what a rule for it is told, and what it says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import number
from avrgym.prompts.prompt import Prompt

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fared:
    """How the replies to one prompt fared: a group.

    Attributes:
        arm: The place of the prompt's level among those that are climbed, easiest first, from 0.
        prompt: What was asked.
        right: How many replies were right, by the verdict.
        total: How many there were, 1 or more.
    """

    arm: int
    prompt: Prompt
    right: int
    total: int

    @property
    def success(self) -> float:
        """The share of right replies, 0 to 1."""
        return self.right / self.total

    @property
    def signal(self) -> float:
        """The mean of |advantage| if right replies alone are paid, 1 each: 2 √(p (1 - p)).

        The advantage is the group's as GRPO has it, a reward less the mean over the deviation. Of a
        shaped reward it would be noise where all replies fail, for the deviation divides it.
        """
        p = self.success
        return float(2 * np.sqrt(p * (1 - p)))


@dataclass(frozen=True, slots=True)
class Rest:
    """A climb that stands still.

    Attributes:
        level: Where; it is told once of each.
        words: What people should hear.
    """

    level: str
    words: str


class Rule(Protocol):
    """A climb that goes on. Time is the share of the budget that was drawn, from 0 to 1."""

    def shares(self, time: float) -> Floats:
        """The share of prompts that each level is to have now, (n,), which sum to 1."""
        ...

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Is told how what was drawn together fared, in the order in which it was drawn."""
        ...

    def rests(self, time: float) -> Rest | None:
        """Where it does not climb any more; None while it does."""
        ...

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps: plain values."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from where :meth:`state` was taken."""
        ...

    def metrics(self) -> dict[str, float]:
        """Its own numbers, to log."""
        ...


class Climb(Protocol):
    """A rule as a run's file says it: a frozen dataclass that begins with its ``kind``."""

    ADAPTS: ClassVar[bool]
    """Whether it goes by how replies fare, so that a stage has to draw some."""

    @property
    def kind(self) -> str:
        """Names the class in a run's file."""
        ...

    def made(self, levels: Sequence[str]) -> Rule:
        """The rule for some levels, easiest first; one or more."""
        ...


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A rule that goes by time alone.

    Attributes:
        at: The shares at a time.
    """

    at: Callable[[float], Floats]

    def shares(self, time: float) -> Floats:
        """Those of the time."""
        return self.at(time)

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Changes nothing."""

    def rests(self, time: float) -> Rest | None:
        """Never."""
        return None

    def state(self) -> dict[str, Any]:
        """None: time is kept elsewhere."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing is to be restored."""

    def metrics(self) -> dict[str, float]:
        """None."""
        return {}


def mixed(shares: Floats, even: float) -> Floats:
    """Shares of which a part is dealt evenly.

    Args:
        shares: Weights of n levels, not all 0, float64 (n,).
        even: The part of all prompts that is, 0 to 1.
    """
    found: Floats = (1 - even) * shares / shares.sum() + even / len(shares)
    return found


def softmax(values: Floats, temperature: float) -> Floats:
    """Weights by Boltzmann: in proportion to exp(value / temperature), the largest 1."""
    weights: Floats = np.exp((values - values.max()) / temperature)
    return weights


def part(what: str, value: object) -> None:
    """Looks at a share of something.

    Raises:
        TaskError: It is not from 0 to 1.
    """
    if not 0 <= number(what, value) <= 1:
        raise TaskError(f"{what} is {value}; give a share from 0 to 1")


def above(what: str, value: object) -> None:
    """Looks at a number that must be above 0.

    Raises:
        TaskError: It is not.
    """
    if number(what, value) <= 0:
        raise TaskError(f"{what} is {value}; give a number above 0")
