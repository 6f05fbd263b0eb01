"""Expert iteration: imitation of the model's own replies that the verifier accepts, in rounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import number, whole
from avrgym.train import imitation
from avrgym.train.curricula.occasion import Plan
from avrgym.train.pace import Pace
from avrgym.train.positions import Positions
from avrgym.train.turns import Turns

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Rft:
    """Expert iteration: replies are drawn to prompts without labels, right ones are imitated.

    A round draws replies with the model as it is then, keeps what the verifier accepts, and
    imitates that for its share of the steps beside demonstrations, as in Lean-STaR (Lin et al.
    2024, arXiv 2407.10040). So a model that was shown short problems climbs to long ones.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        rounds: How often replies are drawn.
        steps: Optimiser steps of all rounds together.
        prompts: That replies are drawn to in a round.
        replies: Drawn to each prompt.
        temperature: At which they are drawn, above 0.
        draw: Replies drawn together in one process.
        max_reply: Tokens that a reply has room for.
        keep: ``answer``: what is right, marked as asked and ended by itself; ``steps``: of these,
            what has all steps right too, none twice and none left out.
        most: Kept of a prompt's replies at most, all different.
        above: Kept of problems alone that are longer than this, by the feature that
            ``avrgym list TASK/LEVEL`` calls the task's length; 0: of all.
        curriculum: What is asked, round by round.
        demonstrations: A curriculum whose worked replies are imitated beside; none if left out.
        share: Of the rows that are imitated, how many are demonstrations, 0 to 1.
        batch: Rows of an optimiser step, over all processes.
        at_once: Rows that go through the model together in one process; 0: all it has of a step.
        positions: Where the tokens of replies stand; see ``sft``.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
            Every round begins with one too.
        probe_every: Steps between quick accuracy checks, shown and drawn as a curve; 0 for none.
        trl: Settings of TRL's ``SFTConfig``.
    """

    LABEL: ClassVar[str] = "RFT"
    ROLE: ClassVar[str] = "judged"
    together: ClassVar[int] = 1

    kind: Literal["rft"] = "rft"
    name: str = ""
    rounds: int = 3
    steps: int = 360
    prompts: int = 1_024
    replies: int = 1
    temperature: float = 1.0
    draw: int = 256
    max_reply: int = 64
    keep: Literal["answer", "steps"] = "steps"
    most: int = 4
    above: int = 0
    curriculum: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")]
    demonstrations: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")] | None = None
    share: float = 0.5
    batch: int = 32
    at_once: int = 0
    positions: Positions = field(default_factory=Positions)
    checkpoint_every: int | str = "10 minutes"
    probe_every: int = 50
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole("prompts", self.prompts, 1, 2**31 - 1)
        whole("replies", self.replies, 1, 2**16)
        whole("draw", self.draw, 1, 2**20)
        whole("max_reply", self.max_reply, 1, 2**20)
        whole("most", self.most, 1, 2**16)
        whole("above", self.above, 0, 2**31 - 1)
        whole("batch", self.batch, 1, 2**20)
        whole("at_once", self.at_once, 0, 2**20)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        if number("temperature", self.temperature) <= 0:
            raise TaskError(f"temperature {self.temperature} is not above 0; give 1.0 or near it")
        if not 0 <= number("share", self.share) < 1:
            raise TaskError(f"share {self.share} leaves no kept replies; give 0 to less than 1")
        Turns(self.rounds, self.steps)
        if self.demonstrations is not None and (phases := self.demonstrations.phases()):
            raise TaskError(
                f"demonstrations have several phases; name one of them, phase = {phases[0]!r}"
            )
        Pace.parse(self.checkpoint_every)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """What is asked, and what is demonstrated."""
        more = () if self.demonstrations is None else (self.demonstrations,)
        return (self.curriculum, *more)

    @property
    def room(self) -> int:
        """Tokens."""
        return self.max_reply

    @property
    def gaps(self) -> int:
        """Of its positions."""
        return self.positions.gaps

    def steps_for(self, rows: int) -> int:
        """Steps do not follow from prompts: what is kept is gone through as often as it takes."""
        return self.steps

    def rows_for(self, steps: int) -> int:
        """Prompts that replies are drawn to."""
        return self.rounds * self.prompts

    @property
    def turns(self) -> Turns:
        """How its steps are split over rounds."""
        return Turns(self.rounds, self.steps)

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings; see :class:`avrgym.train.stages.Stage`."""
        if self.demonstrations is not None and self.demonstrations.adapts():
            raise TaskError(
                "demonstrations go by how replies fare, and have none; give a climb that goes by "
                'time, such as { kind = "gaussian" }, or leave it out'
            )
        imitation.check(self.trl, self.settings(common, processes), self.positions)

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder."""
        return imitation.settings(self.batch, self.at_once, self.trl, common, processes)

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place."""
        from avrgym.train.trainers.rft import climb

        climb(loaded, desk, self)
