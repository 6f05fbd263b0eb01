"""SPPO with soft labels, by TRL's loss for hard ones.

TRL's ``sppo_hard`` is (d - ½ / beta)² + (d' + ½ / beta)², of the chosen and the rejected reply's
d = log p - log p before: P is taken for 1 and 0. With log p before moved by -(1 - P) / beta and
P' / beta it is (d - (P - ½) / beta)² + (d' - (P' - ½) / beta)², which is the loss of SPPO, doubled.
So the batch brings log-probabilities that were computed before the first step, and moved.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.load import Loaded, refer
from avrgym.runs.record import write
from avrgym.train import arguments
from avrgym.train.desk import Desk
from avrgym.train.trainers.displacement import Displacement, Scores
from avrgym.train.trainers.dpo import PAIRS, SurvivingDpo, drawn, plain, read, spread
from avrgym.train.trainers.rated import Rated, rated
from avrgym.train.trainers.surviving import Watch, numbered
from avrgym.train.trainers.unended import Unended

with needs("train"):
    import torch
    from transformers import TrainerCallback
    from trl import DPOConfig

if TYPE_CHECKING:
    from avrgym.train.stages.sppo import Sppo

BEFORE = ("ref_chosen_logps", "ref_rejected_logps")  # as TRL calls them in a batch


class Moved:
    """A collator of preferences whose batches have log-probabilities from before, as rows do."""

    def __init__(self, collate: Unended) -> None:
        """Around another collator."""
        self._collate = collate

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch as TRL has it."""
        before = {name: torch.tensor([example[name] for example in examples]) for name in BEFORE}
        return {**self._collate(examples), **before}


def moved(each: Rated, before: tuple[float, float], beta: float) -> dict[str, float]:
    """Log-probabilities of a pair from before, moved so that TRL's hard labels are soft ones."""
    chosen, rejected = before
    ends = (chosen - (1 - each.wins) / beta, rejected + each.loses / beta)
    return dict(zip(BEFORE, ends, strict=True))


class SurvivingSppo(SurvivingDpo):
    """TRL's trainer, whose numbers of rewards are left out: they would be of what was moved."""

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Logs all others."""
        for name in [name for name in self._metrics["train"] if name.startswith("rewards/")]:
            del self._metrics["train"][name]
        super().log(logs, start_time)


def play(loaded: Loaded, desk: Desk, stage: "Sppo") -> None:
    """Trains the model in place.

    Raises:
        TaskError: To no prompt one reply scored more than another.
    """
    settings = stage.settings(desk.common, desk.processes.count)
    made = arguments.made(
        DPOConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    collate = Unended(loaded.processor)
    scores = Scores(loaded, desk, collate, made.per_device_train_batch_size)
    pairs, before = _pairs(loaded, desk, stage, scores)
    callbacks: list[TrainerCallback] = [Watch(desk, stage.pace, stage.probe_every)]
    if watched := spread([each.pair for each in pairs], stage.watch):
        how = (stage.probe_every, stage.max_reply, stage.draw)
        callbacks.insert(0, Displacement(loaded, desk, watched, scores, *how))

    def laid_out(places: list[int]) -> dict[str, list[Any]]:
        found = [pairs[at] for at in places]
        shown = desk.rows([each.pair.prompt for each in found])
        rows: list[Mapping[str, Any]] = [
            {**each.pair.row(row), **moved(each, before[at], stage.beta)}
            for each, row, at in zip(found, shown, places, strict=True)
        ]
        return {name: [row[name] for row in rows] for name in rows[0]}

    trainer = SurvivingSppo(
        model=loaded.model,
        ref_model=None if desk.adapter else desk.reference(),
        processing_class=loaded.processor,
        train_dataset=numbered(len(pairs), desk.name, laid_out),
        data_collator=Moved(collate),
        callbacks=callbacks,
        args=made,
    )
    refer(loaded, desk.origin)
    trainer.precompute_ref_logps, trainer.ref_model = True, None  # batches bring what it says
    trainer.desk = desk
    trainer.run()


def _pairs(
    loaded: Loaded, desk: Desk, stage: "Sppo", scores: Scores
) -> tuple[list[Rated], list[tuple[float, float]]]:
    """Pairs and their log-probabilities before: kept ones if there are, else drawn and kept."""
    file = desk.folder / PAIRS
    if desk.processes.said(file.exists()):
        kept = json.loads(file.read_text("utf-8"))
        pairs = [Rated(read(each["pair"]), each["wins"], each["loses"]) for each in kept]
        return pairs, [tuple(each["before"]) for each in kept]
    prompts, said = drawn(loaded, desk, stage)
    mine = rated(prompts, said, stage.rewards, stage.sharpness)
    pairs = desk.processes.gathered(mine)
    if not pairs:
        raise TaskError(
            f"stage {desk.name}: to none of {stage.samples:,} prompts one of {stage.replies} "
            "replies scored more than another; give other levels, or more samples or replies"
        )
    before = scores.log_probabilities([each.pair for each in pairs])
    desk.say(f"{len(pairs):,} pairs of {stage.samples * stage.replies:,} replies")
    if desk.processes.first:
        desk.folder.mkdir(parents=True, exist_ok=True)
        kept = [
            {
                "pair": plain(each.pair),
                "wins": each.wins,
                "loses": each.loses,
                "before": list(said_before),
            }
            for each, said_before in zip(pairs, before, strict=True)
        ]
        write(file, json.dumps(kept))
    desk.processes.wait()
    return pairs, before
