"""Subjects without a model: right as often as they should be, and the same however one asks."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import Format, Prompt
from avrgym.core import facts
from avrgym.evaluate.results import verdicts
from avrgym.evaluate.subjects import SUBJECTS, luck
from avrgym.evaluate.subjects.blind import best
from avrgym.evaluate.subjects.subject import known, training

LEVELS = [f"{task}/{level}" for task in avrgym.TASKS for level in avrgym.levels(task)]
NAMES = [f"{shown}{how}" for shown in avrgym.FORMATS for how in ("", "-direct")]


def prompts(level: str, format: str = "image", count: int = 200) -> list[Prompt]:
    return [Prompt(f"{level}#test:0:{at}", Format.parse(format)) for at in range(count)]


def judged(asked: list[Prompt], said: list[str]) -> list[str]:
    found = verdicts(
        [prompt.address for prompt in asked],
        [reply.encode() for reply in said],
        [prompt.format for prompt in asked],
    )
    return [str(each["outcome"]) for each in found]


@given(st.sampled_from(LEVELS), st.sampled_from(NAMES))
@settings(max_examples=60, deadline=None)
def test_the_oracle_is_always_right(level: str, format: str) -> None:
    asked = prompts(level, format, 4)
    assert judged(asked, SUBJECTS["oracle"](asked, luck(0, 0))) == ["correct"] * 4


@given(
    st.sampled_from([*SUBJECTS]),
    st.sampled_from(LEVELS[::5]),
    st.sampled_from(NAMES),
    st.integers(0, 8),
    st.integers(0, 3),
)
@settings(max_examples=40, deadline=None)
def test_a_reply_depends_on_nothing_but_prompt_seed_and_draw(
    name: str, level: str, format: str, cut: int, draw: int
) -> None:
    asked = prompts(level, format, 8)
    whole = SUBJECTS[name](asked, luck(3, draw))
    parts = [SUBJECTS[name](part, luck(3, draw)) for part in (asked[cut:], asked[:cut])]
    assert whole == parts[1] + parts[0] and all(isinstance(reply, str) for reply in whole)


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_blind_is_right_as_often_as_the_best_shortcut(task: str) -> None:
    asked = prompts(f"{task}/simple", count=400)
    outcomes = Counter(judged(asked, SUBJECTS["blind"](asked, luck(1, 0))))
    name = best(f"{task}/simple")
    chances = facts.shortcuts([prompt.address for prompt in asked])[name]
    spread = math.sqrt(float((chances * (1 - chances)).sum()))
    assert abs(outcomes["correct"] - float(chances.sum())) <= 4 * spread + 1e-9
    assert outcomes["unparsed"] == 0, "it answers, if wrongly"
    others = facts.shortcuts(training(f"{task}/simple"))
    assert max(float(column.mean()) for column in others.values()) == others[name].mean()


@pytest.mark.parametrize("level", ["visual_analogy/simple", "table_readout/rung0"])
def test_guesses_are_even_and_the_majority_is_the_commonest(level: str) -> None:
    asked = prompts(level, count=600)
    answers = known(asked[0])
    said = Counter(SUBJECTS["guess"](asked, luck(0, 0)))
    assert set(said) <= set(answers)
    if len(answers) < 20:
        share = len(asked) / len(answers)
        assert all(abs(said[each] - share) < 5 * math.sqrt(share) for each in answers)
    assert SUBJECTS["guess"](asked, luck(0, 0)) != SUBJECTS["guess"](asked, luck(1, 0))
    [(one, count)] = Counter(SUBJECTS["majority"](asked, luck(0, 0))).items()
    assert count == len(asked) and answers[one] == max(answers.values())
