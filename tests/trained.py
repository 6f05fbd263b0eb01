"""Small runs that tests train: a model of 16 numbers a token, two steps a stage."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from avrgym import Picture, Prompt, config
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.suite import Evaluation
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.prompts.format import Format
from avrgym.runs.record import Record
from avrgym.train.beginning import begun
from avrgym.train.curricula.levels import Levels
from avrgym.train.spec import Run
from avrgym.train.stages import Dpo, Grpo, Prm, Rft, Sft, Stage
from avrgym.train.trainers.compared import FACTS, Held
from avrgym.train.trainers.heard import Drawn
from avrgym.train.trainers.pairs import Contrast
from avrgym.train.trainers.rated import Rated

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
    """Puts replies and pairs where the run's stage ``dpo`` would find those that it drew."""
    asked = evaluation_addresses(f"{TASK}/rung0", items=4, held_out=4)
    shown = ("image", "image", "text", "text")
    record = Record(folder / given.name)
    kept = record.checkpoints("dpo")
    if kept.exists():
        return
    kept.mkdir(parents=True)
    (record.folder / "run.json").write_text(json.dumps(config.table(given)))
    pairs, drawn = list[Held](), list[Drawn]()
    for address, name in zip(asked, shown, strict=True):
        prompt = Prompt(address, Format(name))
        for reply, outcome in (("Answer: up", "correct"), ("ca", "unparsed")):
            judged = (outcome == "correct", outcome, None, "stop", True)
            drawn.append(Drawn(address, name, "plain", reply, *judged))
        told = (0, 1, 1, 2, "correct", "unparsed", None, None)
        rated = Rated(Contrast(prompt, b"Answer: up", b"ca", cut=True), 1.0, 0.0)
        pairs.append(Held(rated, dict(zip(FACTS, told, strict=True))))
    lines(kept / "round-0.jsonl", [each.line() for each in drawn])
    lines(record.pairs("dpo") / "round-0.jsonl", [each.line() for each in pairs])


def lines(file: Path, rows: list[dict[str, Any]]) -> None:
    """Writes rows, a line each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def model() -> Loaded:
    """The model that such runs begin with."""
    return begun(run(SFT))
