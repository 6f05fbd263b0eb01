"""Reinforcement on the verifier's judgement, through TRL's GRPO trainer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import number, ranged, whole
from avrgym.train import arguments
from avrgym.train.credit import BySteps, Credit
from avrgym.train.curricula.gate import Gate
from avrgym.train.curricula.occasion import Occasion, Plan
from avrgym.train.pace import Pace
from avrgym.train.reward import resolved

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk

_OWN = {
    "num_generations": "say replies of the stage",
    "max_completion_length": "say max_reply of the stage",
    "steps_per_generation": "say steps_per_generation of the stage",
    "generation_batch_size": "say steps_per_generation of the stage",
    "reward_weights": "say rewards of the stage",
    "generation_kwargs": "say temperature, top_p, top_k or min_p, which trl has",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grpo:
    """Reinforcement: replies are drawn, judged, and made likelier or less so by group.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        steps: Optimiser steps; as many as the curriculum has rows for if 0.
        prompts: Distinct prompts of an optimiser step, over all processes.
        replies: Drawn to each prompt.
        steps_per_generation: Optimiser steps for which replies are drawn together. Those that wait
            come from a model a few steps older, which the ratio in the loss accounts for.
        at_once: Replies that go through the model together in one process; 0: all it has of a step.
        refill: Times that groups without signal, all replies of which are right or all wrong, are
            drawn anew before they are learned from; 0 for never. Prompts drawn so count in the
            budget, which is that of ``steps`` without them: the stage ends when it is spent, after
            fewer steps, and what goes by time (the learning rate, a climb) runs the faster.
        min_spread: Groups of which all replies are wrong, and whose rewards have a standard
            deviation below this, are not learned from: what a shaped reward tells apart there may
            be noise; 0 to learn from all.
        counterfactual: The share of a reply's pay that hangs on its counterpart, 0 to 1; 0: none.
            Half of a group's replies are then drawn to a counterfactual of its problem, the same
            but for one fact of what is seen, so that the right answer is another
            (:mod:`avrgym.core.counterfactuals`): see
            :func:`avrgym.train.trainers.counterpart.paid`.
        max_reply: Tokens that a reply has room for.
        rewards: Weights by the names of ``avrgym.rewards``, or by ``package.module:function`` for
            functions that TRL can call.
        credit: How a reply's advantage is dealt to its tokens.
        curriculum: What is asked.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
        probe_every: Steps between quick accuracy checks, shown and drawn as a curve; 0 for none.
        trl: Settings of TRL's ``GRPOConfig``.
    """

    LABEL: ClassVar[str] = "GRPO"
    ROLE: ClassVar[str] = "reinforced"
    gaps: ClassVar[int] = 0

    kind: Literal["grpo"] = "grpo"
    name: str = ""
    steps: int = 0
    prompts: int = 16
    replies: int = 8
    steps_per_generation: int = 1
    at_once: int = 0
    refill: int = 0
    min_spread: float = 0.0
    counterfactual: float = 0.0
    max_reply: int = 64
    rewards: Mapping[str, float] = field(default_factory=lambda: {"progress": 1.0})
    credit: Annotated[Credit, Kinds("avrgym.train.credit:CREDITS")] = field(default_factory=BySteps)
    curriculum: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")]
    checkpoint_every: int | str = "10 minutes"
    probe_every: int = 50
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole("steps", self.steps, 0, 2**31 - 1)
        whole("prompts", self.prompts, 1, 2**20)
        whole("replies", self.replies, 2, 2**16)
        whole("steps_per_generation", self.steps_per_generation, 1, 2**16)
        whole("at_once", self.at_once, 0, 2**20)
        whole("refill", self.refill, 0, 64)
        ranged("min_spread", self.min_spread, 0, 1e6)
        ranged("counterfactual", self.counterfactual, 0, 1)
        if self.counterfactual and self.replies % 2:
            raise TaskError(
                f"counterfactual gives half of a group's replies to another picture, and replies "
                f"is {self.replies}; give an even number, or counterfactual = 0"
            )
        if self.counterfactual and self.refill:
            raise TaskError(
                "refill draws groups that show one picture each; give refill = 0, or "
                "counterfactual = 0"
            )
        whole("max_reply", self.max_reply, 1, 2**20)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        pace = Pace.parse(self.checkpoint_every)
        if pace.steps % self.rounds:
            raise TaskError(
                f"checkpoint_every {pace.steps} falls between replies that are drawn for "
                f"{self.rounds} steps; give a multiple of {self.rounds}"
            )
        if not self.rewards:
            raise TaskError("rewards are empty; give at least one, such as { correctness = 1.0 }")
        for name, weight in self.rewards.items():
            number(f"rewards.{name}", weight)

    @property
    def rounds(self) -> int:
        """Optimiser steps from one drawing of replies to the next."""
        return self.steps_per_generation * int(self.trl.get("num_iterations", 1))

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Its curriculum."""
        return (self.curriculum,)

    @property
    def together(self) -> int:
        """Trainers of models that see refuse a batch in which some rows show a picture."""
        return self.prompts * self.steps_per_generation

    @property
    def room(self) -> int:
        """Tokens."""
        return self.max_reply

    def steps_for(self, rows: int) -> int:
        """Optimiser steps that so many prompts are enough for."""
        return -(-rows // self.together) * self.rounds

    def rows_for(self, steps: int) -> int:
        """Prompts that so many optimiser steps take."""
        return -(-steps // self.rounds) * self.together

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings; see :class:`avrgym.train.stages.Stage`."""
        from trl import GRPOConfig

        for name in self.rewards:
            resolved(name)
        if self.refill and (rows := self.curriculum.rows(Occasion(together=self.together))):
            raise TaskError(
                f"refill draws further prompts, and the curriculum has {rows} and no more; give "
                'one without end, such as kind = "levels", or refill = 0'
            )
        whole = arguments.CUT_UP if getattr(self.credit, "LEARNS", False) else {}
        arguments.check(GRPOConfig, self.trl, {**_OWN, **whole})
        if self.trl.get("sync_ref_model") and Pace.parse(self.checkpoint_every) != Pace():
            raise TaskError(
                "trl.sync_ref_model moves a reference that no checkpoint has, so that a killed "
                "run could not go on as it was; give checkpoint_every = 0, or leave it out"
            )
        arguments.made(GRPOConfig, self.settings(common, processes))

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder or its model."""
        turns = arguments.batches(self.prompts * self.replies, self.at_once, processes)
        return {
            **arguments.DEFAULTS,
            **common,
            **turns,
            "steps_per_generation": self.steps_per_generation
            * turns["gradient_accumulation_steps"],
            "num_generations": self.replies,
            "max_completion_length": self.max_reply,
            "reward_weights": [float(weight) for weight in self.rewards.values()],
            "shuffle_dataset": False,
            **getattr(self.credit, "TRL", {}),
            **self.trl,
        }

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place."""
        from avrgym.train.trainers.grpo import reinforce

        settings = self.settings(desk.common, desk.processes.count)
        rewards = tuple(self.rewards)
        gate = Gate(self.refill, self.together, self.rows_for(desk.steps), self.rounds)
        pace = Pace.parse(self.checkpoint_every)
        how = (self.credit, gate, self.min_spread, self.counterfactual, pace, self.probe_every)
        reinforce(loaded, desk, settings, rewards, *how)
