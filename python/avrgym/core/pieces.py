"""A reply or a rationale cut at its steps: the one cutter, whatever shows them.

Steps may overlap or stand within each other. So words are cut wherever a step begins or ends, and a
piece knows all steps that it belongs to; the loudest of them says how it is marked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

# What is wrong must be seen, whatever stands around it or within.
_LOUD = {"": 0, "ok": 1, "unsupported": 2, "wrong": 3}


class Span(Protocol):
    """A step of a rationale, or of a verdict, which has a ``state`` and more as well."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def skill(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of a stretch of words.

    Attributes:
        start: First byte.
        end: One past the last byte.
        skill: One of ``avrgym.SKILLS``.
        state: One of ``avrgym.STATES``; empty where nothing was judged.
        reason: Why the state is not ``ok``; empty where it is.
        thought: Whether it stands in a thought, where it does not count.
    """

    start: int
    end: int
    skill: str
    state: str = ""
    reason: str = ""
    thought: bool = False

    @property
    def note(self) -> str:
        """Skill and reason in words, and whether it was only thought."""
        note = f"{self.skill}: {self.reason}" if self.reason else self.skill
        return note.replace("_", " ") + (", in a thought" if self.thought else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words that belongs to the same steps from end to end.

    Attributes:
        said: Its bytes.
        marks: The steps that it belongs to, the loudest first: wrong ones before unsupported and
            right ones, and among equals the one that began last. None for words between steps.
        ended: Those of them that end with it.
    """

    said: bytes
    marks: tuple[Mark, ...] = ()
    ended: tuple[Mark, ...] = ()

    @property
    def text(self) -> str:
        """What it says; bytes that are no UTF-8 as U+FFFD."""
        return self.said.decode("utf-8", "replace")

    @property
    def skill(self) -> str:
        """Of the loudest step; empty between steps."""
        return self.marks[0].skill if self.marks else ""

    @property
    def state(self) -> str:
        """Of the loudest step; empty between steps, or where nothing was judged."""
        return self.marks[0].state if self.marks else ""

    @property
    def note(self) -> str:
        """What is said of it, step by step."""
        return "; ".join(dict.fromkeys(mark.note for mark in self.marks))

    @property
    def complaints(self) -> tuple[Mark, ...]:
        """The steps that end here and are not right."""
        return tuple(mark for mark in self.ended if mark.state not in ("", "ok"))


def marks(steps: Iterable[Span]) -> list[Mark]:
    """Steps of a rationale or of a verdict as marks."""
    judged: dict[str, Any] = {"state": "", "reason": "", "thought": False}
    return [
        Mark(s.start, s.end, s.skill, *(getattr(s, name, bare) for name, bare in judged.items()))
        for s in steps
    ]


def cut(said: str | bytes, steps: Iterable[Mark]) -> list[Piece]:
    """Words cut at their steps, in order; joined, the pieces are the words, byte for byte.

    Args:
        said: A reply or a rationale, of any bytes.
        steps: In any order. What lies beyond the words is left out, and so is an empty step.
    """
    raw = said if isinstance(said, bytes) else said.encode("utf-8", "surrogatepass")
    held = [step for step in steps if step.start < min(step.end, len(raw))]
    bounds = sorted({0, len(raw)} | {min(at, len(raw)) for s in held for at in (s.start, s.end)})
    coming = sorted(held, key=lambda step: step.start, reverse=True)
    around: list[Mark] = []
    pieces: list[Piece] = []
    for start, end in pairwise(bounds):
        around = [step for step in around if step.end > start]
        while coming and coming[-1].start == start:
            around.append(coming.pop())
        ended = tuple(step for step in around if min(step.end, len(raw)) == end)
        pieces.append(Piece(raw[start:end], _loudest(around), ended))
    return pieces


def _loudest(around: Sequence[Mark]) -> tuple[Mark, ...]:
    if len(around) < 2:  # most pieces, and sorting costs as much as all else
        return tuple(around)
    return tuple(sorted(around, key=lambda mark: (-_LOUD[mark.state], -mark.start, mark.end)))
