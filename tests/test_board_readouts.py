"""Boards of tables: an independent copy of the rules, readers, guessers, pictures, vectors."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from numpy.typing import NDArray

from avrgym import Source, TaskError, levels
from avrgym.envs.board import OBSERVATIONS, ZERO, BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv
from reading import CURSOR, Reference, due, reader, symbols

TASKS = ("table_readout", "consecutive_table_readout")
LEVELS = [(task, level) for task in TASKS for level in levels(task)]
SOME = [(task, level) for task in TASKS for level in ("rung0", "rung3", "simple", "hard")]
ACTIONS = ZERO + 10


def single(task: str, level: str, **kwargs: Any) -> BoardEnv:
    return BoardEnv(task, level, **{"size": 64, "insist": True, **kwargs})


def wander(seen: NDArray[np.uint8], task: str, rng: np.random.Generator) -> int:
    """Mostly what a reader does, sometimes any move, rarely any action."""
    luck = rng.random()
    if luck < 0.75:
        return reader(seen, task)
    return int(rng.integers(ZERO if luck < 0.97 else ACTIONS))


@pytest.mark.parametrize("theme", ["paper", "varied", "compact"])
@pytest.mark.parametrize("name", ["TableReadout", "ConsecutiveTableReadout"])
def test_pictures_pass_the_checker(name: str, theme: str) -> None:
    made = gym.make(
        f"avrgym/{name}-Board-v0",
        level="rung2",
        observation="image",
        size=(64, 80),
        theme=theme,
        insist=True,
    )
    check_env(made.unwrapped)


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_a_reader_of_symbols_succeeds_in_the_shortest_way(task: str, level: str) -> None:
    env = single(task, level)
    for index in range(3):
        seen, info = env.reset(seed=3, options={"index": index})
        shortest, cells, terminated = info["distance"], info["left"], False
        said = []
        while not terminated:
            action = reader(seen, task)
            said += [str(action - ZERO)] if action >= ZERO else []
            seen, reward, terminated, truncated, info = env.step(action)
            shortest -= 1
            assert info["distance"] == shortest
            assert reward > 0
            assert not (truncated or info["edge"] or info["misread"])
        assert info["success"]
        assert info["left"] == shortest == 0
        assert len(said) == cells
        answer = Source(task, level, seed=3, params={"ask": "list"})[index].answer
        assert answer == ", ".join(said)
        with pytest.raises(gym.error.ResetNeeded):
            env.step(0)


@pytest.mark.parametrize(("task", "level"), SOME)
def test_rules_agree_with_a_second_copy(task: str, level: str) -> None:
    env = single(task, level)
    assert env.observation_space.shape is not None
    rows, columns = env.observation_space.shape
    rng = np.random.default_rng(1)
    ends = {"success": 0, "misread": 0}
    for index in range(12):
        reference = Reference(Source(task, level, seed=4), index, (rows, columns))
        seen, info = env.reset(seed=4, options={"index": index})
        assert np.array_equal(seen, reference.observation())
        assert info["distance"] == reference.distance()
        over = False
        while not over:
            action = wander(seen, task, rng)
            seen, reward, terminated, truncated, info = env.step(action)
            gain, told = reference.step(action)
            assert reward == pytest.approx(gain + told["success"])
            assert (terminated, truncated) == (told["terminated"], told["truncated"])
            for key in ("distance", "left", "misread", "edge", "success"):
                assert info[key] == told[key]
            assert info["index"] == index
            assert info["action_mask"].tolist() == reference.mask()
            assert np.array_equal(seen, reference.observation())
            over = terminated or truncated
        ends["success"] += info["success"]
        ends["misread"] += info["misread"]
    assert ends["misread"] > 0
    assert ends["success"] > 0 or level in ("simple", "hard")


@pytest.mark.parametrize("task", TASKS)
def test_walks_are_cut_short_at_twice_the_longest_way(task: str) -> None:
    env = single(task, "rung3")
    seen, _ = env.reset(seed=5)
    reference = Reference(Source(task, "rung3", seed=5), 0, (seen.shape[0], seen.shape[1]))
    for step in range(2 * reference.most):
        *_, terminated, truncated, _ = env.step(step % 2)
        assert not terminated
        assert truncated == (step == 2 * reference.most - 1)


@pytest.mark.parametrize("task", TASKS)
def test_guessers_do_as_well_as_chance_has_it(task: str) -> None:
    """Who knows the way but not the digits succeeds on one table in 10^n of n cells, once each."""
    rng = np.random.default_rng(2)
    for level, episodes in (("rung0", 3000), ("simple", 300)):
        env = single(task, level)
        wins, chance, closeness = 0, 0.0, 0.0
        for index in range(episodes):
            seen, info = env.reset(seed=6, options={"index": index})
            chance += 0.1 ** info["left"]
            over = False
            while not over:
                action = reader(seen, task)
                action = ZERO + int(rng.integers(10)) if action >= ZERO else action
                seen, reward, terminated, truncated, info = env.step(action)
                over = terminated or truncated
                closeness += reward - info["success"]
            wins += info["success"]
        assert abs(wins - chance) < 5 * max(chance, 1.0) ** 0.5
        assert wins / episodes < 0.03
        # A reader gains well over a half of it.
        assert closeness / episodes < 0.12


@pytest.mark.parametrize("task", TASKS)
def test_random_actions_hardly_ever_succeed(task: str) -> None:
    env = BoardVectorEnv(
        64, task=task, level="simple", size=64, autoreset_mode="SameStep", insist=True
    )
    env.reset(seed=1)
    rng = np.random.default_rng(3)
    for _ in range(100):
        *_, infos = env.step(rng.integers(0, ACTIONS, 64))
        assert not infos.get("final_info", {}).get("success", np.zeros(1)).any()


@pytest.mark.parametrize("theme", ["paper", "varied", "compact"])
@pytest.mark.parametrize(("task", "level"), [(task, "rung1") for task in TASKS])
def test_pictures_tell_what_symbols_tell(task: str, level: str, theme: str) -> None:
    """Under one look, two states have one picture if and only if they have the same symbols."""
    shown: dict[bytes, bytes] = {}
    meant: dict[bytes, bytes] = {}
    rng = np.random.default_rng(4)
    for params in ({}, {"ends": "named"}):
        env = single(
            task, level, render_mode="rgb_array", theme=theme, size=112, params=params, insist=True
        )
        for _ in range(6):
            seen, _ = env.reset(seed=7, options={"index": 2})
            over = False
            while not over:
                picture = env.render()
                assert isinstance(picture, np.ndarray)
                key, symbol = picture.tobytes(), seen.tobytes()
                assert shown.setdefault(symbol, key) == key
                assert meant.setdefault(key, symbol) == symbol
                seen, _, terminated, truncated, _ = env.step(wander(seen, task, rng))
                over = terminated or truncated
    assert len(shown) > 10


@pytest.mark.parametrize("task", TASKS)
def test_the_ends_show_whatever_the_wording(task: str) -> None:
    for ends in ("named", "marked"):
        env = single(task, "simple", params={"ends": ends})
        seen, _ = env.reset(seed=8)
        cells, cursor = symbols(seen)
        assert due(seen, task)[0] == cursor
        assert sorted(ground for _, ground in cells.values())[-2:] == [2, 3]
        # And the start still shows when the cursor has left.
        away = next(move for move in range(4) if not env.step(move)[-1]["edge"])
        assert 0 <= away < 4
        assert due(env.step(away)[0], task)[0] == cursor


def test_text_shows_where_the_cursor_is() -> None:
    env = single("table_readout", "rung3", render_mode="ansi")
    seen, _ = env.reset(seed=9)
    said = env.render()
    assert isinstance(said, str)
    assert said.count("[") == 1
    assert "S]" in said
    env.step(reader(seen, "table_readout"))
    said = env.render()
    assert isinstance(said, str)
    assert ".]" in said


def test_weights_are_the_callers() -> None:
    env = single(
        "table_readout", "rung3", weights={"collected": 3.0, "refused": -1.0, "step": -0.25}
    )
    rng = np.random.default_rng(5)
    for index in range(20):
        seen, info = env.reset(seed=5, options={"index": index})
        over = False
        while not over:
            left = info["left"]
            seen, reward, terminated, truncated, info = env.step(wander(seen, "table_readout", rng))
            refused = info["edge"] or info["misread"]
            assert reward == 3.0 * (left - info["left"]) - refused - 0.25
            over = terminated or truncated


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_native_and_synchronous_environments_agree(
    task: str, mode: AutoresetMode, observation: str
) -> None:
    kwargs: dict[str, Any] = {
        "observation": observation,
        "max_moves": 9,
        "size": 64,
        "insist": True,
    }
    native = BoardVectorEnv(5, task=task, level="rung1", autoreset_mode=mode, **kwargs)
    # What the same boards show in symbols, to know what to read.
    guide = BoardVectorEnv(
        5, task=task, level="rung1", autoreset_mode=mode, max_moves=9, size=64, insist=True
    )
    reference = SyncVectorEnv([lambda: single(task, "rung1", **kwargs)] * 5, autoreset_mode=mode)
    assert native.single_observation_space == reference.single_observation_space
    assert native.action_space == reference.action_space
    seeds: list[int | None] = [7, 7, 1, 2, 3]
    ours: Any = native.reset(seed=seeds)
    theirs: Any = reference.reset(seed=seeds)
    guide.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)
    rng = np.random.default_rng(0)
    over, successes, misreadings = np.zeros(5, np.bool_), 0, 0
    for _ in range(80):
        actions = [
            0 if done else wander(seen, task, rng)
            for seen, done in zip(guide._seen[..., 0], over, strict=True)
        ]
        guide.step(actions)
        ours, theirs = native.step(actions), reference.step(actions)
        assert data_equivalence(ours, theirs, exact=True)
        over = ours[2] | ours[3]
        told = ours[-1].get("final_info", ours[-1])
        successes += told["success"].sum() if "success" in told else 0
        misreadings += told["misread"].sum() if "misread" in told else 0
        if mode is AutoresetMode.DISABLED and over.any():
            ours = native.reset(options={"reset_mask": over})
            theirs = reference.reset(options={"reset_mask": over.copy()})
            guide.reset(options={"reset_mask": over.copy()})
            assert data_equivalence(ours, theirs, exact=True)
        over = over & (mode is AutoresetMode.NEXT_STEP)
    assert successes > 3
    assert misreadings > 3


def test_bad_actions_are_refused() -> None:
    env = BoardVectorEnv(2, task="table_readout", level="rung0", size=64, insist=True)
    env.reset(seed=1)
    for action in (-1, ACTIONS):
        with pytest.raises(TaskError, match="13 for the digits"):
            env.step([0, action])


def test_observations_hold_the_largest_table() -> None:
    for task, level in LEVELS:
        space = single(task, level).observation_space
        seen, _ = single(task, level).reset(seed=1)
        assert seen.shape == space.shape
        assert seen.max() >= CURSOR
