"""The board environments beyond what every environment must do: rules, rewards, vectors, modes."""

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics

from avrgym import Source, TaskError, _core, render
from avrgym.envs.board import MOVES, OBSERVATIONS, WEIGHTS, BoardEnv
from avrgym.envs.board_vector import BoardVectorEnv

START, DESTINATION, WALKER = 2, 3, 128


def moves(answer: str) -> list[int]:
    return [MOVES.index(word) for word in answer.split(", ")]


def single(level: str = "simple", **kwargs: Any) -> BoardEnv:
    return BoardEnv("grid_navigation", level, **{"size": 64, "insist": True, **kwargs})


def vector(count: int, level: str = "rung4", **kwargs: Any) -> BoardVectorEnv:
    return BoardVectorEnv(
        count, task="grid_navigation", level=level, **{"size": 64, "insist": True, **kwargs}
    )


@pytest.mark.parametrize("theme", ["paper", "varied", "compact"])
def test_pictures_pass_the_checker(theme: str) -> None:
    name = "avrgym/GridNavigation-Board-Rung2-v0"
    check_env(
        gym.make(name, observation="image", size=(64, 80), theme=theme, insist=True).unwrapped
    )


@pytest.mark.parametrize("level", ["rung0", "rung5", "simple", "hard"])
def test_the_answer_walked_succeeds(level: str) -> None:
    env = single(level)
    _, info = env.reset(seed=3)
    answer = moves(Source("grid_navigation", level, seed=3)[0].answer)
    assert info["distance"] == len(answer)
    for i, move in enumerate(answer):
        _, reward, terminated, truncated, info = env.step(move)
        assert info["distance"] == len(answer) - i - 1
        assert not info["hit"]
        assert not info["edge"]
        assert not truncated
        assert terminated == info["success"] == (i == len(answer) - 1)
        assert reward > 0
    assert info["left"] == 0
    with pytest.raises(gym.error.ResetNeeded):
        env.step(0)


def test_symbols_are_those_of_the_twin() -> None:
    source = Source("grid_navigation", "hard", seed=3)
    env = single("hard")
    for index in range(5):
        observation, _ = env.reset(seed=3, options={"index": index})
        names = {START: "S", DESTINATION: "D", 1: "O"}
        rows = [line.split(" & ")[1:] for line in source[index].twin.splitlines()[1:]]
        for row, line in zip(observation, rows, strict=False):
            for code, name in zip(row.tolist(), line, strict=False):
                assert names.setdefault(code & ~WALKER, name) == name
        [(row_at, column_at)] = np.argwhere(observation >= WALKER).tolist()
        assert rows[row_at][column_at] == "S"
        assert not observation[len(rows) :].any()
        assert not observation[:, len(rows[0]) :].any()


def test_progress_is_the_same_however_the_walk_went() -> None:
    answer = moves(Source("grid_navigation", "rung5", seed=8)[0].answer)
    back = {0: 1, 1: 0, 2: 3, 3: 2}
    sums = []
    for walk in (answer, [answer[0], back[answer[0]], *answer]):
        env = single("rung5")
        env.reset(seed=8)
        sums.append(sum(env.step(move)[1] for move in walk))
    assert sums[0] == pytest.approx(sums[1])


def test_weights_are_the_callers() -> None:
    weights = {"collected": 3.0, "refused": -1.0, "step": -0.25}
    env = single("simple", weights=weights)
    _, info = env.reset(seed=5)
    for move in np.random.default_rng(0).integers(0, 4, 100):
        left = info["left"]
        _, reward, terminated, truncated, info = env.step(move)
        refused = info["hit"] or info["edge"]
        assert reward == 3.0 * (left - info["left"]) - refused - 0.25
        if terminated or truncated:
            break
    assert set(weights) < set(WEIGHTS)


def test_walks_are_cut_short() -> None:
    env = single("hard", max_moves=3)
    env.reset(seed=1)
    ends = [env.step(0)[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    observation, _ = single("rung0").reset(seed=1)
    env = single("rung0")
    env.reset(seed=1)
    for _ in range(2 * int((observation > 0).sum()) - 1):
        assert env.step(0)[2:4] == (False, False)
    assert env.step(0)[2:4] == (False, True)


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("observation", OBSERVATIONS)
@pytest.mark.parametrize("copy", [True, False])
def test_native_and_synchronous_environments_agree(
    mode: AutoresetMode, observation: str, copy: bool
) -> None:
    kwargs: dict[str, Any] = {
        "observation": observation,
        "max_moves": 12,
        "size": 64,
        "insist": True,
    }
    native = vector(5, autoreset_mode=mode, copy=copy, **kwargs)
    reference = SyncVectorEnv([lambda: single("rung4", **kwargs)] * 5, autoreset_mode=mode)
    assert native.single_observation_space == reference.single_observation_space
    assert native.observation_space == reference.observation_space
    assert native.action_space == reference.action_space

    seeds: list[int | None] = [7, 7, 1, 2, 3]
    ours: Any = native.reset(seed=seeds)
    theirs: Any = reference.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)
    rng = np.random.default_rng(0)
    ended = 0
    for _ in range(80):
        actions = rng.integers(0, 4, 5)
        ours, theirs = native.step(actions), reference.step(actions)
        assert data_equivalence(ours, theirs, exact=True)
        over = ours[2] | ours[3]
        ended += over.sum()
        if mode is AutoresetMode.DISABLED and over.any():
            with pytest.raises(gym.error.ResetNeeded):
                native.step(actions)
            ours = native.reset(options={"reset_mask": over})
            theirs = reference.reset(options={"reset_mask": over.copy()})
            assert data_equivalence(ours, theirs, exact=True)
    assert ended > 20
    ours, theirs = native.reset(seed=seeds), reference.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)


