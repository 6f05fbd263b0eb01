"""Imitation of the core's worked rationales, through TRL's SFT trainer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.arguments import whole
from avrgym.train import imitation
from avrgym.train.curricula.occasion import Plan
from avrgym.train.pace import Pace
from avrgym.train.positions import Positions

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk

# A stage's batch is as large as this at most, so that a mistyped one is told.
MOST = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sft:
    """Imitation: a prompt, and the worked reply as its completion.

    Attributes:
        kind: Names this kind in a run's file.
        name: The stage's; its kind if left out.
        steps: Optimiser steps; as many as the curriculum has rows for if 0.
        batch: Rows of an optimiser step, over all processes.
        at_once: Rows that go through the model together in one process; 0: all it has of a step.
        positions: Where the tokens of replies stand; with ``{ gaps = 80 }`` longer ones than any
            that is imitated are less of a stranger.
        curriculum: What is imitated.
        checkpoint_every: Steps, or a time such as ``10 minutes``, between checkpoints; 0 for none.
        probe_every: Steps between quick accuracy checks, shown and drawn as a curve; 0 for none.
        trl: Settings of TRL's ``SFTConfig``.
    """

    LABEL: ClassVar[str] = "SFT"
    ROLE: ClassVar[str] = "imitated"
    together: ClassVar[int] = 1

    kind: Literal["sft"] = "sft"
    name: str = ""
    steps: int = 0
    batch: int = 32
    at_once: int = 0
    positions: Positions = field(default_factory=Positions)
    curriculum: Annotated[Plan, Kinds("avrgym.train.curricula:CURRICULA")]
    checkpoint_every: int | str = "10 minutes"
    probe_every: int = 50
    trl: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole("steps", self.steps, 0, 2**31 - 1)
        whole("batch", self.batch, 1, MOST)
        whole("at_once", self.at_once, 0, MOST)
        whole("probe_every", self.probe_every, 0, 2**31 - 1)
        Pace.parse(self.checkpoint_every)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Its curriculum."""
        return (self.curriculum,)

    @property
    def room(self) -> int:
        """No replies are drawn."""
        return 0

    @property
    def gaps(self) -> int:
        """Of its positions."""
        return self.positions.gaps

    def steps_for(self, rows: int) -> int:
        """Optimiser steps that so many prompts are enough for."""
        return -(-rows // self.batch)

    def rows_for(self, steps: int) -> int:
        """Prompts that so many optimiser steps take."""
        return steps * self.batch

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings; see :class:`avrgym.train.stages.Stage`."""
        if self.curriculum.adapts():
            raise TaskError(
                "curriculum goes by how replies fare, and imitation draws none; give a climb that "
                'goes by time, such as { kind = "gaussian" }, or leave it out'
            )
        imitation.check(self.trl, self.settings(common, processes), self.positions)

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of the trainer that do not depend on the run's folder."""
        return imitation.settings(self.batch, self.at_once, self.trl, common, processes)

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place."""
        from avrgym.train.trainers.sft import imitate

        settings = self.settings(desk.common, desk.processes.count)
        imitate(
            loaded,
            desk,
            settings,
            Pace.parse(self.checkpoint_every),
            self.probe_every,
            self.positions,
        )
