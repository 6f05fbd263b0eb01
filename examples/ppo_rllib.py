"""A board as RLlib takes it: float observations, flat; RLlib's own PPO if it is all installed."""

import argparse

import gymnasium as gym
from gymnasium.wrappers import FlattenObservation

said = argparse.ArgumentParser(description=__doc__)
said.add_argument("--id", default="avrgym:avrgym/TableReadout-Board-Rung0-v0")
said.add_argument("--iterations", type=int, default=20)
run = said.parse_args()


def board(_: object = None) -> gym.Env:
    """The environment that RLlib's workers make."""
    return FlattenObservation(gym.make(run.id, observation="onehot", window=1))


if __name__ == "__main__":
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.tune.registry import register_env

    register_env("board", board)
    config = PPOConfig().environment("board").env_runners(num_env_runners=0)
    algorithm = config.training(lr=1e-3, entropy_coeff=0.01).build_algo()
    for _ in range(run.iterations):
        print(algorithm.train()["env_runners"].get("episode_return_mean"))
    algorithm.stop()
