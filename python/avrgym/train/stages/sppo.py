"""Self-play preference: how far each reply is pushed follows from how many others it beats."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import number, whole
from avrgym.rewards import weights
from avrgym.train import comparison
from avrgym.train.curricula.occasion import Plan
from avrgym.train.pace import Pace
from avrgym.train.turns import Turns

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk

_OWN = {
    "loss_type": "it is what the stage is; take kind dpo for another",
    "loss_weights": "there is one loss",
    "beta": "say beta of the stage",
    "ld_alpha": "log-probabilities of whole replies are compared",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sppo:
    """Self-play preference optimisation; a round is an iteration of it.

    Of the model's own replies to a prompt the best and the worst are pushed to where their
    log-probabilities have moved by (P - ½) / beta, where P is the share of all replies that each
    wins against, by exact scores.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        rounds: How often replies are drawn, by the model as it is then.
        steps: Optimiser steps of all rounds together.
        samples: Prompts that replies are drawn to in a round.
        replies: Drawn to each prompt.
        rewards: Weights by the names of ``avrgym.rewards``; their sum is a reply's score.
        sharpness: How much a difference of scores decides: one wins against the other with
            1 / (1 + exp(-sharpness * difference)).
        beta: The smaller, the farther both replies are pushed. Published models had 0.001 at a
            learning rate of 5e-7; one of 0.3 M weights at 1e-4 is destroyed by it, and not by 0.1.
        watch: As of ``dpo``.
        draw: Replies drawn together in one process.
        max_reply: Tokens that a reply has room for.
        batch: Pairs of an optimiser step, over all processes.
        at_once: Pairs that go through the model together in one process; 0: all it has of a step.
        curriculum: What is asked.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
            Every round begins with one too.
        probe_every: Steps between quick accuracy checks, shown and drawn as a curve; 0 for none.
        trl: Settings of TRL's ``DPOConfig``, by whose trainer it is done.
    """

    LABEL: ClassVar[str] = "SPPO"
    ROLE: ClassVar[str] = "reinforced"
    together: ClassVar[int] = 1
    gaps: ClassVar[int] = 0

    kind: Literal["sppo"] = "sppo"
    name: str = ""
    rounds: int = 1
    steps: int = 30
    samples: int = 512
    replies: int = 8
    rewards: Mapping[str, float] = field(default_factory=lambda: {"steps": 1.0})
    sharpness: float = 10.0
    beta: float = 0.1
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
        whole("draw", self.draw, 1, 2**20)
        whole("max_reply", self.max_reply, 1, 2**20)
        whole("batch", self.batch, 1, 2**20)
        whole("at_once", self.at_once, 0, 2**20)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        for name in ("sharpness", "beta"):
            if number(name, getattr(self, name)) <= 0:
                raise TaskError(f"{name} {getattr(self, name):g} is not above 0; give more")
        weights(self.rewards)
        Pace.parse(self.checkpoint_every)

    @property
    def ends(self) -> float:
        """Beta of labels that are soft."""
        return self.beta

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
        comparison.check(self.curriculum, self.rounds, self.trl, _OWN, made)

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder."""
        loss = {"loss_type": ["sppo_hard"], "beta": self.beta}
        how = (self.trl, common, processes)
        return comparison.settings(self.batch, self.at_once, loss, *how)

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place."""
        from avrgym.train.trainers.sppo import play

        play(loaded, desk, self)
