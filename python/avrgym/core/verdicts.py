"""Verdicts: what happened in replies, one by one or as columns. Facts, not points."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym.core.address import Addresses, spelled, task_of
from avrgym.core.arguments import quoted, truth

OUTCOMES: tuple[str, ...] = tuple(_core.OUTCOMES)
FORMS: tuple[str, ...] = tuple(_core.FORMS)
SKILLS: tuple[str, ...] = tuple(_core.SKILLS)
STATES: tuple[str, ...] = tuple(_core.STATES)
REASONS: tuple[str, ...] = tuple(_core.REASONS)

_CORRECT = OUTCOMES.index("correct")
_OF_REPLIES = ("outcome", "form", "components", "first_error")
_OF_STEPS = (
    *("step_start", "step_end", "step_skill", "step_state", "step_reason"),
    *("step_thought", "step_repeated"),
)
_READABLE = [_CORRECT, OUTCOMES.index("wrong")]


@dataclass(frozen=True, slots=True)
class Step:
    """A step found in a reply.

    Attributes:
        start: First byte of the claim in the reply's UTF-8.
        end: One past its last byte.
        skill: What the step does, one of ``SKILLS``.
        state: ``ok``, ``wrong`` or ``unsupported``.
        reason: Why it is not ``ok``, one of ``REASONS``; empty where it is.
        claim: The words themselves.
        thought: Whether it stands in a thought.
        repeated: Whether it says again what an earlier step said, or leads back to a state that was
            there before.
    """

    start: int
    end: int
    skill: str
    state: str
    reason: str
    claim: str
    thought: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that is known of one reply.

    Attributes:
        outcome: ``correct``, ``wrong``, ``ambiguous`` (answer forms disagree) or ``unparsed``.
        form: How the answer was marked, one of ``FORMS``: ``line``, ``tag`` or ``boxed``, or a
            weaker form; None without an answer.
        components: Task-specific facts by name, NaN where one does not apply.
        steps: The steps found, in the order of the reply.
        first_error: Index of the first wrong step outside of thoughts, None if there is none.
    """

    outcome: str
    form: str | None
    components: dict[str, float]
    steps: tuple[Step, ...]
    first_error: int | None

    @property
    def correct(self) -> bool:
        """Whether the final answer is right."""
        return self.outcome == "correct"

    @property
    def parsed(self) -> bool:
        """Whether one final answer could be read."""
        return self.outcome in ("correct", "wrong")


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts(Sequence[Verdict]):
    """The verdicts on n replies as columns; ``verdicts[i]`` puts one of them together.

    Attributes:
        addresses: What was asked, length n.
        replies: What was said, length n.
        outcome: uint8 (n,), codes into ``OUTCOMES``.
        form: uint8 (n,), codes into ``FORMS``, 255 for none.
        components: float32 (n, 8), in the order of ``_core.components(task)``.
        first_error: int32 (n,), index among the reply's steps, -1 for none.
        step_offsets: int64 (n + 1,); reply i has the steps ``step_offsets[i]:step_offsets[i+1]``.
        step_start: int64 (s,), first byte in the reply.
        step_end: int64 (s,), one past the last byte.
        step_skill: uint8 (s,), codes into ``SKILLS``.
        step_state: uint8 (s,), codes into ``STATES``.
        step_reason: uint8 (s,), codes into ``REASONS``.
        step_thought: bool (s,), whether it stands in a thought.
        step_repeated: bool (s,), whether it says again what was said, or leads back.
    """

    addresses: tuple[str, ...]
    replies: tuple[str | bytes, ...]
    outcome: NDArray[np.uint8]
    form: NDArray[np.uint8]
    components: NDArray[np.float32]
    first_error: NDArray[np.int32]
    step_offsets: NDArray[np.int64]
    step_start: NDArray[np.int64]
    step_end: NDArray[np.int64]
    step_skill: NDArray[np.uint8]
    step_state: NDArray[np.uint8]
    step_reason: NDArray[np.uint8]
    step_thought: NDArray[np.bool_]
    step_repeated: NDArray[np.bool_]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each answer is right, bool (n,)."""
        return np.equal(self.outcome, _CORRECT)

    @property
    def parsed(self) -> NDArray[np.bool_]:
        """Whether each reply has one readable answer, bool (n,)."""
        return np.isin(self.outcome, _READABLE)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the components that the tasks of the batch have, in order."""
        tasks = dict.fromkeys(task_of(address) for address in self.addresses)
        return tuple(dict.fromkeys(name for task in tasks for name in _components(task)))

    def component(self, name: str) -> NDArray[np.float32]:
        """One component, float32 (n,); NaN where it does not apply or the task has none such."""
        column = np.full(len(self), np.nan, np.float32)
        for task in {task_of(address) for address in self.addresses}:
            if name in _components(task):
                mine = [address.startswith(f"{task}/") for address in self.addresses]
                column[mine] = self.components[mine, _components(task).index(name)]
        return column

    def __len__(self) -> int:
        return len(self.outcome)

    def __iter__(self) -> Iterator[Verdict]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: SupportsIndex) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> "Verdicts": ...
    def __getitem__(self, index: SupportsIndex | slice) -> "Verdict | Verdicts":
        """One verdict, or the columns of those in a slice.

        Raises:
            IndexError: There is no such reply.
            TypeError: It is neither an integer nor a slice.
        """
        if isinstance(index, slice):
            return self._some(np.arange(len(self))[index])
        return self._one(range(len(self))[index])

    def _some(self, rows: NDArray[np.intp]) -> "Verdicts":
        """The columns of some replies, in their order."""
        starts, counts = self.step_offsets[rows], np.diff(self.step_offsets)[rows]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        steps = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in _OF_REPLIES}
        columns |= {name: getattr(self, name)[steps] for name in _OF_STEPS}
        return Verdicts(
            addresses=tuple(self.addresses[row] for row in rows),
            replies=tuple(self.replies[row] for row in rows),
            step_offsets=offsets,
            **columns,
        )

    def _one(self, index: int) -> Verdict:
        reply = self.replies[index]
        said = reply if isinstance(reply, bytes) else reply.encode("utf-8", "surrogatepass")
        steps = slice(self.step_offsets[index], self.step_offsets[index + 1])
        form = int(self.form[index])
        error = int(self.first_error[index])
        names = _components(task_of(self.addresses[index]))
        return Verdict(
            outcome=OUTCOMES[self.outcome[index]],
            form=None if form == 255 else FORMS[form],
            components=dict(zip(names, self.components[index].tolist(), strict=False)),
            steps=tuple(
                Step(
                    start,
                    end,
                    SKILLS[skill],
                    STATES[state],
                    REASONS[reason],
                    said[start:end].decode("utf-8", "replace"),
                    thought,
                    repeated,
                )
                for start, end, skill, state, reason, thought, repeated in zip(
                    self.step_start[steps].tolist(),
                    self.step_end[steps].tolist(),
                    self.step_skill[steps].tolist(),
                    self.step_state[steps].tolist(),
                    self.step_reason[steps].tolist(),
                    self.step_thought[steps].tolist(),
                    self.step_repeated[steps].tolist(),
                    strict=True,
                )
            ),
            first_error=None if error < 0 else error,
        )


