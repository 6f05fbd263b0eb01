"""PPO and MaskablePPO of stable-baselines3 and sb3-contrib on native vector boards."""

import argparse

from sb3_contrib import MaskablePPO
from stable_baselines3 import PPO

from avrgym.adapters import sb3

said = argparse.ArgumentParser(description=__doc__)
said.add_argument("--id", default="avrgym/TableReadout-Board-Rung0-v0")
said.add_argument("--plain", action="store_true", help="PPO, which is told no action masks")
said.add_argument("--steps", type=int, default=250_000, help="actions of all boards together")
said.add_argument("--boards", type=int, default=64)
run = said.parse_args()

# A window of planes makes what is under the cursor easy to see; see docs/environments.md.
boards = sb3.make(run.id, run.boards, observation="onehot", window=1)
maker = PPO if run.plain else MaskablePPO
model = maker("MlpPolicy", boards, n_steps=64, batch_size=1024, n_epochs=4, ent_coef=0.01, seed=1)
model.learn(run.steps)

asked = sb3.make(run.id, run.boards, observation="onehot", window=1, split="test")
seen, ended, won = asked.reset(), 0, 0
while ended < 4 * run.boards:
    masks = {} if run.plain else {"action_masks": asked.fleet.action_masks()}
    actions, _ = model.predict(seen, deterministic=True, **masks)
    seen, _, over, infos = asked.step(actions)
    ended += over.sum()
    won += sum(info["is_success"] for info in infos if info)
print(f"{ended} episodes of split test: success {won / ended:.3f}")
