"""What a task says of itself, and what is known of samples beyond their words, by the column.

A task's facts stand in its ``Level`` in the core and nowhere else: who needs one asks here, and a
task that is added is known at once. Of samples there is a column for each name, made in one call.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym.core.address import Addresses, spelled

#: A column for each name, float64 (n,), NaN where a sample's task has none of that name.
Columns: TypeAlias = dict[str, NDArray[np.float64]]

# Between chunks Python sees Ctrl-C.
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class RationaleStep:
    """One step of a rationale.

    Attributes:
        start: First byte of the step in the rationale's UTF-8.
        end: One past its last byte.
        skill: What the step does, one of ``avrgym.SKILLS``.
    """

    start: int
    end: int
    skill: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a parameter of a task's levels is about.

    Attributes:
        name: As addresses write it.
        meaning: What it says.
        range: What it may be: ``a to b``, or names with commas between them.
        wording: Whether it changes words or looks alone, and never the problem.
    """

    name: str
    meaning: str
    range: str
    wording: bool


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the names in a task's file mean, each sorted by name.

    Attributes:
        parameters: Of its levels.
        features: By the name of each number that makes samples hard.
        shortcuts: By the name of each policy without the skill.
    """

    parameters: tuple[Parameter, ...]
    features: dict[str, str]
    shortcuts: dict[str, str]


def meanings(task: str) -> Meanings:
    """What a task's parameters, features and shortcuts mean, as ``envs/<task>.toml`` says it.

    Raises:
        TaskError: No such task.
    """
    parameters, features, shortcuts = _core.meanings(task)
    every = tuple(Parameter(*parameter) for parameter in parameters)
    return Meanings(every, dict(features), dict(shortcuts))


def about(task: str) -> str:
    """One sentence about a task.

    Raises:
        TaskError: No such task.
    """
    return _core.about(task)


def length(task: str) -> str:
    """The name of the feature, a whole number, that says how long a task's sample is.

    Raises:
        TaskError: No such task.
    """
    return _core.length(task)


def components(task: str) -> tuple[str, ...]:
    """The names of the components of a task's verdicts, in order.

    Raises:
        TaskError: No such task.
    """
    return tuple(_core.components(task))


def partial(task: str) -> str:
    """The name of the component, 0 to 1, that is partial credit for a wrong answer.

    Raises:
        TaskError: No such task.
    """
    return _core.partial(task)


def faults(task: str) -> tuple[str, ...]:
    """The components that are above 0 where an answer did what is forbidden on the way.

    Raises:
        TaskError: No such task.
    """
    return tuple(_core.faults(task))


def has_one_answer(task: str) -> bool:
    """Whether the canonical answer is the only right one.

    Raises:
        TaskError: No such task.
    """
    return _core.unique(task)


def picture(task: str) -> tuple[int, int]:
    """Height and width in pixels at which people look at a task's pictures.

    Raises:
        TaskError: No such task.
    """
    return _core.picture(task)


def bounds(task: str, level: str) -> dict[str, float]:
    """The largest share of samples, 0 to 1, on which each shortcut may succeed.

    Raises:
        TaskError: No such task or level.
    """
    return dict(_core.shortcut_bounds(task, level))


def features(addresses: Addresses) -> Columns:
    """The numbers that make samples hard; columns in the order in which their names come up.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    return _columns(_core.features, addresses)


def shortcuts(addresses: Addresses) -> Columns:
    """The chance, 0 to 1, that each policy without the skill succeeds on samples.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    return _columns(_core.shortcuts, addresses)


def step_counts(addresses: Addresses) -> NDArray[np.int64]:
    """How many steps each sample's own rationale has, int64 (n,).

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    return _core.step_counts(spelled(addresses))


def steps(addresses: Addresses) -> list[tuple[RationaleStep, ...]]:
    """The steps of each sample's own rationale, in order.

    Raises:
        TaskError: An address is malformed or names nothing.
    """
    offsets, starts, ends, skills = _core.steps(spelled(addresses))
    every = [
        RationaleStep(start, end, _core.SKILLS[skill])
        for start, end, skill in zip(starts.tolist(), ends.tolist(), skills.tolist(), strict=True)
    ]
    return [tuple(every[first:last]) for first, last in pairwise(offsets.tolist())]


def _columns(
    of: Callable[[Sequence[str]], list[tuple[str, NDArray[np.float64]]]], addresses: Addresses
) -> Columns:
    asked = spelled(addresses)
    found: Columns = {}
    for start in range(0, len(asked), _CHUNK):
        for name, column in of(asked[start : start + _CHUNK]):
            whole = found.setdefault(name, np.full(len(asked), np.nan))
            whole[start : start + len(column)] = column
    return found
