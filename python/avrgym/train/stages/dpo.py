"""Preference by the verifier, through TRL's DPO trainer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import number, whole
from avrgym.train import comparison
from avrgym.train.curricula.occasion import Plan
from avrgym.train.pace import Pace
from avrgym.train.pairing import Pairing
from avrgym.train.turns import Turns

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Dpo:
    """Preference: of the model's own replies to a prompt, a right one over a wrong one.

    The pairs of a round are drawn before its first step, by the model as it is then, with which
    what is trained is compared in it.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        rounds: How often replies are drawn, by the model as it is then.
        steps: Optimiser steps of all rounds together.
        samples: Prompts that replies are drawn to in a round.
        replies: Drawn to each prompt.
        pairs: How right and wrong ones are paired.
        drop_top_ches: Share of the pairs that is left out, 0 to 1: those of the highest
            length-normalised CHES, which push the chosen reply down with the rejected one.
        watch: Pairs of which is noted, as often as checks are made, how far the log-probabilities
            of both replies moved, and whether the model answers right; 0 for none.
        draw: Replies drawn together in one process.
        max_reply: Tokens that a reply has room for.
        batch: Pairs of an optimiser step, over all processes.
        at_once: Pairs that go through the model together in one process; 0: all it has of a step.
        curriculum: What is asked.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
            Every round begins with one too.
        probe_every: Steps between quick accuracy checks, shown and drawn as a curve; 0 for none.
        trl: Settings of TRL's ``DPOConfig``.
    """

    LABEL: ClassVar[str] = "DPO"
    ROLE: ClassVar[str] = "reinforced"
    together: ClassVar[int] = 1
    gaps: ClassVar[int] = 0

    kind: Literal["dpo"] = "dpo"
    name: str = ""
    rounds: int = 1
    steps: int = 30
    samples: int = 512
    replies: int = 8
    pairs: Pairing = field(default_factory=Pairing)
    drop_top_ches: float = 0.0
    watch: int = 64
    draw: int = 256
    max_reply: int = 64
    batch: int = 32
    at_once: int = 0
    curriculum: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")]
    checkpoint_every: int | str = "10 minutes"
    probe_every: int = 10
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Turns(self.rounds, self.steps)
        whole("samples", self.samples, 1, 2**31 - 1)
        whole("replies", self.replies, 2, 2**16)
        whole("watch", self.watch, 0, 2**20)
        if not 0 <= number("drop_top_ches", self.drop_top_ches) < 1:
            raise TaskError(
                f"drop_top_ches {self.drop_top_ches:g} leaves no pairs; give 0 to less than 1"
            )
        whole("draw", self.draw, 1, 2**20)
        whole("max_reply", self.max_reply, 1, 2**20)
        whole("batch", self.batch, 1, 2**20)
        whole("at_once", self.at_once, 0, 2**20)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        Pace.parse(self.checkpoint_every)

    @property
    def ends(self) -> float:
        """Beta of labels that are soft; right is better than wrong for sure."""
        return 1.0

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Its curriculum."""
        return (self.curriculum,)

    @property
    def room(self) -> int:
        """Tokens."""
        return self.max_reply

    def steps_for(self, rows: int) -> int:
        """Steps do not follow from prompts: how many pairs these give is not known before."""
        return self.steps

    def rows_for(self, steps: int) -> int:
        """Prompts that replies are drawn to."""
        return self.rounds * self.samples

    @property
    def turns(self) -> Turns:
        """How its steps are split over rounds."""
        return Turns(self.rounds, self.steps)

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings; see :class:`avrgym.train.stages.Stage`."""
        made = self.settings(common, processes)
        comparison.check(self.curriculum, self.rounds, self.trl, {}, made)

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder."""
        # The sigmoid alone drives both log-probabilities down and destroys a small model.
        loss = {"loss_type": ["sigmoid", "sft"]}
        how = (self.trl, common, processes)
        return comparison.settings(self.batch, self.at_once, loss, *how)

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place."""
        from avrgym.train.trainers.dpo import prefer

        prefer(loaded, desk, self)