def test_one_seed_shares_a_dataset_out() -> None:
    env = vector(3, max_moves=1, autoreset_mode="SameStep")
    _, infos = env.reset(seed=9)
    assert infos["address"].tolist() == env.addresses()
    assert env.addresses() == [f"grid_navigation/rung4#train:9:{i}" for i in range(3)]
    env.step([0, 0, 0])
    assert env.addresses() == [f"grid_navigation/rung4#train:9:{i}" for i in range(3, 6)]
    _, infos = env.reset()
    assert infos["index"].tolist() == [6, 7, 8]
    _, infos = env.reset(options={"index": 50, "split": "val"})
    assert infos["address"][1] == "grid_navigation/rung4#val:9:51"


def test_levels_that_fit_can_be_chosen() -> None:
    env = single("hard")
    _, info = env.reset(seed=1, options={"level": "rung3"})
    assert info["address"] == "grid_navigation/rung3#train:1:0"
    with pytest.raises(TaskError, match="fit"):
        single("rung0").reset(seed=1, options={"level": "hard"})


def test_frames_show_the_walker() -> None:
    address = Source("grid_navigation", "rung5", seed=1).address(0)
    for observation in ("symbolic", "image"):
        env = single("rung5", observation=observation, render_mode="rgb_array")
        assert env.render() is None
        seen, _ = env.reset(seed=1)
        frame = env.render()
        assert isinstance(frame, np.ndarray)
        # Only the walker is not in the sample's own picture.
        assert not np.array_equal(frame, render([address], 64, insist=True)[0])
        if observation == "image":
            assert np.array_equal(frame, seen)
    text = single("rung5", render_mode="ansi")
    text.reset(seed=1)
    said = text.render()
    assert isinstance(said, str)
    assert said.replace("W", "S") == Source("grid_navigation", "rung5", seed=1)[0].twin


def test_gymnasiums_own_wrappers_work() -> None:
    env = RecordEpisodeStatistics(gym.make("avrgym/GridNavigation-Board-v0", level="rung2"))
    env.reset(seed=1)
    while True:
        *_, terminated, truncated, info = env.step(env.action_space.sample())
        if terminated or truncated:
            break
    assert info["episode"]["l"] > 0


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"task": "visual_analogy"}, "visual_analogy"),
        ({"level": "nope"}, "nope"),
        ({"observation": "sound"}, "sound"),
        ({"size": 8}, "8"),
        ({"theme": "nope"}, "nope"),
        ({"max_moves": 0}, "0"),
        ({"weights": {"luck": 1.0}}, "luck"),
    ],
)
def test_bad_arguments_are_refused(changed: dict[str, Any], word: str) -> None:
    for make in (BoardEnv, BoardVectorEnv):
        with pytest.raises(TaskError, match=word):
            make(**changed)


def test_bad_actions_are_refused() -> None:
    env = vector(2)
    with pytest.raises(gym.error.ResetNeeded):
        env.step([0, 0])
    env.reset(seed=1)
    with pytest.raises(TaskError, match="4"):
        env.step([0, 4])
    with pytest.raises(TaskError, match="shape"):
        env.step([0, 0, 0])


def test_arrays_that_do_not_fit_are_refused() -> None:
    made = _core.Boards("grid_navigation/rung0", 2, [1.0, 1.0, 0.0, 0.0, 0.0])
    facts, mask = np.zeros((2, 6), np.int64), np.ones(2, np.bool_)
    with pytest.raises(TaskError, match="observations"):
        made.reset(mask, np.zeros((3, *made.shape), np.uint8), facts)
    with pytest.raises(TypeError):
        made.reset(mask, np.zeros((2, *made.shape), np.int8), facts)
    with pytest.raises(IndexError):
        made.place([2], ["grid_navigation/rung0#train:0:0"], [1])
