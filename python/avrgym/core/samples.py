"""Samples by address: their words, their pictures, and endless random-access sources of them."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from html import escape
from typing import Literal, SupportsIndex, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core import facts
from avrgym.core import held_out as held_back
from avrgym.core.address import Address, Addresses, spelled, task_of
from avrgym.core.arguments import integer, named, quoted, table, whole
from avrgym.core.facts import RationaleStep
from avrgym.core.pictures import CHUNK, Size, encode, render

Split: TypeAlias = Literal["train", "val", "test"]

TASKS: tuple[str, ...] = tuple(_core.TASKS)
SPLITS: tuple[str, ...] = tuple(_core.SPLITS)

#: Samples that a source makes at once.
MOST: int = 2**20

# Samples that a loop over a source is ahead of its reader, at most.
_AHEAD = 64


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
    def level(self) -> str:
        """The level's name."""
        return Address.parse(self.address).level

    @property
    def split(self) -> str:
        """``train``, ``val`` or ``test``."""
        return Address.parse(self.address).split

    @property
    def seed(self) -> int:
        """Which dataset it is of."""
        return Address.parse(self.address).seed

    @property
    def index(self) -> int:
        """Which sample of it."""
        return Address.parse(self.address).index

    def image(
        self, size: Size = 448, theme: str = "paper", *, insist: bool = False
    ) -> NDArray[np.uint8]:
        """Its picture, uint8, shape (height, width, 3), RGB, drawn anew; see :func:`render`.

        Raises:
            TaskError: The theme or the size is wrong, or the picture could not be read.
        """
        picture: NDArray[np.uint8] = render([self.address], size, theme, insist=insist)[0]
        return picture

    def _repr_html_(self) -> str:
        """How a notebook shows it: picture, question and answer."""
        [file] = encode([self.address], facts.picture(self.task), insist=True)
        return (
            '<figure style="margin: 0; max-width: 40em">'
            f'<img alt="{escape(self.address)}" style="max-width: 100%" '
            f'src="data:image/png;base64,{b64encode(file).decode()}">'
            f"<figcaption><code>{escape(self.address)}</code>"
            f'<p style="white-space: pre-wrap">{escape(self.question)}</p>'
            f"<p>Answer: <b>{escape(self.answer)}</b></p></figcaption></figure>"
        )

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
    return tuple(_core.levels(named("task", task, TASKS)))


def parameters(task: str, level: str) -> dict[str, str]:
    """The parameters of a level, as an address writes them.

    Raises:
        TaskError: No such task or level.
    """
    return dict(_core.parameters(task, named("level", level, levels(task))))


