"""Errors put in on purpose: what they are, that they are found, and that they are repeatable."""

from collections import Counter, defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.core.corruption import CORRUPTIONS, Corrupted, corrupted
from avrgym.core.facts import steps

LEVELS = [
    f"{task}/{level}" for task, level in product(avrgym.TASKS, ("rung0", "rung4", "simple", "hard"))
]
# Claims of an analogy are judged each for itself: none is out of place.
IN_ORDER = [level for level in LEVELS if not level.startswith("visual_analogy")]


def some(level: str, n: int = 24, **how: object) -> list[Corrupted | None]:
    return corrupted([f"{level}#val:5:{at}" for at in range(n)], **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", LEVELS)
def test_every_kind_is_an_error_where_it_was_put(level: str) -> None:
    for kind in CORRUPTIONS:
        made = [each for each in some(level, kinds=[kind]) if each is not None]
        if kind in ("skipped", "swapped") and level not in IN_ORDER:
            assert not made
            continue
        if kind == "carried" and level in ("grid_navigation/simple", "grid_navigation/hard"):
            made += [each for each in some(level, 300, kinds=[kind]) if each is not None]
            assert made  # few: a way round what is not there is a way
        else:
            assert len(made) > 6, kind
        judged = avrgym.verify([each.address for each in made], [each.reply for each in made])
        own = {each.address: each for each in avrgym.samples([each.address for each in made])}
        for each, verdict, held in zip(
            made, judged, steps([each.address for each in made]), strict=True
        ):
            right = own[each.address].rationale
            assert verdict.first_error is not None
            assert each.skill == held[each.step].skill
            assert verdict.correct == (kind not in ("answer", "carried")), each
            # What was said before the error is as it was, and so is what was judged of it.
            begins = held[each.step].start
            if kind in ("skipped", "swapped"):
                begins = right.rfind("\n", 0, begins) + 1
            said = verdict.steps[: verdict.first_error]
            assert each.reply[:begins] == right[:begins]
            assert all(step.state == "ok" for step in said if step.end <= begins)
            if kind == "carried":
                continue
            lines = Counter(each.reply.split("\n"))
            lost = Counter(right.split("\n")) - lines
            if kind == "swapped":
                assert not lost
            else:
                assert lost.total() == 1


@given(st.sampled_from(LEVELS), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_an_error_that_is_carried_on_is_right_of_another_picture(level: str, index: int) -> None:
    _is_carried_on(f"{level}#val:5:{index}", level)


def test_what_parts_by_another_way_that_is_right_too_is_no_error() -> None:
    """Half of what is made of such grids parts so unless it is looked for."""
    for index in range(120):
        _is_carried_on(f"grid_navigation/simple#val:5:{index}", "grid_navigation/simple")


def _is_carried_on(address: str, level: str) -> None:
    [made] = corrupted(address, kinds=["carried"])
    if made is None:  # a way round what is not there is a way, where no obstacles are listed
        assert level in ("grid_navigation/simple", "grid_navigation/hard")
        return
    [sample] = avrgym.samples([address])
    [verdict] = avrgym.verify([address], [made.reply])
    assert not verdict.correct and verdict.first_error is not None
    head, _, tail = address.partition("#")
    turned = [f"{head}?changed={number}#{tail}" for number in range(1, 13)]
    told = [each.rationale for each in avrgym.samples(turned)]
    assert made.reply in told
    [there] = avrgym.verify([turned[told.index(made.reply)]], [made.reply])
    assert there.correct and there.first_error is None
    [own] = steps([address])
    begins = verdict.steps[verdict.first_error].start
    gold, said = sample.rationale.encode(), made.reply.encode()
    assert said[:begins] == gold[:begins]  # nothing is other before what is wrong
    assert made.step == sum(step.end <= begins for step in own)


@given(
    st.sampled_from(LEVELS),
    st.lists(st.sampled_from(sorted(CORRUPTIONS)), min_size=1, unique=True),
    st.integers(0, 2**64 - 1),
    st.permutations(range(5)),
)
@settings(max_examples=30)
def test_it_depends_on_the_address_alone(
    level: str, kinds: list[str], seed: int, order: list[int]
) -> None:
    addresses = [f"{level}#val:5:{at}" for at in range(5)]
    whole = corrupted(addresses, kinds=kinds, seed=seed)
    mixed = corrupted([addresses[at] for at in order], kinds=kinds, seed=seed)
    assert mixed == [whole[at] for at in order]
    assert corrupted(addresses[3], kinds=kinds, seed=seed) == [whole[3]]


def test_one_skill_alone_is_tampered_with() -> None:
    for skill in ("avoid", "move", "locate"):
        made = [each for each in some("grid_navigation/rung4", skills=[skill]) if each]
        assert {each.skill for each in made if each.kind != "answer"} == {skill}
    # What is rare among steps is as common among errors.
    counts = Counter(
        each.skill for each in some("grid_navigation/hard", 400, kinds=["fact"]) if each
    )
    assert min(counts.values()) > 40


@pytest.mark.parametrize("level", LEVELS)
def test_skills_of_a_rationale_and_their_steps_are_as_likely_as_each_other(level: str) -> None:
    """Whatever their kind, and however long the rationale: no problem is left out."""
    asked = [f"{level}#train:5:{at}" for at in range(400)]
    due, spread = defaultdict[str, float](float), defaultdict[str, float](float)
    found, places = Counter[str](), list[float]()
    for each, own in zip(corrupted(asked), steps(asked), strict=True):
        skills = [step.skill for step in own[:-1]]
        if not skills:
            continue
        assert each is not None
        if each.kind in ("answer", "carried"):  # of no skill in particular
            continue
        found[each.skill] += 1
        for skill in (held := set(skills)):
            due[skill] += 1 / len(held)
            spread[skill] += 1 / len(held) * (1 - 1 / len(held))
        mine = [at for at, skill in enumerate(skills) if skill == each.skill]
        if each.kind in ("fact", "claim"):
            places.append((mine.index(each.step) + 0.5) / len(mine))
    for skill, expected in due.items():
        assert abs(found[skill] - expected) < 4 * spread[skill] ** 0.5 + 2, (skill, expected)
    assert abs(sum(places) / len(places) - 0.5) < 4 * (12 * len(places)) ** -0.5


def test_words_are_those_of_the_problem() -> None:
    """A name that no row has would give the error away."""
    made = [each for each in some("table_readout/hard", 60, kinds=["fact"]) if each is not None]
    twins = {each.address: each.twin for each in avrgym.samples([each.address for each in made])}
    for each in made:
        for word in each.reply.replace(",", " ").replace(":", " ").replace(".", " ").split():
            assert word in twins[each.address] or not word[0].isupper() or word in "Row The Answer"


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(TaskError, match='unknown kind "typo"; known: fact'):
        corrupted("grid_navigation/rung0#val:0:0", kinds=["typo"])
    with pytest.raises(TaskError, match='unknown skill "smell"'):
        corrupted("grid_navigation/rung0#val:0:0", skills=["smell"])
    assert corrupted([]) == []
    assert corrupted("grid_navigation/rung0#val:0:0", kinds=[]) == [None]
