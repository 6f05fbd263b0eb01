"""PPO of torchrl on its own GymEnv of a board, with action masks."""

import argparse

import torch
from tensordict.nn import TensorDictModule
from torch import nn
from torchrl.collectors import Collector
from torchrl.data import Binary
from torchrl.envs import default_info_dict_reader
from torchrl.envs.libs.gym import GymEnv
from torchrl.modules import MaskedCategorical, ProbabilisticActor, ValueOperator
from torchrl.objectives import ClipPPOLoss
from torchrl.objectives.value import GAE

import avrgym  # noqa: F401 (registers the ids)

said = argparse.ArgumentParser(description=__doc__)
said.add_argument("--id", default="avrgym/TableReadout-Board-Rung0-v0")
said.add_argument("--steps", type=int, default=250_000)
said.add_argument("--turns", type=int, default=2048)
run = said.parse_args()

torch.manual_seed(1)
shown = {"observation": "onehot", "window": 1, "words": False}
board = GymEnv(run.id, categorical_action_encoding=True, **shown)
actions = board.action_spec.space.n
spec = {"action_mask": Binary(actions, dtype=torch.int8)}
board.set_info_dict_reader(default_info_dict_reader(["action_mask"], spec=spec))


class Policy(nn.Sequential):
    """Logits, and the mask beside them."""

    def forward(self, seen: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of observations and masks."""
        return super().forward(seen.flatten(-3)), mask.bool()


net = Policy(nn.LazyLinear(128), nn.ReLU(), nn.LazyLinear(actions))
module = TensorDictModule(net, ["observation", "action_mask"], ["logits", "mask"])
chances = {"distribution_class": MaskedCategorical, "return_log_prob": True}
actor = ProbabilisticActor(module, ["logits", "mask"], spec=board.action_spec, **chances)
judge = nn.Sequential(nn.Flatten(-3), nn.LazyLinear(128), nn.ReLU(), nn.LazyLinear(1))
critic = ValueOperator(judge, in_keys=["observation"])
collector = Collector(board, actor, frames_per_batch=run.turns, total_frames=run.steps)
critic(board.reset())
loss_of = ClipPPOLoss(actor, critic, clip_epsilon=0.2, entropy_coeff=0.01)
gains = GAE(gamma=0.99, lmbda=0.95, value_network=critic, average_gae=True)
adam = torch.optim.Adam(loss_of.parameters(), lr=1e-3)
for batch in collector:
    for _ in range(4):
        gains(batch)
        for part in batch.flatten()[torch.randperm(batch.numel())].split(512):
            loss = loss_of(part)
            adam.zero_grad()
            (loss["loss_objective"] + loss["loss_critic"] + loss["loss_entropy"]).backward()
            adam.step()
    ended = int(batch["next", "done"].sum())
    print(f"{ended} episodes ended, return {batch['next', 'reward'].sum() / max(ended, 1):.3f}")