@cache
def _components(task: str) -> list[str]:
    return _core.components(task)


def verify(
    addresses: Addresses, replies: Iterable[str | bytes] | str | bytes, *, strict: bool = False
) -> Verdicts:
    """Judges one reply per address; each address is resolved once however often it occurs.

    Args:
        addresses: The samples asked about, n of them; a single string is one.
        replies: What was said of each, n of them, of any size and any bytes; a single one is one.
        strict: Whether marked answers alone count; else weaker forms do where no marked one is.

    Raises:
        TaskError: The lengths differ, or an address names nothing.
        TypeError: A reply is neither ``str`` nor ``bytes``.
    """
    asked = tuple(spelled(addresses))
    said = (replies,) if isinstance(replies, str | bytes) else tuple(_listed(replies))
    return Verdicts(asked, said, *_core.verify(asked, said, truth("strict", strict)))


def answers(
    addresses: Addresses, replies: Iterable[str | bytes] | str | bytes
) -> NDArray[np.uint64]:
    """What replies answer, as numbers: the same where the verifier sees no difference.

    ``Answer: up x2`` and ``Answer: up, up`` are one answer. Numbers of different problems mean
    nothing to each other.

    Args:
        addresses: The samples asked about, n of them; a single string is one.
        replies: What was said of each, n of them; a single one is one.

    Returns:
        uint64 (n,); 0 where no one answer can be read.

    Raises:
        TaskError: The lengths differ, or an address names nothing.
        TypeError: A reply is neither ``str`` nor ``bytes``.
    """
    said = (replies,) if isinstance(replies, str | bytes) else tuple(_listed(replies))
    return _core.answers(tuple(spelled(addresses)), said)


def _listed(replies: Any) -> Iterable[str | bytes]:
    if isinstance(replies, Mapping) or not isinstance(replies, Iterable):
        raise TypeError(f"replies is {quoted(replies)}; give str or bytes for each address")
    return replies
