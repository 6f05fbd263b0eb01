"""Twins differ in one word of one step, and the verifier tells all of them apart."""

from itertools import product

import pytest

import avrgym
from avrgym.core.verdicts import verify
from avrgym.prm.exact import Exact
from avrgym.prm.twins import twin_test, twins
from avrgym.prompts.format import Format

LEVELS = [f"{task}/{level}" for task, level in product(avrgym.TASKS, ("rung1", "hard"))]


@pytest.mark.parametrize("level", LEVELS)
def test_one_word_of_the_last_step_is_another(level: str) -> None:
    pairs = twins([f"{level}#val:2:{at}" for at in range(60)], Format("image"), seed=3)
    assert len(pairs) > 40
    asked = [each.prompt.address for each in pairs]
    right, wrong = (verify(asked, [getattr(e, s) for e in pairs]) for s in ("right", "wrong"))
    for each, good, bad in zip(pairs, right, wrong, strict=True):
        words, others = each.right.split(), each.wrong.split()
        assert sum(a != b for a, b in zip(words, others, strict=True)) == 1
        assert good.first_error is None
        assert (each.ends[0], each.skill) in [(step.end, step.skill) for step in good.steps]
        assert each.right.count(b"\n", each.ends[0]) == 0
        assert bad.first_error is not None
        assert bad.steps[bad.first_error].end == each.ends[1]
    told = twin_test(Exact(), pairs)
    assert told.all.value == told.seeing.value == 1 and told.sees
    assert set(told.skills) == {each.skill for each in pairs}
    assert sum(each.n for each in told.skills.values()) == told.all.n == len(pairs)


def test_skills_can_be_named() -> None:
    asked = [f"grid_navigation/rung2#val:2:{at}" for at in range(30)]
    pairs = twins(asked, Format("image"), skills=["avoid"])
    assert {each.skill for each in pairs} == {"avoid"}
    told = twin_test(Exact(), pairs)
    assert told.thinking.n == 0 and told.seeing.n == len(pairs)
