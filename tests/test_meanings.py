"""What parameters, features and shortcuts mean is said and shown, and ranges are held to."""

import re
from itertools import product

import numpy as np
import pytest

import avrgym
from avrgym import TaskError
from avrgym.core import facts
from avrgym.core.facts import Parameter
from commands import Command

EVERY = [(task, each) for task in avrgym.TASKS for each in facts.meanings(task).parameters]


def refusal(task: str, parameter: str, value: object) -> str:
    """What is said of a value at the first level, nothing if it is taken."""
    level = avrgym.levels(task)[0]
    try:
        avrgym.samples([f"{task}/{level}?{parameter}={value}#train:0:0"])
    except TaskError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_every_name_means_something(task: str) -> None:
    said = facts.meanings(task)
    for level in avrgym.levels(task):
        assert [each.name for each in said.parameters] == [*avrgym.parameters(task, level)]
        assert said.shortcuts.keys() == facts.bounds(task, level).keys()
        [address] = avrgym.Source(task, level).addresses([0])
        columns = facts.features([address])
        assert said.features.keys() == columns.keys()
        assert not any(np.isnan(column).any() for column in columns.values())


@pytest.mark.parametrize(("task", "parameter"), EVERY, ids=lambda it: getattr(it, "name", it))
def test_ranges_are_those_that_are_held_to(task: str, parameter: Parameter) -> None:
    name = parameter.name
    if ends := re.fullmatch(r"([\d.]+) to ([\d.]+)", parameter.range):
        # A value beyond is refused, and the refusal names both ends.
        wrong = refusal(task, name, f"{float(ends[2]) + 1:g}")
        assert {*ends.groups()} <= set(re.findall(r"\d+(?:\.\d+)?", wrong)), wrong
    elif ", " in parameter.range:
        wrong = refusal(task, name, "nope")
        assert {*parameter.range.split(", ")} <= set(re.findall(r"\w+", wrong)), wrong
    else:
        assert re.match(r"\d+ (to|or) ", parameter.range), "a range names its ends, or its names"


@pytest.mark.parametrize(("task", "level"), list(product(avrgym.TASKS, ("rung0", "hard"))))
def test_the_terminal_says_the_same(
    task: str, level: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tyro")
    said = facts.meanings(task)
    for columns in (40, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        code, shown, _ = command("list", f"{task}/{level}")
        assert code == 0
        words = " ".join(shown.split())
        for each in said.parameters:
            assert f"{each.meaning} ({each.range})" in words
            assert f" {each.name}={avrgym.parameters(task, level)[each.name]} " in words
        for meaning in [*said.features.values(), *said.shortcuts.values()]:
            assert meaning in words
        long = [line for line in shown.splitlines() if len(line) > columns]
        assert all(" " not in line.strip() for line in long if line.startswith("  "))
