"""Samples by address: their words, their pictures, and endless random-access sources of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core import facts
from avrgym.core import held_out as held_back
from avrgym.core.address import task_of
from avrgym.core.arguments import named, quoted, table, whole
from avrgym.core.facts import RationaleStep
from avrgym.core.pictures import CHUNK, Size, render

Split: TypeAlias = Literal["train", "val", "test"]

TASKS: tuple[str, ...] = tuple(_core.TASKS)
SPLITS: tuple[str, ...] = tuple(_core.SPLITS)


@dataclass(frozen=True, slots=True)
class Sample:
    """One problem in words. Its picture is drawn on demand, because pictures are large.

    Attributes:
        address: The canonical address; everything else is a function of it.
        question: What is asked, in the same words for picture and twin.
        twin: The problem as text.
        rationale: Worked steps; its last line is ``Answer: …``, so it is a complete correct reply.
        answer: The canonical bare answer; ``Answer: `` before it makes a correct reply.
        content: Content hash, 32 hexadecimal digits; equal exactly for equal problems.
    """

    address: str
    question: str
    twin: str
    rationale: str
    answer: str
    content: str

    @property
    def task(self) -> str:
        """The task's name."""
        return task_of(self.address)

    @property
    def steps(self) -> tuple[RationaleStep, ...]:
        """The rationale's steps in order, worked out anew at each access."""
        [steps] = facts.steps([self.address])
        return steps

    @property
    def features(self) -> dict[str, float]:
        """The numbers that make it hard, worked out anew at each access."""
        return {name: float(column[0]) for name, column in facts.features([self.address]).items()}

    @property
    def shortcuts(self) -> dict[str, float]:
        """The chance, 0 to 1, that each policy without the skill succeeds, worked out anew."""
        return {name: float(column[0]) for name, column in facts.shortcuts([self.address]).items()}


def levels(task: str) -> tuple[str, ...]:
    """The names of a task's levels: the paper's, then the ladder.

    Raises:
        TaskError: No such task.
    """
    return tuple(_core.levels(task))


def parameters(task: str, level: str) -> dict[str, str]:
    """The parameters of a level, as an address writes them.

    Raises:
        TaskError: No such task or level.
    """
    return dict(_core.parameters(task, level))


def samples(addresses: Iterable[str]) -> list[Sample]:
    """The words of samples, in order.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    addresses = list(addresses)
    found: list[Sample] = []
    for start in range(0, len(addresses), CHUNK):
        found += [Sample(*words) for words in _core.words(addresses[start : start + CHUNK])]
    return found


def contents(addresses: Iterable[str]) -> list[str]:
    """The content hashes of samples, 32 hexadecimal digits each; cheaper than their words.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    return _core.contents(list(addresses))


@dataclass(frozen=True, slots=True)
class Source:
    """All samples of one level of one task under one seed: an endless, random-access sequence.

    Attributes:
        task: One of ``avrgym.TASKS``.
        level: One of ``avrgym.levels(task)``.
        split: ``train``, ``val`` or ``test``; the splits share no random stream.
        seed: Which dataset, in [0, 2**64).
        params: Overrides of the level's parameters, e.g. ``{"rows": "5-7", "trace": "dfs"}``.
        held_out: If given, one content in so many, 2 to 65,536, is kept for evaluation: split
            ``train`` never shows such a content, ``val`` and ``test`` show nothing else, and no
            content is in both, whatever the seed and level. Every index below 2**40 still has a
            sample of its own, found without the others: where the one at index i belongs to another
            split, the first that belongs among those at i + 2**40, i + 2 * 2**40, … stands in, and
            its address says so. ``avrgym.held_out`` has the rule.

    Raises:
        TaskError: One of them names nothing or is out of its range.
    """

    task: str
    level: str
    split: str = "train"
    seed: int = 0
    params: Mapping[str, object] = field(default_factory=dict)
    held_out: int | None = None

    def __post_init__(self) -> None:
        named("task", self.task, TASKS)
        named("level", self.level, levels(self.task))
        named("split", self.split, SPLITS)
        seed = whole("seed", self.seed, 0, 2**64 - 1)
        params = table("params", self.params)
        for key, value in params.items():
            if set(f"{key}{_written(value)}") & set("&#?/") or "=" in key:
                raise TaskError(f"no parameter is {quoted(key)}, or may be {quoted(value)}")
        kept = {"seed": seed, "params": params, "held_out": held_back.one_in(self.held_out)}
        for name, checked in kept.items():
            object.__setattr__(self, name, checked)
        _core.canonical([f"{self.head}0"])

    @property
    def head(self) -> str:
        """What every address begins with: all but the index."""
        overrides = "&".join(f"{key}={_written(value)}" for key, value in self.params.items())
        question_mark = "?" if overrides else ""
        return f"{self.task}/{self.level}{question_mark}{overrides}#{self.split}:{self.seed}:"

    def address(self, index: int) -> str:
        """The address of sample ``index``, in [0, 2**64); with ``held_out`` below 2**40.

        Raises:
            TaskError: With ``held_out``, there is no such index, or the level shows hardly anything
                that belongs to the split.
        """
        return self.addresses([index])[0]

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """One sample by index, or several by a slice with an end."""
        if isinstance(index, slice):
            if index.stop is None:
                raise TaskError("a source has no end; give the slice one")
            return self.samples(range(index.start or 0, index.stop, index.step or 1))
        return self.samples([index])[0]

    def addresses(self, indices: Iterable[int]) -> list[str]:
        """The addresses of several samples; see :meth:`address`."""
        head = self.head
        plain = [f"{head}{index}" for index in indices]
        return plain if self.held_out is None else held_back.admitted(plain, self.held_out)

    def samples(self, indices: Iterable[int]) -> list[Sample]:
        """Several samples."""
        return samples(self.addresses(indices))

    def images(
        self,
        indices: Iterable[int],
        size: Size = 448,
        theme: str = "paper",
        *,
        insist: bool = False,
    ) -> NDArray[np.uint8]:
        """Pictures of several samples, as :func:`render` draws them."""
        return render(self.addresses(indices), size, theme, insist=insist)


def _written(value: object) -> str:
    """A parameter as an address writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = all(isinstance(item, int) for item in value)
        return ("-" if numbers else "+").join(str(item) for item in value)
    return str(value)
