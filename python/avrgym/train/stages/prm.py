"""A judge of steps, trained on replies of the run's model, which stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import number, whole
from avrgym.prm.heads import Head, Token
from avrgym.train import arguments
from avrgym.train.curricula.occasion import Plan
from avrgym.train.pace import Pace

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Prm:
    """A process reward model: replies are drawn, labelled by the verifier, and learned from.

    The replies are those of the model as it is when the stage begins. The judge is a model of its
    own and lies beside, in ``judges/<stage>``; the next stage goes on with the model as it was.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        head: How the judge says what it thinks.
        start: What it begins as: a copy of the ``policy``, or ``random``, as a model made from
            nothing began its run.
        blind: Whether the judge is shown white pictures, here and wherever it scores: the control
            that says what can be told from text alone.
        steps: Optimiser steps.
        samples: Prompts that replies are drawn to.
        replies: Drawn to each prompt.
        temperature: At which they are drawn, above 0.
        held_back: Share of the prompts, above 0 and below 1, whose replies the judge is measured on
            and never trained on.
        balance: 0 to 1: how far level, place and skill of the first error decide how often a reply
            is learned from, instead of chance; see :func:`avrgym.prm.data.balanced`.
        corrupted: Share of what is learned from, 0 to 1, that are rationales of the prompts instead
            of replies, as they are or with one error put in on purpose; 1: nothing else.
        twins: Share, likewise, that are pairs of steps that differ in one fact; see
            :func:`avrgym.prm.lessons.lessons`.
        draw: Replies drawn together in one process.
        max_reply: Tokens that a reply has room for.
        batch: Replies of an optimiser step, over all processes.
        at_once: Replies that go through the model together in one process; 0: all it has of a step.
        curriculum: What is asked.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
        probe_every: Steps between measurements on what is held back; 0: at the end alone.
        trl: Settings of ``transformers.TrainingArguments``, which TRL's are too.
    """

    LABEL: ClassVar[str] = "PRM"
    ROLE: ClassVar[str] = "judged"
    APART: ClassVar[bool] = True
    together: ClassVar[int] = 1
    gaps: ClassVar[int] = 0

    kind: Literal["prm"] = "prm"
    name: str = ""
    head: Annotated[Head, Kinds("avrgym.prm.heads:HEADS")] = field(default_factory=Token)
    start: Literal["policy", "random"] = "policy"
    blind: bool = False
    steps: int = 1_000
    samples: int = 2_048
    replies: int = 8
    temperature: float = 1.0
    held_back: float = 0.1
    balance: float = 0.5
    corrupted: float = 0.0
    twins: float = 0.0
    draw: int = 256
    max_reply: int = 64
    batch: int = 32
    at_once: int = 0
    curriculum: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")]
    checkpoint_every: int | str = "10 minutes"
    probe_every: int = 0
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole("steps", self.steps, 1, 2**31 - 1)
        whole("samples", self.samples, 2, 2**31 - 1)
        whole("replies", self.replies, 1, 2**16)
        whole("draw", self.draw, 1, 2**20)
        whole("max_reply", self.max_reply, 1, 2**20)
        whole("batch", self.batch, 1, 2**20)
        whole("at_once", self.at_once, 0, 2**20)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        if number("temperature", self.temperature) <= 0:
            raise TaskError(f"temperature {self.temperature} is not above 0; give 1.0 or near it")
        if not 0 < number("held_back", self.held_back) < 1:
            raise TaskError(
                f"held_back {self.held_back} leaves nothing to train or to measure on; give 0.1"
            )
        if not 0 <= number("balance", self.balance) <= 1:
            raise TaskError(f"balance {self.balance} is no share; give 0 (chance) to 1")
        for name in ("corrupted", "twins"):
            if not 0 <= number(name, getattr(self, name)) <= 1:
                raise TaskError(f"{name} {getattr(self, name)} is no share; give 0 to 1")
        if self.corrupted + self.twins > 1:
            raise TaskError(
                f"corrupted {self.corrupted} and twins {self.twins} are more than all; give shares "
                "that add up to 1 at most"
            )
        if self.twins and (self.head.kind == "implicit" or not self.head.judges[0]):
            raise TaskError(
                f'twins {self.twins} are steps, and head "{self.head.kind}" learns from whole '
                'replies; leave twins out, or give another head, such as { kind = "token" }'
            )
        if self.head.compares and self.start == "random":
            raise TaskError(
                f'start "random" has nothing that head "{self.head.kind}" could compare with; '
                'give "policy"'
            )
        Pace.parse(self.checkpoint_every)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Its curriculum."""
        return (self.curriculum,)

    @property
    def room(self) -> int:
        """Tokens."""
        return self.max_reply

    @property
    def measured(self) -> int:
        """Prompts whose replies are held back, 1 or more."""
        return min(self.samples - 1, max(1, round(self.samples * self.held_back)))

    def steps_for(self, rows: int) -> int:
        """Steps do not follow from prompts: replies are gone through as often as it takes."""
        return self.steps

    def rows_for(self, steps: int) -> int:
        """Prompts that replies are drawn to."""
        return self.samples

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings; see :class:`avrgym.train.stages.Stage`."""
        from transformers import TrainingArguments

        if self.curriculum.adapts():
            raise TaskError(
                "curriculum goes by how replies fare, and these are drawn before the first step; "
                'give a climb that goes by time, such as { kind = "gaussian" }, or leave it out'
            )
        arguments.check(TrainingArguments, self.trl, arguments.CUT_UP)
        arguments.made(TrainingArguments, self.settings(common, processes))

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder."""
        return {
            **arguments.DEFAULTS,
            **common,
            **arguments.batches(self.batch, self.at_once, processes),
            "remove_unused_columns": False,  # rows are laid out when they are asked for
            "train_sampling_strategy": "sequential",
            "gradient_checkpointing_kwargs": {"use_reentrant": False},
            **self.trl,
        }

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains a judge beside the model, which stays as it is."""
        from avrgym.train.trainers.prm import judge

        judge(loaded, desk, self)
