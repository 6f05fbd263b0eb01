"""Rows of results as columns, made once: what the questions of this room are asked of."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.address import task_of
from avrgym.core.arguments import quoted
from avrgym.core.verdicts import REASONS, SKILLS, STATES

#: Values by which rows are told apart.
Key: TypeAlias = tuple[Any, ...]
#: What an analysis takes: a table, or the rows that it is made of.
Rows: TypeAlias = Union["Table", Iterable[Mapping[str, Any]]]

_OK = STATES.index("ok")
_SKILL, _STATE, _REASON = (
    {name: code for code, name in enumerate(names)} for names in (SKILLS, STATES, REASONS)
)
# What is too long to be told apart by, or has a place of its own.
_LEFT = frozenset(("reply", "raw", "components", "steps", "ids"))


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One value a row.

    Attributes:
        codes: int64 (n,), places in ``values``.
        values: Each once, in the order in which they came up.
    """

    codes: NDArray[np.int64]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, given: Sequence[Any]) -> "Column":
        """The column of n values; lists and mappings among them are taken as tuples."""
        known: dict[Hashable, int] = {}
        try:
            codes = [known.setdefault(value, len(known)) for value in given]
        except TypeError:  # what has no hash; looking for it first takes longer than all else
            return cls.of([_frozen(value) for value in given])
        return cls(np.array(codes, np.int64), tuple(known))

    def mapped(self, to: Callable[[Any], Any]) -> "Column":
        """Another value for each value."""
        fresh = Column.of([to(value) for value in self.values])
        return Column(fresh.codes[self.codes], fresh.values)

    def numbers(self) -> NDArray[np.float64]:
        """The values themselves, float64 (n,), NaN for None."""
        held = [np.nan if value is None else float(value) for value in self.values]
        return np.array(held, np.float64)[self.codes]

    def only(self, rows: NDArray[np.int64]) -> "Column":
        """The values of some rows."""
        return Column(self.codes[rows], self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps of n replies, s in all.

    Attributes:
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.
        skill: uint8 (s,), codes into ``avrgym.SKILLS``.
        state: uint8 (s,), codes into ``avrgym.STATES``.
        reason: uint8 (s,), codes into ``avrgym.REASONS``.
        thought: bool (s,), whether it stands in a thought; False where rows do not say it.
    """

    offsets: NDArray[np.int64]
    skill: NDArray[np.uint8]
    state: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    thought: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many each reply has, int64 (n,)."""
        return np.diff(self.offsets)

    @property
    def owner(self) -> NDArray[np.int64]:
        """Whose each step is, int64 (s,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.counts)

    @property
    def place(self) -> NDArray[np.int64]:
        """Where each stands in its reply, from 0, int64 (s,)."""
        return np.arange(len(self.skill)) - np.repeat(self.offsets[:-1], self.counts)

    @property
    def sound(self) -> NDArray[np.bool_]:
        """Whether all steps before it in its reply are ``ok``, bool (s,)."""
        bad = np.append(0, np.cumsum(self.state != _OK))
        return np.asarray(bad[:-1] == np.repeat(bad[self.offsets[:-1]], self.counts), np.bool_)

    def per_reply(self, flags: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many flags of each reply's steps are set, int64 (n,)."""
        return np.diff(np.append(0, np.cumsum(flags))[self.offsets])

    def only(self, rows: NDArray[np.int64]) -> "Steps":
        """The steps of some replies."""
        counts = self.counts[rows]
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        places = np.repeat(self.offsets[rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        return self._at(offsets, places)

    def counted(self, thoughts: bool) -> "Steps":
        """The steps that count: all of them, or those that stand in no thought."""
        if thoughts or not self.thought.any():
            return self
        kept = self.per_reply(~self.thought)
        offsets = np.append(0, np.cumsum(kept)).astype(np.int64)
        return self._at(offsets, np.flatnonzero(~self.thought))

    def _at(self, offsets: NDArray[np.int64], places: NDArray[np.int64]) -> "Steps":
        skill, state, reason = (each[places] for each in (self.skill, self.state, self.reason))
        return Steps(offsets, skill, state, reason, self.thought[places])


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of results by the column.

    Attributes:
        columns: By name; every name of the rows but ``reply``, ``raw``, ``components``,
            ``steps`` and ``ids``, and ``task`` beside them. A row that lacks a name has None there.
        steps: Those of all replies.
    """

    columns: Mapping[str, Column]
    steps: Steps

    @classmethod
    def of(cls, rows: Rows) -> "Table":
        """The table of rows, see :class:`avrgym.evaluate.results.Result`; a table is its own.

        Rows are read once and not kept.

        Raises:
            KeyError: A row lacks its level, or a step has a skill, state or reason that the core
                does not know.
        """
        if isinstance(rows, Table):
            return rows
        held: dict[str, list[Any]] = {"task": []}
        counts: list[int] = []
        skills, states, reasons, thoughts = (bytearray() for _ in range(4))
        for place, row in enumerate(rows):
            held["task"].append(task_of(row["level"]))
            for name, value in row.items():
                if name in _LEFT or name == "task":
                    continue
                column = held.setdefault(name, [])
                if len(column) < place:
                    column += [None] * (place - len(column))
                column.append(value)
            steps = row.get("steps") or ()
            counts.append(len(steps))
            if steps:
                _, _, skill, state, reason, *more = zip(*steps, strict=True)
                skills.extend(map(_SKILL.__getitem__, skill))
                states.extend(map(_STATE.__getitem__, state))
                reasons.extend(map(_REASON.__getitem__, reason))
                thoughts.extend(more[0] if more else bytes(len(steps)))
        for column in held.values():
            column += [None] * (len(counts) - len(column))
        offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
        codes = [np.frombuffer(each, np.uint8) for each in (skills, states, reasons)]
        thought = np.frombuffer(thoughts, np.bool_)
        columns = {name: Column.of(each) for name, each in held.items()}
        return cls(columns, Steps(offsets, codes[0], codes[1], codes[2], thought))

    def __len__(self) -> int:
        return len(self.steps.offsets) - 1

    def __getitem__(self, name: str) -> Column:
        """A column.

        Raises:
            TaskError: The rows have none of that name.
        """
        if name not in self.columns:
            known = ", ".join(self.columns)
            raise TaskError(f"rows have no column {quoted(name)}; give one of {known}")
        return self.columns[name]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each reply is right, bool (n,)."""
        return self["correct"].numbers() > 0

    @property
    def problems(self) -> NDArray[np.int64]:
        """Which problem each row is about, int64 (n,): rows of one problem are not independent."""
        return self["address"].codes

    def by(self, *names: str) -> tuple[NDArray[np.int64], list[Key]]:
        """The group of each row by columns, int64 (n,), and the groups in order of appearance.

        Raises:
            TaskError: The rows have no column of a name.
        """
        return grouped([self[name] for name in names], len(self))

    def groups(self, *names: str) -> Iterator[tuple[Key, "Table"]]:
        """The rows of each group by columns; of no columns there is one group, of all rows."""
        group, keys = self.by(*names)
        order = np.argsort(group, kind="stable")
        ends = np.searchsorted(group[order], np.arange(len(keys) + 1))
        for place, key in enumerate(keys):
            yield key, self.only(order[ends[place] : ends[place + 1]])

    def only(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Table":
        """Some of the rows, by their places or by a flag each."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        columns = {name: column.only(places) for name, column in self.columns.items()}
        return Table(columns, self.steps.only(places))

    def where(self, **values: Any) -> "Table":
        """The rows that have a value in each of some columns.

        Raises:
            TaskError: The rows have no column of a name.
        """
        kept = np.ones(len(self), bool)
        for name, value in values.items():
            column = self[name]
            wanted = [place for place, held in enumerate(column.values) if held == value]
            kept &= np.isin(column.codes, wanted)
        return self.only(kept)


def grouped(columns: Sequence[Column], n: int) -> tuple[NDArray[np.int64], list[Key]]:
    """The group of each of n rows by columns, and the groups' values in order of appearance."""
    if not n:
        return np.zeros(0, np.int64), []
    group = reduce(_joined, columns, np.zeros(n, np.int64))
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    order = np.argsort(first)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    keys = [tuple(each.values[each.codes[row]] for each in columns) for row in first[order]]
    return ranks[group], keys


def _joined(group: NDArray[np.int64], column: Column) -> NDArray[np.int64]:
    # Dense again after each column: products of many columns leave 64 bits.
    joined = group * len(column.values) + column.codes
    return np.asarray(np.unique(joined, return_inverse=True)[1], np.int64)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, Mapping):
        return tuple((name, _frozen(each)) for name, each in value.items())
    held: Hashable = value
    return held