def samples(addresses: Addresses) -> list[Sample]:
    """The words of samples, in order.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    addresses = spelled(addresses)
    found: list[Sample] = []
    for start in range(0, len(addresses), CHUNK):
        found += [Sample(*words) for words in _core.words(addresses[start : start + CHUNK])]
    return found


def contents(addresses: Addresses) -> list[str]:
    """The content hashes of samples, 32 hexadecimal digits each; cheaper than their words.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    return _core.contents(spelled(addresses))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """All samples of one level of one task under one seed: an endless, random-access sequence.

    ``source[3]`` is a sample, ``source[:10]`` a list of them, and a loop over it never ends by
    itself. Sources that have the same sample at every index are equal.

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

    def __eq__(self, other: object) -> bool:
        return self._value() == other._value() if isinstance(other, Source) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value())

    def _value(self) -> tuple[str, int | None]:
        """What it is, however its parameters were written."""
        [first] = _core.canonical([f"{self.head}0"])
        return first, self.held_out

    def address(self, index: SupportsIndex) -> str:
        """The address of sample ``index``, in [0, 2**64); with ``held_out`` below 2**40.

        Raises:
            TaskError: With ``held_out``, there is no such index, or the level shows hardly anything
                that belongs to the split.
        """
        return self.addresses([index])[0]

    def __iter__(self) -> Iterator[Sample]:
        """The samples in order, without end; a source with ``held_out`` has 2**40."""
        start, count = 0, 1
        while start < self._end:
            stop = min(start + count, self._end)
            yield from self.samples(range(start, stop))
            start, count = stop, min(2 * count, _AHEAD)

    def __length_hint__(self) -> int:
        """Refuses to be read whole, as ``list(source)`` would.

        Raises:
            TaskError: Always. A TypeError would go unheard here.
        """
        raise TaskError(f"a source has no end; take some of it, such as source[:{_AHEAD}]")

    def __contains__(self, sample: object) -> bool:
        """Whether it shows a sample, or the sample at an address, at some index."""
        given = sample.address if isinstance(sample, Sample) else sample
        if not isinstance(given, str | Address):
            return False
        try:
            [found] = _core.canonical([str(given)])
        except TaskError:
            return False
        index = Address.parse(found).index
        if self.held_out is not None:
            index %= held_back.SPAN
        try:
            return _core.canonical(self.addresses([index])) == [found]
        except TaskError:
            return False

    @property
    def _end(self) -> int:
        """Indices are below it."""
        return 2**64 if self.held_out is None else held_back.SPAN

    @overload
    def __getitem__(self, index: SupportsIndex) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Sample | list[Sample]:
        """One sample by index, or several by a slice with an end.

        Raises:
            TaskError: There is no such index, or the slice has no end or more than 2**20 samples.
        """
        if isinstance(index, slice):
            return self.samples(self._range(index))
        return self.samples([index])[0]

    def _range(self, asked: slice) -> range:
        """The indices of a slice."""
        step = 1 if asked.step is None else integer("a slice's step", asked.step)
        if step == 0:
            raise TaskError("a slice's step is 0; give another")
        if (asked.stop if step > 0 else asked.start) is None:
            raise TaskError("a source has no end; give the slice one")
        start, stop = (
            None if each is None else whole("a slice's bound", each, 0, self._end)
            for each in (asked.start, asked.stop)
        )
        found = range(start or 0, (-1 if step < 0 else 0) if stop is None else stop, step)
        if found and max(found[0], found[-1]) >= self._end:
            raise TaskError(f"a slice begins at {start}; indices are below {self._end}")
        return found

    def addresses(self, indices: Iterable[SupportsIndex]) -> list[str]:
        """The addresses of several samples; see :meth:`address`.

        Raises:
            TaskError: See there; or they are more than 2**20 that were counted before.
        """
        if isinstance(indices, str | bytes) or not isinstance(indices, Iterable):
            raise TaskError(f"indices is {quoted(indices)}; give several, such as range(10)")
        count = _count(indices)
        if count > MOST:
            raise TaskError(
                f"{count:,} samples at once do not fit; take at most {MOST:,}, again and again"
            )
        head, last = self.head, self._end - 1
        plain = [f"{head}{whole('an index', index, 0, last)}" for index in indices]
        return plain if self.held_out is None else held_back.admitted(plain, self.held_out)

    def samples(self, indices: Iterable[SupportsIndex]) -> list[Sample]:
        """Several samples."""
        return samples(self.addresses(indices))

    def images(
        self,
        indices: Iterable[SupportsIndex],
        size: Size = 448,
        theme: str = "paper",
        *,
        insist: bool = False,
    ) -> NDArray[np.uint8]:
        """Pictures of several samples, as :func:`render` draws them."""
        return render(self.addresses(indices), size, theme, insist=insist)


def _count(indices: Iterable[SupportsIndex]) -> int:
    """How many there are, where that is known; a long range has no ``len``."""
    if isinstance(indices, range):
        return max(0, -(-(indices.stop - indices.start) // indices.step))
    return len(indices) if isinstance(indices, Sized) else 0


def _written(value: object) -> str:
    """A parameter as an address writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        numbers = all(isinstance(item, int) for item in value)
        return ("-" if numbers else "+").join(str(item) for item in value)
    return str(value)
