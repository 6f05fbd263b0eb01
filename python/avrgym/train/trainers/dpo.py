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
    from avrgym.train.stages.sppo import Sppo

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
    if watched := spread(pairs, stage.watch):
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


def spread(pairs: Sequence[Contrast], count: int) -> list[Contrast]:
    """So many pairs, evenly from all."""
    count = min(count, len(pairs))
    return [pairs[at * len(pairs) // count] for at in range(count)]


def _pairs(loaded: Loaded, desk: Desk, stage: "Dpo", scores: Scores) -> list[Contrast]:
    """The pairs of the stage: kept ones if there are, else drawn and kept."""
    file = desk.folder / PAIRS
    if desk.processes.said(file.exists()):
        kept = json.loads(file.read_text("utf-8"))
        return [read(each) for each in kept]
    prompts, said = drawn(loaded, desk, stage)
    made = joined(desk.processes.gathered([paired(prompts, said, stage.pairs)]))
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
    less = f", {dropped:,} of high CHES left out" if dropped else ""
    desk.say(
        f"{len(pairs):,} pairs of {made.replies:,} replies, {made.right:,} of them right{less}"
    )
    if desk.processes.first:
        desk.folder.mkdir(parents=True, exist_ok=True)
        write(file, json.dumps([plain(pair) for pair in pairs]))
    desk.processes.wait()
    return pairs


def drawn(loaded: Loaded, desk: Desk, stage: "Dpo | Sppo") -> tuple[list[Prompt], list[bytes]]:
    """This process's prompts, each as often as replies are drawn to it, and a reply to each."""
    mine = desk.processes.share(desk.curriculum.draw(stage.samples))
    repeated = [prompt for prompt in mine for _ in range(stage.replies)]
    said = replies(
        loaded,
        repeated,
        desk.picture,
        decoding="sampled",
        max_reply=stage.max_reply,
        batch=stage.draw,
        seed=desk.seed,
    )
    return repeated, [completion.reply for completion in said]


def plain(pair: Contrast) -> dict[str, Any]:
    """A pair as JSON holds it."""
    return asdict(pair) | {"chosen": pair.chosen.hex(), "rejected": pair.rejected.hex()}


def read(kept: dict[str, Any]) -> Contrast:
    """What :func:`plain` made plain."""
    asked = dict(kept["prompt"])
    prompt = Prompt(**{**asked, "format": Format(**asked["format"])})
    chosen, rejected = (bytes.fromhex(kept[name]) for name in ("chosen", "rejected"))
    return Contrast(prompt, chosen, rejected, kept["cut"], kept.get("chosen_cut", False))
