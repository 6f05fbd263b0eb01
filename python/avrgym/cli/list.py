"""The verb list: what there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import tyro

import avrgym
from avrgym.core import facts


@dataclass(frozen=True, slots=True)
class List:
    """List tasks and levels; of a task the levels' parameters; of a level its bounds as well.

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
            return True
        shown = [level] if level else list(avrgym.levels(task))
        all_of = {name: avrgym.parameters(task, name) for name in shown}
        first = all_of[shown[0]]
        # A parameter that all levels share is said once.
        shared = {
            key: value
            for key, value in first.items()
            if not level and all(own[key] == value for own in all_of.values())
        }
        for name, own in all_of.items():
            print(f"{task}/{name}: {_written({k: v for k, v in own.items() if k not in shared})}")
        if shared:
            print(f"all of them: {_written(shared)}")
        if level:
            bounds = {name: f"{bound:g}" for name, bound in facts.bounds(task, level).items()}
            print(f"shortcuts succeed on at most: {_written(bounds)}")
        key = next(key for key in first if key not in shared)
        print(f"one parameter otherwise: {task}/{shown[0]}?{key}={first[key]}#train:0:0")
        return True


def _written(values: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())
