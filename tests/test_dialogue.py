"""Worked steps as a dialogue: what is right, what follows, and that the order pays nobody."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from avrgym import TASKS, Source, TaskError, levels
from avrgym.dialogues.dialogue import Dialogue, Reply, Worth, judge, parts
from avrgym.dialogues.turns import KINDS, Script, scripts
from avrgym.envs.dialogue import DialogueEnv
from avrgym.envs.dialogue_vector import DialogueVectorEnv

few = settings(max_examples=max(1, settings().max_examples // 4))
WORTH = Worth()
WORDINGS: dict[str, list[dict[str, str]]] = {
    "table_readout": [
        {"order": "value", "style": "full", "names": "letters"},
        {"order": "column", "spelling": "words"},
        {"ask": "total", "style": "full"},
        {"answer": "cells"},
        {"answer": "cells", "names": "full", "style": "full"},
        {"twin": "markdown", "ends": "named"},
    ],
    "grid_navigation": [{"survey": "true", "style": "full"}, {"style": "terse", "ties": "random"}],
    "visual_analogy": [{"style": "full"}, {"style": "terse"}],
}
WORDINGS["consecutive_table_readout"] = WORDINGS["table_readout"]


@st.composite
def problems(draw: Any) -> Script:
    task = draw(st.sampled_from(TASKS))
    level = draw(st.sampled_from(levels(task)))
    params = draw(st.sampled_from([{}, {}, *WORDINGS[task]]))
    source = Source(task, level, "train", draw(st.integers(0, 2**32)), params)
    return scripts([source.address(draw(st.integers(0, 2**32)))])[0]


def script(address: str) -> Script:
    return scripts([address])[0]


def held(found: Script, said: list[str], order: str = "worked") -> tuple[Dialogue, float]:
    """A dialogue with these replies, by the number of the turn, and what it earned."""
    dialogue, earned = Dialogue.begin(found, order), 0.0
    while not dialogue.over:
        reply = said[dialogue.place]
        [verdict] = judge([dialogue], [reply])
        earned += sum(parts(WORTH, *dialogue.take(reply, verdict)).values())
    return dialogue, earned


def owed(found: Script) -> list[str]:
    return [found.own(turn) for turn in range(len(found.turns))]


@few
@given(problems(), st.sampled_from(["worked", "shuffled"]))
def test_what_is_owed_earns_the_most(found: Script, order: str) -> None:
    dialogue, earned = held(found, owed(found), order)
    assert dialogue.solved and dialogue.right == dialogue.consistency == 1.0
    assert earned == dialogue.most(WORTH) > len(found.turns)
    assert found.turns[-1].kind == "answer" and {turn.kind for turn in found.turns} <= {*KINDS}


@few
@given(problems(), st.data())
def test_the_order_of_questions_pays_nobody(found: Script, data: st.DataObject) -> None:
    own = owed(found)
    # Right replies, those of other turns, and some that nobody can read.
    said = data.draw(
        st.lists(st.sampled_from([*own, "", "hm"]), min_size=len(own), max_size=len(own))
    )
    said = [data.draw(st.sampled_from([one, other])) for one, other in zip(own, said, strict=True)]
    one, earned = held(found, said)
    other, again = held(found, said, "shuffled")
    assert earned == pytest.approx(again)
    assert dict(one.replies) == dict(other.replies) and one.settled == other.settled
    assert earned <= one.most(WORTH)


@few
@given(problems(), st.data())
def test_the_reply_to_another_question_is_not_right(found: Script, data: st.DataObject) -> None:
    own = owed(found)
    turn = data.draw(st.integers(0, len(own) - 1))
    others = [said for said in own if said != own[turn]]
    said = list(own)
    said[turn] = data.draw(st.sampled_from([*others, "\n".join(own), own[turn] + "\n" + own[turn]]))
    dialogue, _ = held(found, said)
    asked = found.turns[turn].kind
    if asked == "answer" and said[turn].endswith(own[-1]):
        return  # an answer may have its work before it, and be said twice
    assert not dialogue.replies[turn].right and not dialogue.solved


HOSTILE = [
    *("", " ", "\n", "?", "I do not know.", "\x00", "\ud800", "<think>", "</think>", "x" * 5_000),
    *("Answer:", "\\boxed{}", "</answer>", "Answer: 99999999999999999999 or 3", "{}" * 400),
]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("level", ["rung0", "simple", "hard"])
def test_what_cannot_be_read_costs_half_a_turn(task: str, level: str) -> None:
    found = script(f"{task}/{level}#train:3:1")
    for said in HOSTILE:
        dialogue, earned = held(found, [said] * len(found.turns))
        assert earned == -0.5 * len(found.turns), said
        assert not any(reply.readable for reply in dialogue.replies.values())
        assert dialogue.right == dialogue.consistency == 0.0


TABLE = "table_readout/rung0#train:1:0"  # cd 9, bd 4, ad 0, ac 8, ab 8, aa 5
GRID = "grid_navigation/rung0#train:1:0"  # bc to aa; avoid ba bb cb; up, left, left
LOGIC = "visual_analogy/rung0#train:1:0"  # e1 …: xor; o1 and, o2 or, o3 xor


@pytest.mark.parametrize(
    ("address", "changed", "wrong"),
    [
        # A digit misread all along, and read so in the answer.
        (TABLE, {1: "bd 7", 6: "Answer: 9, 7, 0, 8, 8, 5"}, {1, 6}),
        # Another path, cell by cell.
        (TABLE, {2: "bc 7", 3: "ac 8"}, {2}),
        # A way through an obstacle that was not seen.
        (
            GRID,
            {1: "avoid ba cb", 2: "bc left bb", 3: "bb up ab", 5: "Answer: left, up, left"},
            {1, 2, 3, 5},
        ),
        # Another start, and a way from there.
        (GRID, {0: "cc to aa", 2: "cc up bc", 3: "bc up ac"}, {0, 2, 3}),
        # A wrong relation, and the option that shows it.
        (LOGIC, {0: "e1 type pentagon hexagon; triangle pentagon; triangle hexagon: or"}, {0}),
    ],
)
def test_what_is_wrong_may_follow(address: str, changed: dict[int, str], wrong: set[int]) -> None:
    found = script(address)
    said = owed(found)
    for turn, reply in changed.items():
        said[turn] = reply
    dialogue, _ = held(found, said)
    assert {turn for turn, reply in dialogue.replies.items() if not reply.right} == wrong
    assert all(reply.readable for reply in dialogue.replies.values())
    if address == TABLE and 6 in changed:
        assert all(dialogue.settled.values())
    if address == GRID:
        assert dialogue.settled[2] and dialogue.settled[3]
    if address == LOGIC:
        assert not dialogue.settled[1]  # the rule is no longer what was seen


def test_a_rule_and_an_answer_follow_from_a_wrong_relation() -> None:
    found = script(LOGIC)
    said = owed(found)
    said[0] = "e1 type pentagon hexagon; triangle pentagon; triangle hexagon: or"
    said[1], said[6] = "rule or", "Answer: 2"
    dialogue, _ = held(found, said)
    assert dialogue.settled == {1: True, 6: True} and dialogue.right == pytest.approx(4 / 7)


@pytest.mark.parametrize(
    ("address", "turn", "misread", "consistent"),
    [
        (TABLE, 1, "bd 7", "Answer: 9, 7, 0, 8, 8, 5"),
        (GRID, 4, "ab right ac", "Answer: up, left, right"),
        (LOGIC, 5, "o3 square triangle: none", "Answer: 1"),
    ],
)
def test_to_contradict_oneself_earns_less(
    address: str, turn: int, misread: str, consistent: str
) -> None:
    """A right last turn behind a wrong claim of its own gains no more than one that follows."""
    found = script(address)
    said = owed(found)
    consistently, best = held(found, said)
    said[turn] = misread
    contradicting, earned = held(found, said)
    assert contradicting.replies[len(said) - 1].right and not contradicting.settled[len(said) - 1]
    assert earned <= best - 2 and consistently.consistency > contradicting.consistency
    said[-1] = consistent
    following, _ = held(found, said)
    if address != LOGIC:
        assert following.settled[len(said) - 1] and not following.replies[len(said) - 1].right


def test_the_first_of_several_shortest_ways_is_asked_for() -> None:
    for index in range(20):
        at = f"grid_navigation/rung4#train:0:{index}"
        [plain, random] = scripts([at, at.replace("#", "?ties=random#")])
        assert owed(plain) == owed(random)
        assert plain.sample.address.startswith("grid_navigation/rung4?ties=first")


def test_a_search_is_no_dialogue() -> None:
    for made in (DialogueEnv, lambda **how: DialogueVectorEnv(2, **how)):
        with pytest.raises(TaskError, match="trace=path"):
            made(task="grid_navigation", params={"trace": "dfs"})
    env = DialogueEnv("grid_navigation", "rung0", format="text")
    before = env.reset(seed=1)
    with pytest.raises(TaskError, match="trace=path"):
        env.reset(options={"address": "grid_navigation/rung0?trace=dfs#train:0:0"})
    env.step("x")
    assert data_equivalence(env.reset(seed=1), before, exact=True)


def test_full_questions_say_their_form() -> None:
    for task in TASKS:
        for level in levels(task):
            found = script(f"{task}/{level}#train:0:0")
            for turn in found.turns:
                full = "style=full" in found.sample.address or "step by step" in found.opening
                assert ("Reply" in turn.question) == full and "Step" not in turn.question


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("format", ["text", "image"])
@pytest.mark.parametrize("order", ["worked", "shuffled"])
def test_dialogues_pass_the_checker(task: str, format: str, order: str) -> None:
    name = f"avrgym/{task.title().replace('_', '')}-Dialogue-v0"
    how: dict[str, Any] = {"format": format, "order": order, "size": 64, "insist": True}
    env = gym.make(name, level="hard", render_mode="ansi", **how)
    check_env(env.unwrapped)
    assert env.reset(seed=1)[0] in env.observation_space


@pytest.mark.parametrize("task", TASKS)
def test_an_episode_is_told_turn_by_turn(task: str) -> None:
    env = DialogueEnv(task, "simple", format="text", reveal_answer=True, turn=2, consistency=0.5)
    seen, info = env.reset(seed=5)
    assert Source(task, "simple", seed=5)[0].twin in seen["prompt"]
    earned, over, kinds = 0.0, False, list[str]()
    while not over:
        seen, reward, over, cut, info = env.step(info["owed"])
        assert reward == sum(info["parts"].values()) and not cut and info["right"]
        assert info["success"] == over
        earned, kinds = earned + reward, [*kinds, info["kind"]]
    assert kinds[-1] == "answer" and info["turns"] == len(kinds) == info["turn"] + 1
    assert env.dialogue is not None and earned == env.dialogue.most(Worth(2, 0.5))
    assert info["question_level"] == info["consistency"] == 1.0 and info["owed"] == ""
    with pytest.raises(gym.error.ResetNeeded):
        env.step("Answer: 1")


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("order", ["worked", "shuffled"])
def test_native_and_synchronous_dialogues_agree(mode: AutoresetMode, order: str) -> None:
    how: dict[str, Any] = {"task": "table_readout", "level": "rung0", "order": order}
    how |= {"size": 64, "insist": True, "reveal_answer": True}
    native = DialogueVectorEnv(3, **how, autoreset_mode=mode)
    single = SyncVectorEnv([lambda: DialogueEnv(**how)] * 3, autoreset_mode=mode)
    assert native.observation_space == single.observation_space
    seeds: list[int | None] = [3, 1, 4]
    ours: Any = native.reset(seed=seeds)
    theirs: Any = single.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)
    ended, rng = 0, np.random.default_rng(0)
    for _ in range(14):
        said = [["", word][rng.integers(2)] for word in ours[-1]["owed"]]
        ours, theirs = native.step(said), single.step(said)
        assert data_equivalence(ours, theirs, exact=True)
        ended += int(ours[2].sum())
        if mode is AutoresetMode.DISABLED and ours[2].any():
            ours = native.reset(options={"reset_mask": ours[2].copy()})
            theirs = single.reset(options={"reset_mask": theirs[2].copy()})
            assert data_equivalence(ours, theirs, exact=True)
            full = {"reset_mask": np.ones(3, np.bool_)}
            ours = native.reset(options=full)
            theirs = single.reset(options=dict(full))
    assert ended


def test_a_reply_that_is_no_text_changes_nothing() -> None:
    env = DialogueEnv("grid_navigation", "rung0", format="text")
    env.reset(seed=1)
    with pytest.raises(TypeError):
        env.step(3)  # type: ignore[arg-type]
    assert env.step(b"bc to aa")[1] == 1.0  # type: ignore[arg-type]
    assert isinstance(env.dialogue, Dialogue) and isinstance(env.dialogue.replies[0], Reply)
