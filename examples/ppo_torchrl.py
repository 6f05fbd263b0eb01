"""PPO of torchrl on its own GymEnv of a board, with action masks."""

import argparse

import torch
from torchrl.envs.libs.gym import GymEnv

import avrgym  # noqa: F401 (registers the ids)

said = argparse.ArgumentParser(description=__doc__)
said.add_argument("--id", default="avrgym/TableReadout-Board-Rung0-v0")
said.add_argument("--steps", type=int, default=250_000)
said.add_argument("--turns", type=int, default=1024, help="steps to an update")
run = said.parse_args()

torch.manual_seed(1)
board = GymEnv(run.id, observation="onehot", window=1, categorical_action_encoding=True)
board.auto_register_info_dict()
