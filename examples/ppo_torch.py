"""PPO in one file, after CleanRL's, on native vector boards with action masks: reads tables."""

import argparse

import gymnasium as gym
import torch
from torch import nn
from torch.distributions import Categorical

said = argparse.ArgumentParser(description=__doc__)
said.add_argument("--id", default="avrgym:avrgym/TableReadout-Board-Rung0-v0")
said.add_argument("--steps", type=int, default=250_000, help="actions of all boards together")
run = said.parse_args()
BOARDS, TURNS, GAMMA, LAMBDA, CLIP = 64, 64, 0.99, 0.95, 0.2

torch.manual_seed(1)
shown = {"observation": "onehot", "window": 1, "autoreset_mode": "SameStep"}
fleet = gym.make_vec(run.id, BOARDS, "vector_entry_point", **shown)
inputs = torch.Size(fleet.single_observation_space.shape).numel()
layers = [nn.Flatten(), nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()]
player = nn.Sequential(*layers, nn.Linear(128, int(fleet.single_action_space.n) + 1))
adam = torch.optim.Adam(player.parameters(), lr=1e-3, eps=1e-5)


def judge(seen: torch.Tensor, mask: torch.Tensor) -> tuple[Categorical, torch.Tensor]:
    """What to do, and what the rest of the episode is worth."""
    out = player(seen)
    return Categorical(logits=out[:, :-1].masked_fill(~mask, -1e9)), out[:, -1]


seen, infos = fleet.reset(seed=1)
for update in range(max(1, run.steps // (BOARDS * TURNS))):
    rows, ended, won = [], 0, 0
    for _ in range(TURNS):
        now, mask = torch.from_numpy(seen), torch.from_numpy(infos["action_mask"]).bool()
        with torch.no_grad():
            chances, value = judge(now, mask)
        act = chances.sample()
        seen, reward, terminated, truncated, infos = fleet.step(act.numpy())
        over = torch.from_numpy(terminated | truncated)
        ended, won = ended + over.sum(), won + infos.get("final_info", infos)["is_success"].sum()
        rows.append((now, mask, act, chances.log_prob(act), value, torch.tensor(reward), over))
    with torch.no_grad():
        later, gain, gains = player(torch.from_numpy(seen))[:, -1], 0.0, []
    for *_, value, reward, over in reversed(rows):
        gain = reward + GAMMA * later * ~over - value + GAMMA * LAMBDA * gain * ~over
        later, gains = value, [gain.float(), *gains]
    now, mask, act, before, value, *_ = (torch.cat(column) for column in zip(*rows, strict=True))
    gained = torch.cat(gains)
    for part in (p for _ in range(4) for p in torch.randperm(len(now)).chunk(4)):
        chances, guess = judge(now[part], mask[part])
        ratio = (chances.log_prob(act[part]) - before[part]).exp()
        worth = (gained[part] - gained[part].mean()) / (gained[part].std() + 1e-8)
        better = torch.min(ratio * worth, ratio.clamp(1 - CLIP, 1 + CLIP) * worth).mean()
        wrong = (guess - (gained + value)[part]).square().mean() / 2
        adam.zero_grad()
        (wrong - better - 0.01 * chances.entropy().mean()).backward()
        adam.step()
    print(f"update {update + 1}: {ended} episodes ended, success {won / max(ended, 1):.3f}")
