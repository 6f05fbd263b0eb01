from itertools import product
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

from avrgym import Source, TaskError, envs, samples, verify
from avrgym.envs.reply import ReplyEnv
from avrgym.envs.reply_vector import ReplyVectorEnv

MODES = list(AutoresetMode)
NAME = "avrgym/GridNavigation-Rung2-v0"


def made(count: int = 3, **kwargs: Any) -> ReplyVectorEnv:
    task = {"task": "grid_navigation", "level": "rung2", "size": 64, "insist": True}
    return ReplyVectorEnv(count, **{**task, **kwargs})


def replies(infos: dict[str, Any], count: int) -> tuple[str, ...]:
    """Right replies and wrong ones, of the problems that the infos name."""
    shown = samples(infos["address"])
    return tuple(
        (sample.rationale, f"Answer: {sample.answer}", "Answer: up", "")[i % 4]
        for i, sample in enumerate(shown[:count])
    )


@pytest.mark.parametrize("name", envs.ids())
def test_every_id_has_a_native_vector_environment(name: str) -> None:
    vector = gym.make_vec(
        name, num_envs=2, size=64, vectorization_mode="vector_entry_point", insist=True
    )
    observations, _ = vector.reset(seed=1)
    assert observations in vector.observation_space
    observations, rewards, *_ = vector.step(vector.action_space.sample())
    assert observations in vector.observation_space
    assert rewards.dtype == np.float64
    vector.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("copy", [True, False])
def test_native_and_synchronous_environments_agree(mode: AutoresetMode, copy: bool) -> None:
    kwargs: dict[str, Any] = {
        "task": "grid_navigation",
        "level": "rung2",
        "size": 64,
        "insist": True,
        "reveal_answer": True,
    }
    native = ReplyVectorEnv(4, **kwargs, autoreset_mode=mode, copy=copy)
    single = SyncVectorEnv([lambda: ReplyEnv(**kwargs)] * 4, autoreset_mode=mode)
    assert native.single_observation_space == single.single_observation_space
    assert native.observation_space == single.observation_space
    assert native.action_space == single.action_space

    seeds: list[int | None] = [3, 1, 4, 1]
    ours: Any
    theirs: Any
    ours, theirs = native.reset(seed=seeds), single.reset(seed=seeds)
    assert data_equivalence(ours, theirs, exact=True)
    for _ in range(5):
        said = replies(ours[-1], 4)
        ours, theirs = native.step(said), single.step(said)
        assert data_equivalence(ours, theirs, exact=True)
        if mode is AutoresetMode.DISABLED:
            mask = np.array([True, False, True, True])
            ours = native.reset(options={"reset_mask": mask})
            theirs = single.reset(options={"reset_mask": mask.copy()})
            assert data_equivalence(ours, theirs, exact=True)
            rest = {"reset_mask": ~mask}
            ours, theirs = native.reset(options=rest), single.reset(options=dict(rest))
            assert data_equivalence(ours, theirs, exact=True)
            ours = native.reset(options={"index": [5] * 4})
            theirs = single.reset(options={"index": 5})
            assert data_equivalence(ours, theirs, exact=True)


def test_one_seed_shares_a_dataset_out() -> None:
    vector = made(3)
    _, infos = vector.reset(seed=9)
    assert infos["index"].tolist() == [0, 1, 2]
    vector.step([""] * 3)
    *_, infos = vector.step([""] * 3)
    assert infos["index"].tolist() == [3, 4, 5]
    assert infos["address"][2] == "grid_navigation/rung2#train:9:5"
    again, _ = vector.reset(seed=9)
    fresh, _ = made(3).reset(seed=9)
    assert data_equivalence(again, fresh, exact=True)


def test_next_step_ignores_the_replies_that_nobody_asked_for() -> None:
    vector = made(2)
    vector.reset(seed=1)
    _, rewards, over, _, infos = vector.step(["", ""])
    assert over.all()
    assert infos["_success"].all()
    _, rewards, over, _, infos = vector.step(["Answer: up"] * 2)
    assert not over.any()
    assert not rewards.any()
    assert not infos["success"].any()
    assert infos["outcome"].tolist() == ["", ""]


def test_same_step_keeps_the_final_observations() -> None:
    for copy in (True, False):
        vector = made(2, autoreset_mode="SameStep", copy=copy)
        first, _ = vector.reset(seed=1)
        shown = first["image"].copy()
        second, *_, infos = vector.step(["", ""])
        assert all(
            np.array_equal(final["image"], image)
            for final, image in zip(infos["final_obs"], shown, strict=True)
        )
        assert not np.array_equal(second["image"], shown)
        assert infos["final_info"]["index"].tolist() == [0, 1]
        assert infos["index"].tolist() == [2, 3]


