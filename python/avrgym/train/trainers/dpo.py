"""Preference: pairs are drawn once, kept beside the checkpoints, and laid out when asked for."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.load import Loaded, refer
from avrgym.models.policy import replies
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import write
from avrgym.train import arguments
from avrgym.train.desk import Desk
from avrgym.train.trainers.displacement import Displacement, Scores
from avrgym.train.trainers.pairs import Contrast, joined, paired
from avrgym.train.trainers.surviving import Surviving, Watch, numbered
from avrgym.train.trainers.unended import Unended

with needs("train"):
    from transformers import TrainerCallback
    from trl import DPOConfig, DPOTrainer

if TYPE_CHECKING:
    from avrgym.train.stages.dpo import Dpo

PAIRS = "pairs.json"


class SurvivingDpo(Surviving, DPOTrainer):
    """TRL's trainer, with checkpoints that are whole."""


def prefer(loaded: Loaded, desk: Desk, stage: "Dpo") -> None:
    """Trains the model in place.

    Raises:
        TaskError: No prompt had right and wrong replies that make a pair.
    """
    settings = stage.settings(desk.common, desk.processes.count)
    made = arguments.made(
        DPOConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    collate = Unended(loaded.processor)
    scores = Scores(loaded, desk, collate, made.per_device_train_batch_size)
    pairs = _pairs(loaded, desk, stage, scores)
    callbacks: list[TrainerCallback] = [Watch(desk, stage.pace, stage.probe_every)]
    if watched := _spread(pairs, stage.watch):
        how = (stage.probe_every, stage.max_reply, stage.draw)
        callbacks.insert(0, Displacement(loaded, desk, watched, scores, *how))

    def laid_out(places: list[int]) -> dict[str, list[Any]]:
        found = [pairs[at] for at in places]
        rows = desk.rows([pair.prompt for pair in found])
        made = [pair.row(row) for pair, row in zip(found, rows, strict=True)]
        return {name: [row[name] for row in made] for name in made[0]}

    trainer = SurvivingDpo(
        model=loaded.model,
        ref_model=None if desk.adapter else desk.reference(),
        processing_class=loaded.processor,
        train_dataset=numbered(len(pairs), desk.name, laid_out),
        data_collator=collate,
        callbacks=callbacks,
        args=made,
    )
    refer(loaded, desk.origin)
    trainer.desk = desk
    trainer.run()


def _spread(pairs: Sequence[Contrast], count: int) -> list[Contrast]:
    """So many pairs, evenly from all."""
    count = min(count, len(pairs))
    return [pairs[at * len(pairs) // count] for at in range(count)]


def _pairs(loaded: Loaded, desk: Desk, stage: "Dpo", scores: Scores) -> list[Contrast]:
    """The pairs of the stage: kept ones if there are, else drawn and kept."""
    file = desk.folder / PAIRS
    if desk.processes.said(file.exists()):
        kept = json.loads(file.read_text("utf-8"))
        return [_of(each) for each in kept]
    asked = desk.curriculum.draw(stage.samples)
    mine = desk.processes.share(asked)
    repeated = [prompt for prompt in mine for _ in range(stage.replies)]
    drawn = replies(
        loaded,
        repeated,
        desk.picture,
        decoding="sampled",
        max_reply=stage.max_reply,
        batch=stage.draw,
        seed=desk.seed,
    )
    parts = desk.processes.gathered(
        [paired(repeated, [completion.reply for completion in drawn], stage.pairs)]
    )
    made = joined(parts)
    if not made.pairs:
        raise TaskError(
            f"stage {desk.name}: {made.lack}; give other levels, more samples or replies, or "
            "pairs of a wider accuracy"
        )
    pairs, dropped = made.pairs, int(len(made.pairs) * stage.drop_top_ches)
    if dropped:
        high = scores.ches(pairs)
        order = sorted(range(len(pairs)), key=lambda at: (high[at], at))
        pairs = [pairs[at] for at in sorted(order[: len(pairs) - dropped])]
    said = f", {dropped:,} of high CHES left out" if dropped else ""
    desk.say(
        f"{len(pairs):,} pairs of {made.replies:,} replies, {made.right:,} of them right{said}"
    )
    if desk.processes.first:
        desk.folder.mkdir(parents=True, exist_ok=True)
        write(file, json.dumps([_plain(pair) for pair in pairs]))
    desk.processes.wait()
    return pairs


def _plain(pair: Contrast) -> dict[str, Any]:
    return asdict(pair) | {"chosen": pair.chosen.hex(), "rejected": pair.rejected.hex()}


def _of(kept: dict[str, Any]) -> Contrast:
    asked = dict(kept["prompt"])
    prompt = Prompt(**{**asked, "format": Format(**asked["format"])})
    chosen, rejected = (bytes.fromhex(kept[name]) for name in ("chosen", "rejected"))
    return Contrast(prompt, chosen, rejected, kept["cut"], kept.get("chosen_cut", False))
