"""Trains small networks by PPO to play boards, and says how often they succeed on other boards.

Every figure is of split ``test`` with contents that training never shows (``--held-out``), one
episode a board, the likeliest action each time. Prints a Markdown table and what was run.

Example: python scripts/ppo_boards.py table_readout --levels rung0 rung1 rung2 --asked rung0 rung5
"""

import argparse
import shlex
import sys
import time
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Categorical

import avrgym

GAMMA, LAMBDA, CLIP, EPOCHS, PARTS = 0.99, 0.95, 0.2, 4, 4


def settings() -> argparse.Namespace:
    """What the command line says."""
    said = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    said.add_argument("task", choices=avrgym.envs.BOARD_TASKS)
    said.add_argument("--levels", nargs="+", default=["rung0"], help="trained on, in equal shares")
    said.add_argument("--asked", nargs="+", default=["rung0"], help="levels that are asked")
    said.add_argument("--window", type=int, nargs="+", default=[1], help="0: the whole board")
    said.add_argument("--mask", type=int, default=1, help="whether actions are masked")
    said.add_argument("--entropy", type=float, default=0.01)
    said.add_argument("--refused", type=float, default=0.0, help="reward of what is refused")
    said.add_argument("--steps", type=int, default=500_000, help="actions of all boards")
    said.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    said.add_argument("--boards", type=int, default=64)
    said.add_argument("--turns", type=int, default=64)
    said.add_argument("--rate", type=float, default=1e-3)
    said.add_argument("--episodes", type=int, default=512, help="asked of each level and seed")
    said.add_argument("--held-out", type=int, default=4)
    return said.parse_args()


def fleet(run: argparse.Namespace, count: int, **given: Any) -> Any:
    """Boards as the run has them."""
    window = None if run.window == [0] else (run.window * 2)[:2]
    name = "".join(part.capitalize() for part in run.task.split("_"))
    return gym.make_vec(
        f"avrgym:avrgym/{name}-Board-v0",
        count,
        "vector_entry_point",
        observation="onehot",
        window=window,
        weights={"progress": 1, "success": 1, "refused": run.refused},
        held_out=run.held_out,
        autoreset_mode="SameStep",
        **given,
    )


