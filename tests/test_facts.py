"""What is known of tasks and, by the column, of samples."""

import numpy as np
import pytest

import avrgym
from avrgym import Source, TaskError
from avrgym.core import facts
from sources import EVERY_LEVEL

ADDRESSES = [Source(task, level, "val", 4).address(2) for task, level in EVERY_LEVEL]


@pytest.mark.parametrize("of", ["features", "shortcuts"])
def test_columns_say_what_each_sample_does(of: str) -> None:
    # More than are asked for at once, some twice, tasks in turn.
    many = (ADDRESSES[::-1] + ADDRESSES) * 5
    columns: facts.Columns = getattr(facts, of)(many)
    assert all(
        column.dtype == np.float64 and len(column) == len(many) for column in columns.values()
    )
    for at in [*range(0, len(many), 97), len(many) - 1]:
        [sample] = avrgym.samples([many[at]])
        own = {name: float(c[at]) for name, c in columns.items() if not np.isnan(c[at])}
        assert own == getattr(sample, of), many[at]
    assert getattr(facts, of)([]) == {}


def test_steps_are_those_of_the_rationale() -> None:
    samples = avrgym.samples(ADDRESSES)
    steps = facts.steps(ADDRESSES)
    assert [len(mine) for mine in steps] == facts.step_counts(ADDRESSES).tolist()
    for sample, mine in zip(samples, steps, strict=True):
        assert mine == sample.steps
        assert sample.rationale.encode()[mine[-1].start : mine[-1].end].startswith(b"Answer: ")
        assert mine[-1].skill == "conclude"
    assert facts.steps([]) == [] and facts.step_counts([]).shape == (0,)


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_a_task_says_what_it_is(task: str) -> None:
    assert facts.about(task).endswith(".")
    assert {facts.partial(task), *facts.faults(task)} <= set(facts.components(task))
    [address] = [Source(task, "hard").address(0)]
    length = facts.features([address])[facts.length(task)]
    assert length[0] == int(length[0]) > 0
    assert min(facts.picture(task)) >= avrgym.legible_size(f"{task}/simple")
    assert set(facts.bounds(task, "hard")) == {*facts.shortcuts([address]), "lookup"}


def test_what_names_nothing_is_refused() -> None:
    for asked in (facts.about, facts.length, facts.partial, facts.faults, facts.picture):
        with pytest.raises(TaskError, match="known tasks: "):
            asked("maze")
    for many in (facts.features, facts.shortcuts, facts.steps, facts.step_counts):
        with pytest.raises(TaskError, match="maze"):
            many([*ADDRESSES, "maze/simple#train:0:0"])
