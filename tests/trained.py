"""Small runs that tests train: a model of 16 numbers a token, two steps a stage."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from avrgym import Picture, config
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.suite import Evaluation
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.train.beginning import begun
from avrgym.train.curricula.levels import Levels
from avrgym.train.spec import Run
from avrgym.train.stages import Dpo, Grpo, Prm, Rft, Sft, Stage
from avrgym.train.trainers.dpo import PAIRS

TASK = "grid_navigation"
QUIET: dict[str, Any] = {"logging_steps": 1}
EASY = Levels(task=TASK, levels=("rung0", "rung1"), formats={"image": 1, "text": 1})

SFT = Sft(steps=2, batch=4, probe_every=0, curriculum=EASY, trl={"learning_rate": 1e-2, **QUIET})
GRPO = Grpo(
    steps=2,
    prompts=2,
    replies=2,
    max_reply=40,
    probe_every=0,
    curriculum=replace(EASY, levels="rung0"),
    trl={"learning_rate": 1e-2, **QUIET},
)
DPO = Dpo(
    steps=2,
    samples=4,
    replies=2,
    max_reply=40,
    batch=2,
    probe_every=0,
    curriculum=replace(EASY, levels="rung0"),
    trl={"learning_rate": 1e-2, **QUIET},
)
# One move, said at once: right one time in four as soon as it is said at all.
ONE = Levels(
    task=TASK, levels="rung0", formats={"text-direct": 1}, params={"answers": 0, "length": 1}
)
SPOKEN = replace(SFT, name="spoken", steps=50, batch=8, curriculum=ONE)
RFT = Rft(
    rounds=2,
    steps=6,
    prompts=64,
    draw=64,
    max_reply=20,
    batch=4,
    probe_every=0,
    curriculum=ONE,
    demonstrations=replace(ONE, params={"answers": 0, "length": 2}),
    trl={"learning_rate": 1e-3, **QUIET},
)
PRM = Prm(
    steps=2,
    samples=64,
    replies=2,
    held_back=0.25,
    draw=64,
    max_reply=20,
    batch=4,
    curriculum=ONE,
    trl={"learning_rate": 1e-3, **QUIET},
)


def run(*stages: Stage, **settings: Any) -> Run:
    """A small run of some stages."""
    measured = Evaluation(suite=(f"{TASK}/rung0",), items=4, max_reply=40, batch=8)
    given = {
        "name": "tiny",
        "picture": Picture(112, "compact"),
        "model": Tiny(hidden=16, heads=2, layers=1),
        "evaluation": measured,
        **settings,
    }
    return Run(stages=tuple(stages), **given)


def pair_up(given: Run, folder: Path) -> None:
    """Puts pairs where the run's stage ``dpo`` would find those that it drew."""
    asked = evaluation_addresses(f"{TASK}/rung0", items=4, held_out=4)
    pairs = [
        {
            "prompt": {"address": address, "format": {"shown": shown}},
            "chosen": b"Answer: up".hex(),
            "rejected": b"ca".hex(),
            "cut": True,
        }
        for address, shown in zip(asked, ("image", "image", "text", "text"), strict=True)
    ]
    kept = folder / given.name / "checkpoints" / "dpo"
    if not kept.exists():
        kept.mkdir(parents=True)
        (folder / given.name / "run.json").write_text(json.dumps(config.table(given)))
        (kept / PAIRS).write_text(json.dumps(pairs))


def model() -> Loaded:
    """The model that such runs begin with."""
    return begun(run(SFT))