class Player(nn.Module):
    """A policy and what it expects: two hidden layers of 128 on what is seen."""

    def __init__(self, seen: int, actions: int, mask: bool) -> None:
        """Makes them, of inputs and actions; ``mask`` says whether actions are masked."""
        super().__init__()
        self.mask = mask
        self.body = nn.Sequential(
            nn.Flatten(), nn.Linear(seen, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()
        )
        self.policy, self.value = nn.Linear(128, actions), nn.Linear(128, 1)
        nn.init.orthogonal_(self.policy.weight, 0.01)

    def forward(self, seen: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (n, actions) and values (n,) of observations."""
        hidden = self.body(seen)
        logits = self.policy(hidden)
        logits = logits.masked_fill(~allowed, -1e9) if self.mask else logits
        return logits, self.value(hidden)[:, 0]


def masks(infos: dict[str, Any]) -> Tensor:
    """What infos say of actions, bool (n, actions)."""
    return torch.from_numpy(infos["action_mask"]).bool()


def train(run: argparse.Namespace, seed: int) -> Player:
    """PPO with clipping, as everybody has it."""
    torch.manual_seed(seed)
    boards = fleet(run, run.boards, levels=run.levels)
    seen, infos = boards.reset(seed=seed + 1)
    player = Player(seen[0].size, boards.single_action_space.n, bool(run.mask))
    adam = torch.optim.Adam(player.parameters(), run.rate, eps=1e-5)
    updates = max(1, run.steps // (run.boards * run.turns))
    began = time.time()
    for update in range(updates):
        adam.param_groups[0]["lr"] = run.rate * (1 - update / updates)
        rows, ended, succeeded = [], 0, 0
        for _ in range(run.turns):
            now, allowed = torch.from_numpy(seen), masks(infos)
            with torch.no_grad():
                logits, value = player(now, allowed)
            chances = Categorical(logits=logits)
            action = chances.sample()
            seen, reward, terminated, truncated, infos = boards.step(action.numpy())
            if (over := terminated | truncated).any():
                ended += int(over.sum())
                succeeded += int(infos["final_info"]["is_success"].sum())
            if truncated.any():  # what is cut short would have gone on
                last = torch.from_numpy(np.stack(infos["final_obs"][truncated]))
                left = torch.from_numpy(infos["final_info"]["action_mask"][truncated]).bool()
                with torch.no_grad():
                    reward[truncated] += GAMMA * player(last, left)[1].numpy()
            told = chances.log_prob(action), value, torch.from_numpy(reward).float()
            rows.append((now, allowed, action, *told, torch.from_numpy(over)))
        learn(player, adam, rows, torch.from_numpy(seen), masks(infos), run.entropy)
        if update % max(1, updates // 10) == 0 or update == updates - 1:
            share, spent = succeeded / max(ended, 1), time.time() - began
            print(
                f"  seed {seed} update {update + 1} success {share:.3f} {spent:.0f} s", flush=True
            )
    return player


def learn(
    player: Player, adam: Any, rows: list[Any], seen: Tensor, allowed: Tensor, entropy: float
) -> None:
    """One update from the turns of all boards; ``seen`` and ``allowed`` are what comes next."""
    with torch.no_grad():
        later = player(seen, allowed)[1]
    gain, gains = torch.zeros_like(later), []
    for *_, value, reward, over in reversed(rows):
        gain = reward + GAMMA * later * ~over - value + GAMMA * LAMBDA * gain * ~over
        later, gains = value, [gain, *gains]
    now, may, action, before, value, *_ = (torch.cat(column) for column in zip(*rows, strict=True))
    gained = torch.cat(gains)
    for part in (p for _ in range(EPOCHS) for p in torch.randperm(len(now)).chunk(PARTS)):
        logits, guess = player(now[part], may[part])
        chances = Categorical(logits=logits)
        ratio = (chances.log_prob(action[part]) - before[part]).exp()
        worth = (gained[part] - gained[part].mean()) / (gained[part].std() + 1e-8)
        surrogate = torch.min(ratio * worth, ratio.clamp(1 - CLIP, 1 + CLIP) * worth).mean()
        error = (guess - (gained + value)[part]).square().mean() / 2
        adam.zero_grad()
        (error - surrogate - entropy * chances.entropy().mean()).backward()
        nn.utils.clip_grad_norm_(player.parameters(), 0.5)
        adam.step()


def ask(run: argparse.Namespace, player: Player, level: str) -> float:
    """The share of boards of a level that the player's likeliest actions succeed on."""
    boards = fleet(run, run.episodes, level=level, split="test")
    seen, infos = boards.reset(seed=0)
    ended, succeeded = np.zeros((2, run.episodes), np.bool_)
    while not ended.all():
        with torch.no_grad():
            actions = player(torch.from_numpy(seen), masks(infos))[0].argmax(1)
        seen, _, terminated, truncated, infos = boards.step(actions.numpy())
        over = (terminated | truncated) & ~ended
        if over.any():
            succeeded |= over & infos["final_info"]["is_success"]
            ended |= over
    return float(succeeded.mean())


def main() -> None:
    """Trains each seed, asks each level, prints the table."""
    run = settings()
    torch.set_num_threads(1)
    began = time.time()
    players = [train(run, seed) for seed in run.seeds]
    spent = (time.time() - began) / len(players)
    print(f"\n`{shlex.join(['python', *sys.argv])}`, {spent:.0f} s a seed\n")
    print("| level | success | of each seed |\n|---|---|---|")
    for level in run.asked:
        shares = [ask(run, player, level) for player in players]
        each = ", ".join(f"{share:.3f}" for share in shares)
        print(f"| {level} | {np.mean(shares):.3f} ± {np.std(shares):.3f} | {each} |", flush=True)


if __name__ == "__main__":
    main()
