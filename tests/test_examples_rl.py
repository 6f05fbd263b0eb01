"""The examples of classical reinforcement learning run, a few steps each."""

import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
NEEDS = {"ppo_torch": "torch", "ppo_sb3": "sb3_contrib", "ppo_torchrl": "torchrl"}


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ppo_torch", ["--steps", "4096"], "episodes ended, success"),
        ("ppo_sb3", ["--steps", "512", "--boards", "8"], "episodes of split test: success"),
        ("ppo_sb3", ["--steps", "512", "--boards", "8", "--plain"], "split test: success"),
        ("ppo_torchrl", ["--steps", "256", "--turns", "128"], "episodes ended, return"),
    ],
)
def test_an_example_runs(name: str, arguments: list[str], said: str) -> None:
    if find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed: pip install 'avrgym[rl]'")
    path = EXAMPLES / f"{name}.py"
    assert len(path.read_text().splitlines()) <= 60
    done = subprocess.run([sys.executable, path, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert said in done.stdout


def test_the_environment_for_rllib_is_flat_and_of_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    # RLlib itself needs half a minute to start and packages of its own: its example is run by hand.
    monkeypatch.setattr(sys, "argv", ["ppo_rllib.py"])
    env: Any = runpy.run_path(str(EXAMPLES / "ppo_rllib.py"))["board"]()
    seen, _ = env.reset(seed=1)
    assert seen.dtype == np.float32 and seen.shape == (15 * 9,)
    assert env.step(0)[0] in env.observation_space


def test_stable_baselines_takes_the_native_vector_as_its_own() -> None:
    pytest.importorskip("stable_baselines3", reason="pip install 'avrgym[rl]'")
    import gymnasium as gym
    from stable_baselines3.common.vec_env import DummyVecEnv

    from avrgym import TaskError
    from avrgym.adapters import sb3

    name = "avrgym/TableReadout-Board-Rung1-v0"
    shown: dict[str, Any] = {"observation": "onehot"}
    ours: Any = sb3.make(name, 3, **shown)
    theirs: Any = DummyVecEnv([lambda: gym.make(name, **shown)] * 3)
    for env in (ours, theirs):
        env.seed(4)
    assert np.array_equal(ours.reset(), theirs.reset())
    rng, ended = np.random.default_rng(0), 0
    for _ in range(60):
        actions = rng.integers(0, 14, 3)
        seen, rewards, over, infos = ours.step(actions)
        known, earned, done, told = theirs.step(actions)
        assert np.array_equal(seen, known)
        assert np.array_equal(rewards, earned) and np.array_equal(over, done)
        assert np.array_equal(
            np.stack(ours.env_method("action_masks")), np.stack(theirs.env_method("action_masks"))
        )
        for seat in np.flatnonzero(over):
            ended += 1
            for key in told[seat]:
                assert np.array_equal(infos[seat][key], told[seat][key]), key
            assert infos[seat]["episode"]["l"] > 0
    assert ended > 20
    with pytest.raises(TaskError, match="nope"):
        ours.env_method("nope")
    with pytest.raises(TaskError, match="SameStep"):
        sb3.NativeVecEnv(gym.make_vec(name, 2, "vector_entry_point"))
