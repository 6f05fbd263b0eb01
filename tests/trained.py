"""Small runs that tests train: a model of 16 numbers a token, two steps a stage."""

from dataclasses import replace
from typing import Any

from avrgym import Picture
from avrgym.evaluate.suite import Evaluation
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.train.beginning import begun
from avrgym.train.curricula.levels import Levels
from avrgym.train.spec import Run
from avrgym.train.stages import Dpo, Grpo, Sft, Stage

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


def model() -> Loaded:
    """The model that such runs begin with."""
    return begun(run(SFT))
