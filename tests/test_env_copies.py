"""What is returned is the caller's, and an environment that is copied or pickled goes on alike."""

import copy
import os
import pickle
import subprocess
import sys
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avrgym import Source, TaskError, _core, create_dataset
from avrgym.envs.board import BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv
from environments import KINDS, Kind, Player, arrays, same

every_kind = pytest.mark.parametrize("kind", KINDS, ids=str)
few = settings(max_examples=settings().max_examples // 12)
seeds = st.integers(0, 2**32)


@every_kind
@few
@given(seeds, st.integers(2, 30))
def test_nothing_that_was_returned_changes_later(kind: Kind, seed: int, turns: int) -> None:
    player = Player(kind.make(**kind.kwargs), seed)
    kept = []
    for turn in range(turns):
        returned = player.play(seed if turn == 0 else None)
        kept.append((returned, copy.deepcopy(returned)))
    kept.append((returned := player.play(seed + 1), copy.deepcopy(returned)))
    assert all(same(*pair) for pair in kept)


@every_kind
@few
@given(seeds, st.integers(2, 15))
def test_what_was_returned_may_be_written_to(kind: Kind, seed: int, turns: int) -> None:
    scribbled, left = (Player(kind.make(**kind.kwargs), seed) for _ in range(2))
    for turn in range(turns):
        first = seed if turn == 0 else None
        one, other = scribbled.play(first), left.play(first)
        assert same(one, other)
        for array in arrays(one):
            array.flags.writeable = True
            array[...] = None if array.dtype == object else array.dtype.type(1)


def test_without_copies_pictures_and_symbols_are_overwritten() -> None:
    # What the fast path is paid with, and what a bench must say it measured.
    board = BoardVectorEnv(2, level="rung1", copy=False)
    first, _ = board.reset(seed=1)
    assert np.shares_memory(first, board.step([0, 0])[0])
    reply = ReplyVectorEnv(
        2, task="grid_navigation", level="rung1", size=64, copy=False, insist=True
    )
    shown, _ = reply.reset(seed=1)
    assert np.shares_memory(shown["image"], reply.step(["", ""])[0]["image"])


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("another", [copy.deepcopy, pickled])
@every_kind
@few
@given(seeds, st.integers(0, 12), st.integers(1, 25))
def test_a_copy_goes_on_alike_and_apart(
    another: Any, kind: Kind, seed: int, before: int, after: int
) -> None:
    player = Player(kind.make(**kind.kwargs), seed)
    for turn in range(before):
        player.play(seed if turn == 0 else None)
    twin = another(player)
    first = None if before else seed
    # All of the one before all of the other: what they shared would show.
    theirs = [copy.deepcopy(player.play(first if turn == 0 else None)) for turn in range(after)]
    ours = [twin.play(first if turn == 0 else None) for turn in range(after)]
    assert same(theirs, ours)
    assert same(player.env.render(), twin.env.render())


def test_random_datasets_go_on_alike_too() -> None:
    for env in (BoardEnv("grid_navigation", "rung1"), ReplyEnv("grid_navigation", "rung1")):
        env.np_random, stream = np.random.default_rng(3), np.random.default_rng(3)
        twin = copy.deepcopy(env)
        with pytest.raises(TaskError):
            env.reset(options={"index": -1})
        assert env.reset()[1]["address"] == twin.reset()[1]["address"]
        assert f"#train:{stream.integers(2**63)}:0" in env.reset(options={"index": 0})[1]["address"]
        assert env.np_random.random() == twin.np_random.random() == stream.random()


def test_what_gymnasium_wraps_is_copied_as_well() -> None:
    env = gym.make("avrgym/GridNavigation-Board-Rung3-v0", max_moves=50)
    env.reset(seed=4)
    env.step(3)
    branches = [copy.deepcopy(env) for _ in range(4)]
    seen = [branch.step(action)[0] for action, branch in enumerate(branches)]
    again = [copy.deepcopy(env).step(action)[0] for action in range(4)]
    assert same(seen, again)


def test_a_pickle_goes_on_in_another_process() -> None:
    player = Player(BoardVectorEnv(3, level="rung2", max_moves=9), 5)
    for turn in range(6):
        player.play(5 if turn == 0 else None)
    program = """
import pickle, sys
player = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(pickle.dumps([player.play() for _ in range(20)]))
"""
    paths = os.pathsep.join([os.path.dirname(__file__), os.environ.get("PYTHONPATH", "")])
    said = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(player),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert same(pickle.loads(said.stdout), [player.play() for _ in range(20)])


def test_sources_and_datasets_are_values() -> None:
    source = Source("table_readout", "rung1", "test", 3, {"rows": [5, 6]}, held_out=5)
    dataset = create_dataset("table_readout", size=4, level="rung1", held_out=5, split="val")
    for thing in (source, dataset):
        for twin in (copy.deepcopy(thing), pickled(thing)):
            assert twin == thing
            assert twin[2] == thing[2]
    # What was passed may change without the source.
    overrides = {"objects": 1}
    source = Source("grid_navigation", "simple", params=overrides)
    head = source.head
    overrides["objects"] = 2
    assert source.head == head


def begun() -> _core.Boards:
    env = BoardVectorEnv(2, level="rung2")
    env.reset(seed=1)
    return env.boards


@pytest.mark.parametrize("what", ["form", "content", "place", "count", "address"])
def test_the_state_of_another_build_is_refused(what: str) -> None:
    boards = begun()
    before = boards.__reduce__()
    form, rows = before[2]
    address, *middle, walk = rows[1]  # type: ignore[index]
    content, place = walk
    state: Any = {
        "form": ("avrgym 0.0.0 boards 1", rows),
        "content": (form, [rows[0], (address, *middle, (content ^ 1, place))]),  # type: ignore[index]
        "place": (form, [rows[0], (address, *middle, (content, (255, 0)))]),  # type: ignore[index]
        "count": (form, rows[:1]),  # type: ignore[index]
        "address": (form, [rows[0], (address + "0", *middle, walk)]),  # type: ignore[index]
    }[what]
    with pytest.raises(TaskError, match=r"build|has no state|does not fit"):
        boards.__setstate__(state)
    assert boards.__reduce__() == before
    boards.__setstate__(before[2])
    assert boards.__reduce__() == before


def test_the_sample_of_another_build_is_refused() -> None:
    env = ReplyEnv("grid_navigation", "rung1", size=64, insist=True)
    env.reset(seed=1)
    state = pickle.dumps(env)
    assert env.sample is not None
    word = env.sample.content.encode()
    with pytest.raises(TaskError, match="another build"):
        pickle.loads(state.replace(word, word[::-1]))