def test_disabled_asks_for_a_reset() -> None:
    vector = made(2, autoreset_mode="Disabled")
    vector.reset(seed=1)
    vector.step(["", ""])
    with pytest.raises(gym.error.ResetNeeded, match="0, 1"):
        vector.step(["", ""])
    vector.reset(options={"reset_mask": np.array([False, True])})
    with pytest.raises(gym.error.ResetNeeded, match=r"\[0\]"):
        vector.step(["", ""])


def test_copies_are_the_callers() -> None:
    keeping, sharing = made(2), made(2, copy=False)
    first, second = keeping.reset(seed=1)[0], keeping.reset()[0]
    assert not np.shares_memory(first["image"], second["image"])
    first, second = sharing.reset(seed=1)[0], sharing.reset()[0]
    assert np.shares_memory(first["image"], second["image"])


@pytest.mark.parametrize(
    ("kwargs", "word"),
    [
        ({"options": {"indx": 1}}, "indx"),
        ({"options": {"index": [1]}}, "1"),
        ({"options": {"reset_mask": [True, True]}}, "reset_mask"),
        ({"options": {"reset_mask": np.zeros(2, np.bool_)}}, "reset_mask"),
        ({"seed": [1]}, "1"),
    ],
)
def test_bad_resets_are_refused(kwargs: dict[str, Any], word: str) -> None:
    vector = made(2)
    vector.reset(seed=1)
    with pytest.raises(TaskError, match=word):
        vector.reset(**kwargs)
    with pytest.raises(TaskError, match="3"):
        vector.step(["", "", ""])


@pytest.mark.parametrize("format", ["image", "text"])
def test_processes_show_prompts_or_refuse(format: str) -> None:
    # Through shared memory text would come out as zeros, without a word.
    kwargs: dict[str, Any] = {"size": 64, "insist": True, "format": format}
    single = [lambda: gym.make(NAME, **kwargs)] * 2
    with pytest.raises(ValueError, match="shared_memory=False"):
        AsyncVectorEnv(single)
    with pytest.raises(ValueError, match="shared_memory=False"):
        gym.make_vec(NAME, 2, "async", **kwargs)
    native = ReplyVectorEnv(2, task="grid_navigation", level="rung2", **kwargs)
    processes: Any
    for processes in (
        AsyncVectorEnv(single, shared_memory=False),
        gym.make_vec(NAME, 2, "async", vector_kwargs={"shared_memory": False}, **kwargs),
    ):
        said = ("Answer: up", "")
        ours: Any = native.reset(seed=[3, 4])
        theirs: Any = processes.reset(seed=[3, 4])
        assert data_equivalence(ours, theirs, exact=True)
        assert "Collect every object" in theirs[0]["prompt"][0]
        assert data_equivalence(native.step(said)[0], processes.step(said)[0], exact=True)
        processes.close()


def test_boards_go_through_shared_memory() -> None:
    name = "avrgym/GridNavigation-Board-Rung2-v0"
    processes: Any = gym.make_vec(name, 2, "async")
    native: Any = gym.make_vec(name, 2, "vector_entry_point")
    for action in (None, [3, 1], [0, 2]):
        ours, theirs = (
            env.reset(seed=[3, 4])[0] if action is None else env.step(action)[0]
            for env in (native, processes)
        )
        assert np.array_equal(ours, theirs)
    processes.close()


def test_weaker_answers_do_not_count_where_marks_are_asked_for() -> None:
    [sample] = Source("grid_navigation", "rung2", seed=5)[:1]
    for strict, reply in product((False, True), (f"Answer: {sample.answer}", "no answer")):
        [verdict] = verify([sample.address], [reply], strict=strict)
        env = ReplyEnv("grid_navigation", "rung2", size=64, strict=strict, insist=True)
        env.reset(seed=5)
        vector = made(1, strict=strict)
        vector.reset(seed=5)
        *_, info = env.step(reply)
        *_, infos = vector.step([reply])
        assert info["outcome"] == infos["outcome"][0] == verdict.outcome


def test_seeds_of_every_kind_are_the_same_seed() -> None:
    kinds: list[Any] = [5, np.int64(5), np.uint8(5), np.array(5)]
    streams = []
    for seed in kinds:
        for env in (made(2), ReplyEnv("grid_navigation", "rung2", size=64, insist=True)):
            env.reset(seed=seed)
            streams.append(float(env.np_random.random()))
    assert len(set(streams)) == 1
    each: list[Any] = [[5, 6], (5, 6), np.array([5, 6])]
    shown = [made(2).reset(seed=seeds)[1]["address"].tolist() for seeds in each]
    assert shown == [[f"grid_navigation/rung2#train:{seed}:0" for seed in (5, 6)]] * 3


def test_frames_come_one_each() -> None:
    vector = made(2, render_mode="ansi")
    assert vector.render() is None
    vector.reset(seed=1)
    frames = vector.render()
    assert frames is not None
    assert len(frames) == 2
    vector = made(2, render_mode="rgb_array")
    observations, _ = vector.reset(seed=1)
    frames = vector.render()
    assert frames is not None
    assert np.array_equal(np.stack(frames), observations["image"])
