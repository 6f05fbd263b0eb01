"""Preference: right replies over wrong ones, in rounds, through TRL's DPO trainer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from avrgym.core.extras import needs
from avrgym.models.load import Loaded
from avrgym.train import arguments
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.compared import Compared, Moved
from avrgym.train.trainers.displacement import Displacement
from avrgym.train.trainers.heard import Drawn, Heard
from avrgym.train.trainers.iterating import Iterating, places, watching
from avrgym.train.trainers.pairs import Contrast, paired
from avrgym.train.trainers.rated import Rated
from avrgym.train.trainers.rounds import Rounds
from avrgym.train.trainers.scores import Scores
from avrgym.train.trainers.unended import Unended

with needs("train"):
    from trl import DPOConfig, DPOTrainer

if TYPE_CHECKING:
    from avrgym.train.stages.dpo import Dpo
    from avrgym.train.stages.sppo import Sppo

_COLUMNS = ("prompt", "chosen", "rejected", "images")


class SurvivingDpo(Iterating, DPOTrainer):
    """TRL's trainer, round by round, with checkpoints that are whole."""


def prefer(loaded: Loaded, desk: Desk, stage: "Dpo") -> None:
    """Trains the model in place.

    Raises:
        TaskError: No prompt of a round had right and wrong replies that make a pair.
    """
    made = config(desk, stage)
    scores = Scores(loaded, desk, made.per_device_train_batch_size, made.ld_alpha)

    def pair_up(of: Heard) -> list[Rated]:
        pairs = paired(of.prompts, of.said, stage.pairs, of.verdicts).pairs
        return [Rated(pair, 1.0, 0.0) for pair in pairs]

    def lack(found: Sequence[Drawn]) -> str:
        return lacking(found, stage)

    def low(pairs: list[Contrast]) -> list[int]:
        """Places of the pairs of low CHES."""
        dropped = int(len(pairs) * stage.drop_top_ches)
        high = scores.ches(pairs) if dropped else [0.0] * len(pairs)
        order = sorted(range(len(pairs)), key=lambda at: (high[at], at))
        return sorted(order[: len(pairs) - dropped])

    compare(loaded, desk, stage, Compared(desk, stage, scores, pair_up, lack, low), SurvivingDpo)


def config(desk: Desk, stage: "Dpo | Sppo") -> Any:
    """All settings of a stage's trainer."""
    settings = stage.settings(desk.common, desk.processes.count)
    return arguments.made(
        DPOConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )


def compare(
    loaded: Loaded, desk: Desk, stage: "Dpo | Sppo", lesson: Compared, kind: type[SurvivingDpo]
) -> None:
    """Trains the model in place on pairs of its own replies, round by round.

    Args:
        loaded: The model.
        desk: The stage's.
        stage: Itself.
        lesson: What is made of replies.
        kind: Of the trainer.
    """
    made = config(desk, stage)
    rounds = Rounds(loaded, desk, stage, lesson, stage.samples)
    callbacks = watching(desk, rounds, Pace.parse(stage.checkpoint_every), stage.probe_every)
    if stage.watch:
        scores = Scores(loaded, desk, made.per_device_train_batch_size)
        how = (stage.watch, stage.probe_every, stage.max_reply, stage.draw)
        callbacks.insert(0, Displacement(loaded, desk, rounds, scores, *how))
    trainer = kind(
        model=loaded.model,
        ref_model=None if desk.adapter else desk.reference(),
        processing_class=loaded.processor,
        train_dataset=places(desk.steps * stage.batch, desk.name, _COLUMNS),
        callbacks=callbacks,
        args=made,
    )
    # What a round began with is compared with, and batches bring what that said.
    trainer.precompute_ref_logps, trainer.ref_model = True, None
    trainer.iterate(rounds, Moved(Unended(loaded.processor)), desk)


def lacking(found: Sequence[Drawn], stage: "Dpo") -> str:
    """Why replies make no pair, and what would.

    Args:
        found: As many to each prompt as the stage draws.
        stage: Itself.
    """
    size, rule = stage.replies, stage.pairs
    groups = [found[at : at + size] for at in range(0, len(found), size)]
    right = [sum(each.correct for each in group) for group in groups]
    mixed = [each for each in right if 0 < each < size]
    low, high = rule.accuracy
    if not any(right):
        remedy = "give easier levels, or more imitation before"
    elif all(each == size for each in right):
        remedy = "give harder levels"
    elif not mixed:
        remedy = "give more replies to each prompt, or levels between"
    elif not any(low <= each / size <= high for each in mixed):
        remedy = f"pairs.accuracy [{low:g}, {high:g}] leaves all of these out; give a wider one"
    elif rule.ratio or rule.words:
        remedy = "give a wider pairs.ratio, or more pairs.words"
    else:
        remedy = 'right ones have wrong steps too; give pairs.cut = "none"'
    return (
        f"of {len(groups):,} prompts {len(mixed):,} had both right and wrong ones, and none makes "
        f"a pair; {remedy}"
    )
