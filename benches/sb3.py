"""Steps a second of stable-baselines3's own vector environment and of the native one behind it.

Run by hand: ``python benches/sb3.py``; both in turn, in one process, the same actions.
"""

import time

import gymnasium as gym
import numpy as np
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from avrgym.adapters import sb3

NAME, BOARDS, TURNS = "avrgym/TableReadout-Board-Rung3-v0", 64, 100
SHOWN = ({}, {"observation": "onehot", "window": 1})

if __name__ == "__main__":
    for shown in SHOWN:
        own = DummyVecEnv([lambda shown=shown: Monitor(gym.make(NAME, **shown))] * BOARDS)
        rates = {}
        for name, env in (("own", own), ("native", sb3.make(NAME, BOARDS, **shown))):
            env.seed(1)
            env.reset()
            actions = np.random.default_rng(0).integers(0, 14, (TURNS, BOARDS))
            for turn in actions[:10]:
                env.step(turn)
            began = time.process_time()
            for turn in actions:
                env.step(turn)
            rates[name] = TURNS * BOARDS / (time.process_time() - began)
        print(shown, *(f"{name} {rate:,.0f}/s" for name, rate in rates.items()), end=" ")
        print(f"ratio {rates['native'] / rates['own']:.1f}")
