"""The same problem with one fact of what is seen changed, and the answer with it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import Picture, Source, TaskError, verify
from avrgym.core.address import Address
from avrgym.core.counterfactuals import counterfactuals
from avrgym.core.held_out import admitted, splits
from avrgym.core.samples import contents

LEVELS = st.sampled_from(
    [
        "grid_navigation/rung0",
        "grid_navigation/rung4?ties=random",
        "table_readout/rung1",
        "consecutive_table_readout/rung0?ask=total",
        "visual_analogy/rung0",
    ]
)


@settings(deadline=None, max_examples=40)
@given(LEVELS, st.integers(0, 10**6))
def test_another_answer_to_the_same_question(level: str, index: int) -> None:
    address = f"{level}#train:5:{index}"
    [other] = counterfactuals([address])
    assert other is not None
    one, changed = avrgym.samples([address, other])
    assert (one.question, one.twin != changed.twin) == (changed.question, True)
    said = [f"Answer: {sample.answer}" for sample in (one, changed)]
    right = verify([address, other, other], [*said, said[0]]).correct
    assert right.tolist() == [True, True, False]
    if not level.startswith("grid"):  # where a way round an obstacle is right without it, too
        assert not verify([address], said[1:]).correct
    drawn = Picture(448).draw([address, other])
    assert 0 < np.mean(np.any(drawn[0] != drawn[1], axis=-1)) < 0.5


@settings(deadline=None, max_examples=30)
@given(LEVELS, st.integers(0, 10**6), st.integers(2, 4))
def test_contents_kept_for_evaluation_are_not_shown(level: str, index: int, held_out: int) -> None:
    [address] = admitted(f"{level}#train:5:{index}", held_out)
    [other] = counterfactuals([address], held_out)
    if other is None:
        tried = [_numbered(address, number) for number in (1, 2, 3)]
        assert not set(splits(contents(tried), held_out)) & {"train"}
    else:
        assert splits(contents([other]), held_out) == ["train"]


def _numbered(address: str, number: int) -> str:
    found = Address.parse(address)
    params = tuple(sorted({**dict(found.params), "changed": str(number)}.items()))
    return str(replace(found, params=params))


def test_where_there_is_none_it_says_so() -> None:
    with pytest.raises(TaskError, match="changed=-1"):
        avrgym.samples("grid_navigation/rung0?changed=-1#train:1:1")
    with pytest.raises(TaskError, match="no address"):
        counterfactuals(["grid_navigation"])
    assert Source("grid_navigation", "rung0", params={"changed": 2}).addresses([3]) == [
        "grid_navigation/rung0?changed=2#train:0:3"
    ]
