"""Levels named together: ``grid_navigation/rung0..rung3`` is four settings."""

from collections.abc import Iterable, Mapping

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.arguments import named, nearest, quoted
from avrgym.core.samples import TASKS, Source, levels

_FORM = (
    'one has the form task/level or task/first..last, with "?key=value" behind it if need be, '
    'and "*" for all tasks'
)


def ladder(task: str, text: str) -> tuple[str, ...]:
    """The levels that a word names: ``rung3``, or ``rung0..rung6`` with all between.

    A range goes along ``avrgym.levels(task)``, both ends included.

    Raises:
        TaskError: No such task or level, or the range runs backwards.
    """
    known = levels(named("task", task, TASKS))
    if not isinstance(text, str):
        raise TaskError(f"levels of {task} are {quoted(text)}; name one, or first..last")
    first, dots, last = text.partition("..")
    ends = (first, last) if dots else (first, first)
    for level in ends:
        if level not in known:
            near = nearest(level, known)
            raise TaskError(
                f'task "{task}" has no level {quoted(level)}{near}; '
                f"known levels: {', '.join(known)}"
            )
    start, stop = map(known.index, ends)
    if start > stop:
        raise TaskError(f'the levels "{text}" of {task} run backwards; give {last}..{first}')
    return known[start : stop + 1]


def expand(entries: Iterable[str], wording: Mapping[str, object] | None = None) -> tuple[str, ...]:
    """Settings, as canonical addresses begin with them, in the order given; each once.

    Args:
        entries: Such as ``grid_navigation/rung0..rung3``, ``table_readout/simple?rows=5`` or
            ``*/hard``: that of every task that has one.
        wording: Parameters that all of them take, e.g. ``{"style": "terse"}``; what an entry says
            itself counts more.

    Raises:
        TaskError: An entry has another form, names nothing, or its range runs backwards; or a task
            has no such parameter, or not of this value.
    """
    found: dict[str, None] = {}
    for entry in entries:
        path, _, said = entry.partition("?") if isinstance(entry, str) else ("", "", "")
        task, slash, level = path.partition("/")
        if not (task and slash and level) or "#" in entry:
            raise TaskError(f"{quoted(entry)} names no levels; {_FORM}")
        own = dict(_pair(entry, pair) for pair in said.split("&")) if said else {}
        some = False
        for each in TASKS if task == "*" else (task,):
            if task == "*" and not set(level.split("..")) <= {*levels(each)}:
                continue
            for name in ladder(each, level):
                source = Source(each, name, params={**(wording or {}), **own})
                [canonical] = _core.canonical([f"{source.head}0"])
                found[setting_of(canonical)] = None
                some = True
        if not some:
            raise TaskError(f"{quoted(entry)}: no task has such a level; {_FORM}")
    return tuple(found)


def _pair(entry: str, pair: str) -> tuple[str, str]:
    key, equals, value = pair.partition("=")
    if not (key and equals and value):
        raise TaskError(f"{quoted(pair)} of {quoted(entry)} is no key=value; {_FORM}")
    return key, value
