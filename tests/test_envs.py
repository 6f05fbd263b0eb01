import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence

import avrgym
from avrgym import Source, TaskError, envs
from avrgym.envs.reply import ReplyEnv

REPLY_IDS = [name for name, (kind, _) in envs.ids().items() if kind == "reply"]


def made(task: str = "grid_navigation", level: str = "rung2", **kwargs: Any) -> ReplyEnv:
    return ReplyEnv(task, level, **{"size": 64, "insist": True, **kwargs})


@pytest.mark.parametrize("name", envs.ids())
def test_every_id_passes_the_checker(name: str) -> None:
    env = gym.make(name, size=64, insist=True)
    check_env(env.unwrapped)
    env.close()


@pytest.mark.parametrize("format", ["text", "image_via_text"])
def test_every_format_passes_the_checker(format: str) -> None:
    check_env(
        gym.make("avrgym/TableReadout-v0", size=(64, 96), format=format, insist=True).unwrapped
    )


def test_ids_are_named_after_tasks_and_levels() -> None:
    assert "avrgym/GridNavigation-Hard-v0" in gym.registry
    assert "avrgym/ConsecutiveTableReadout-Medium-v0" in gym.registry
    assert all(
        re.fullmatch(r"avrgym/[A-Za-z]+(-[A-Za-z0-9]+){0,2}-v0", name) for name in envs.ids()
    )
    by_alias = gym.make("avrgym/GridNavigation-Rung3-v0", size=64, insist=True)
    by_level = gym.make("avrgym/GridNavigation-v0", level="rung3", size=64, insist=True)
    assert data_equivalence(by_alias.reset(seed=5), by_level.reset(seed=5), exact=True)


def test_registering_twice_does_not_warn() -> None:
    before = dict(gym.registry)
    envs.register()
    assert gym.registry == before


def test_a_prefix_needs_no_import() -> None:
    program = """
import gymnasium
gymnasium.make("avrgym:avrgym/GridNavigation-Hard-v0", size=64, insist=True).reset(seed=1)
name = "avrgym:avrgym/TableReadout-Board-Rung0-v0"
gymnasium.make_vec(name, 2, "vector_entry_point").reset(seed=1)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, env=os.environ)


def test_no_entry_point_is_promised() -> None:
    # Gymnasium 1 reads none: it would register nothing.
    manifest = Path(__file__).parent.parent / "pyproject.toml"
    assert "entry-points" not in tomllib.loads(manifest.read_text())["project"]


def test_specs_survive_json() -> None:
    env = gym.make(
        "avrgym/GridNavigation-v0", level="rung1", size=64, params={"style": "full"}, insist=True
    )
    assert env.spec is not None
    again = gym.make(gym.envs.registration.EnvSpec.from_json(env.spec.to_json()))
    assert data_equivalence(env.reset(seed=1), again.reset(seed=1), exact=True)


def test_resets_walk_the_dataset_of_the_seed() -> None:
    env = made(split="test")
    addresses = [env.reset(seed=7)[1]["address"]] + [env.reset()[1]["address"] for _ in range(3)]
    assert addresses == [f"grid_navigation/rung2#test:7:{i}" for i in range(4)]


def test_a_seeded_reset_equals_a_fresh_environment() -> None:
    used = made()
    used.reset(seed=1, options={"index": 9, "split": "val", "level": "rung5"})
    used.step("Answer: up")
    used.reset()
    assert data_equivalence(used.reset(seed=3), made().reset(seed=3), exact=True)
    assert data_equivalence(used.step("x"), _stepped(made(), 3, "x"), exact=True)
    assert data_equivalence(used.reset(), _again(made(), 3), exact=True)


def _stepped(env: ReplyEnv, seed: int, action: str) -> Any:
    env.reset(seed=seed)
    return env.step(action)


def _again(env: ReplyEnv, seed: int) -> Any:
    env.reset(seed=seed)
    return env.reset()


def test_options_choose_the_sample() -> None:
    env = made()
    _, info = env.reset(seed=2, options={"index": 40, "split": "test", "level": "hard"})
    assert info["address"] == "grid_navigation/hard#test:2:40"
    assert {key: info[key] for key in ("task", "level", "split", "index")} == {
        "task": "grid_navigation",
        "level": "hard",
        "split": "test",
        "index": 40,
    }
    assert env.reset()[1]["address"] == "grid_navigation/hard#test:2:41"
    assert env.reset(options={"index": 3})[1]["address"] == "grid_navigation/hard#test:2:3"
    assert env.reset(seed=2)[1]["address"] == "grid_navigation/rung2#train:2:0"


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"indx": 1}, "indx"),
        ({"index": -1}, "-1"),
        ({"index": "3"}, "3"),
        ({"index": True}, "True"),
        ({"level": "nope"}, "nope"),
        ({"split": "nope"}, "nope"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], word: str) -> None:
    env = made()
    env.reset(seed=1)
    with pytest.raises(TaskError, match=word):
        env.reset(options=options)


@pytest.mark.parametrize(
    "changed",
    [
        {"task": "nope"},
        {"level": "nope"},
        {"split": "nope"},
        {"format": "image_to_text"},
        {"theme": "nope"},
        {"size": 10},
        {"reward": "luck"},
        {"params": {"nope": 1}},
    ],
)
def test_bad_arguments_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TaskError):
        made(**changed)


def test_an_unseeded_environment_takes_a_random_dataset() -> None:
    addresses = {made().reset()[1]["address"] for _ in range(4)}
    assert len(addresses) == 4


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_a_right_reply_is_rewarded_and_its_facts_told(task: str) -> None:
    env = made(task, "simple", reveal_answer=True)
    observation, info = env.reset(seed=4)
    sample = Source(task, "simple", seed=4)[0]
    assert info["answer"] == sample.answer
    assert np.array_equal(observation["image"], avrgym.render([sample.address], 64, insist=True)[0])
    _, reward, terminated, truncated, info = env.step(sample.rationale)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["success"]
    assert info["outcome"] == "correct"
    assert info["first_error"] == -1
    assert info["components"]
    assert {step.state for step in info["steps"]} == {"ok"}
    with pytest.raises(gym.error.ResetNeeded):
        env.step(sample.rationale)


def test_the_answer_is_not_told_unasked() -> None:
    env = made()
    _, info = env.reset(seed=4)
    assert "answer" not in info
    assert "answer" not in env.step("Answer: up")[-1]


def test_a_step_needs_a_reset() -> None:
    with pytest.raises(gym.error.ResetNeeded):
        made().step("")


def test_rewards_can_be_chosen() -> None:
    env = made(reward={"correctness": 1.0, "format": 0.5})
    env.reset(seed=4)
    answer = Source("grid_navigation", "rung2", seed=4)[0].answer
    assert env.step(f"Answer: {answer}")[1] == 1.5


def test_frames_are_the_picture_and_the_twin() -> None:
    for mode, expected in (("rgb_array", np.ndarray), ("ansi", str), (None, type(None))):
        env = made(render_mode=mode)
        assert env.render() is None
        env.reset(seed=1)
        assert isinstance(env.render(), expected)
    env = made(format="text", render_mode="ansi")
    observation, _ = env.reset(seed=1)
    assert observation.keys() == {"prompt"}
    assert env.render() in observation["prompt"]


def test_observations_and_sampled_replies_fit_their_spaces() -> None:
    for task in avrgym.TASKS:
        for format in ("image", "text", "image_via_text"):
            env = made(task, "hard", format=format)
            for seed in range(3):
                observation, _ = env.reset(seed=seed)
                assert observation in env.observation_space
    assert Source("table_readout", "hard")[0].rationale in made().action_space
