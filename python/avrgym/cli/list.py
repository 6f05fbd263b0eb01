"""The verb list: what there is."""

import shutil
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

import avrgym
from avrgym.core import facts
from avrgym.core.extras import needs

with needs("data"):
    import tyro

_FIRST = 30  # columns of names, where the terminal has room for a second column
_ROOM = 72


@dataclass(frozen=True, slots=True)
class List:
    """List tasks and levels; of a task its levels' parameters; of a level what all of it means.

    Examples: avrgym list; avrgym list grid_navigation; avrgym list grid_navigation/hard
    """

    what: Annotated[str, tyro.conf.Positional] = ""
    """A task, or task/level; everything if left out."""

    def do(self) -> bool:
        """Prints what there is."""
        task, _, level = self.what.partition("/")
        if not task:
            for name in avrgym.TASKS:
                print(f"{name}: {' '.join(avrgym.levels(name))}")
                print(f"    {facts.about(name)}")
                print(f"    {name}/{avrgym.levels(name)[0]}#train:0:0")
        elif level:
            _level(task, level)
        else:
            _task(task)
        return True


def _task(task: str) -> None:
    all_of = {name: avrgym.parameters(task, name) for name in avrgym.levels(task)}
    first = next(iter(all_of.values()))
    # A parameter that all levels share is said once.
    shared = {
        key: value
        for key, value in first.items()
        if all(own[key] == value for own in all_of.values())
    }
    for name, own in all_of.items():
        print(f"{task}/{name}: {_written({k: v for k, v in own.items() if k not in shared})}")
    if shared:
        print(f"all of them: {_written(shared)}")
    print(f"what they mean: avrgym list {task}/{next(iter(all_of))}")
    _otherwise(task, next(iter(all_of)), next(key for key in first if key not in shared), first)


def _level(task: str, level: str) -> None:
    own = avrgym.parameters(task, level)
    bounds = facts.bounds(task, level)
    meanings = facts.meanings(task)
    print(f"{task}/{level}: {facts.about(task)}")
    for wording, head in (
        (False, "The problem, each parameter as this level has it, and what it may be:"),
        (True, "Its words and looks; the problem stays the same:"),
    ):
        _told(
            head,
            (
                (f"{each.name}={own[each.name]}", f"{each.meaning} ({each.range})")
                for each in meanings.parameters
                if each.wording is wording
            ),
        )
    _told("What makes a problem hard (avrgym.core.facts.features):", meanings.features.items())
    _told(
        "Policies without the skill, and the share of problems that each may solve at most:",
        ((f"{name}={bounds[name]:g}", said) for name, said in meanings.shortcuts.items()),
    )
    sizes = {theme: avrgym.legible_size(f"{task}/{level}", theme) for theme in avrgym.THEMES}
    print(f"\nsmallest legible picture, pixels to a side: {_written(sizes)}")
    _otherwise(task, level, next(iter(own)), own)


def _told(head: str, said: Iterable[tuple[str, str]]) -> None:
    """Names with their meanings, in two columns where the terminal has room for them."""
    width = shutil.get_terminal_size().columns
    print(f"\n{textwrap.fill(head, max(width, 20))}")
    for name, meaning in said:
        wide = width >= _ROOM
        indent = " " * (_FIRST if wide else 6)
        start = f"  {name} "
        if wide and len(start) < _FIRST:
            start = start.ljust(_FIRST)
        else:
            print(start.rstrip())
            start = indent
        print(
            textwrap.fill(
                meaning,
                max(width, 20),
                initial_indent=start,
                subsequent_indent=indent,
                break_on_hyphens=False,
            )
        )


def _otherwise(task: str, level: str, key: str, own: Mapping[str, str]) -> None:
    print(f"one parameter otherwise: {task}/{level}?{key}={own[key]}#train:0:0")


def _written(values: Mapping[str, object]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())
