"""What a stage can do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from avrgym.train.curricula.occasion import Plan

if TYPE_CHECKING:
    from avrgym.models.load import Loaded
    from avrgym.train.desk import Desk


class Stage(Protocol):
    """A frozen dataclass that begins with its ``kind``, as a run's file says it."""

    LABEL: ClassVar[str]
    """What reports call it."""
    ROLE: ClassVar[str]
    """What it does with a level, as reports say it: ``imitated``, ``reinforced``."""

    @property
    def kind(self) -> str:
        """Names the class in a run's file."""
        ...

    @property
    def name(self) -> str:
        """Names the stage within its run."""
        ...

    @property
    def steps(self) -> int:
        """Optimiser steps; 0: as many as the curriculum has rows for."""
        ...

    @property
    def curriculum(self) -> Plan:
        """What it trains on."""
        ...

    @property
    def probe_every(self) -> int:
        """Steps between quick checks; 0 for none."""
        ...

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All that it draws from: its curriculum first, then what is demonstrated beside."""
        ...

    @property
    def together(self) -> int:
        """Prompts that must come in runs of one modality; 1 where they may be mixed."""
        ...

    @property
    def room(self) -> int:
        """Tokens that its replies have room for; 0 where it draws none."""
        ...

    @property
    def gaps(self) -> int:
        """Positions that a reply takes in training beyond its tokens, at most."""
        ...

    def steps_for(self, rows: int) -> int:
        """Optimiser steps that so many prompts are enough for."""
        ...

    def rows_for(self, steps: int) -> int:
        """Prompts that so many optimiser steps take."""
        ...

    def check(self, common: Mapping[str, Any], processes: int) -> None:
        """Looks at all its settings before any stage has begun.

        Args:
            common: Settings of trainers that follow from the run's model.
            processes: How many share the work.

        Raises:
            TaskError: One is wrong; the message names it and the remedy.
        """
        ...

    def settings(self, common: Mapping[str, Any], processes: int) -> dict[str, Any]:
        """Settings of its trainer that do not depend on the run's folder or its model."""
        ...

    def learn(self, loaded: "Loaded", desk: "Desk") -> None:
        """Trains the model in place, from the desk's checkpoint on if there is one."""
        ...


def apart(stage: Stage) -> bool:
    """Whether a stage trains something beside the run's model, which it leaves as it is.

    Such a stage says ``APART: ClassVar[bool] = True``.
    """
    return bool(getattr(stage, "APART", False))
