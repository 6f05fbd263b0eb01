"""What a run is: frozen values, as its file says them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from avrgym import config
from avrgym._core import TaskError
from avrgym.core.arguments import whole
from avrgym.core.held_out import RAREST
from avrgym.core.pictures import Picture
from avrgym.evaluate.suite import Evaluation
from avrgym.models.spec import Model, Tiny
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.stages import Stage

START = "start"  # names the model that a run begins with, as stages name theirs

_NAME = re.compile(r"[\w.+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole run: a model, stages that train it one after the other, and what is measured.

    Attributes:
        name: Of its folder.
        seed: Of the model, of what is drawn, and of the trainers.
        threads: Of torch in each process; models that are small lose time by a second one.
        held_out: One content in so many is never trained on, and evaluation asks for nothing else.
        picture: How everything in the run is drawn.
        wording: Parameters of addresses that all stages and the evaluation use, such as
            ``{ style = "terse" }``.
        mixed_styles: Whether rationales may be worded in two styles, as those of rungs and of
            ``simple`` are by default.
        model: What is trained.
        stages: What trains it, in order.
        evaluation: What is measured before, between and after them.
    """

    name: str = "run"
    seed: int = 0
    threads: int = 1
    held_out: int = 4
    picture: Picture = field(default_factory=Picture)
    wording: Mapping[str, Any] = field(default_factory=dict)
    mixed_styles: bool = False
    model: Annotated[Model, config.Kinds("avrgym.models.spec:MODELS")] = field(default_factory=Tiny)
    stages: tuple[Annotated[Stage, config.Kinds("avrgym.train.stages:STAGES")], ...] = ()
    evaluation: Evaluation = field(default_factory=Evaluation)

    def __post_init__(self) -> None:
        whole("seed", self.seed, 0, 2**32 - 1)
        whole("threads", self.threads, 1, 4096)
        whole("held_out", self.held_out, 2, RAREST)
        if not _NAME.fullmatch(self.name) or self.name.startswith("."):
            raise TaskError(f"name {self.name!r} names no folder; give letters, digits, _, -, +, .")

    def planned(self) -> tuple[Stage, ...]:
        """The stages as they are gone through, each with a name of its own.

        A stage whose mixture has several phases becomes one for each: a trainer, a schedule and a
        saved model of its own, the weights carried over.

        Raises:
            TaskError: Two stages have one name.
        """
        found: list[Stage] = []
        for stage in self.stages:
            named = stage.name or stage.kind
            for phase in stage.curriculum.phases() or ("",):
                plan = stage.curriculum.of_phase(phase) if phase else stage.curriculum
                name = f"{named}-{phase}" if phase else named
                found.append(replace(stage, name=name, curriculum=plan))  # type: ignore[type-var]
        names = [stage.name for stage in found]
        for place, name in enumerate(names):
            if name == START or not _NAME.fullmatch(name):
                raise TaskError(f"stages[{place}].name {name!r} cannot name a stage; give another")
            if name in names[:place]:
                if self._chosen(name):
                    raise TaskError(f"two stages are called {name!r}; give each its own name")
                again = sum(each.startswith(name) for each in names[:place]) + 1
                names[place] = f"{name}-{again}"
        return tuple(
            replace(stage, name=name)  # type: ignore[type-var]
            for stage, name in zip(found, names, strict=True)
        )

    def occasion(self, place: int, stage: Stage) -> Occasion:
        """What a stage's curriculum is made for.

        Args:
            place: The stage's among :meth:`planned`, from 0.
            stage: One of these.
        """
        endless = Occasion(
            self.seed, place + 1, self.held_out, self.wording, together=stage.together
        )
        steps = stage.steps or stage.steps_for(stage.curriculum.rows(endless))
        if not steps:
            raise TaskError(
                f"stages[{place}].steps is 0, and its curriculum goes on for ever; give steps"
            )
        return replace(endless, rows=stage.rows_for(steps))

    def steps(self, place: int, stage: Stage) -> int:
        """Optimiser steps of a stage: as it says, or as many as its curriculum has rows for."""
        return stage.steps or stage.steps_for(self.occasion(place, stage).rows)

    def _chosen(self, name: str) -> bool:
        return sum(stage.name == name for stage in self.stages) > 1


def load(path: str | Path, overrides: Mapping[str, str] | None = None) -> Run:
    """Reads a run.

    Args:
        path: A TOML, YAML or JSON file.
        overrides: Texts by dotted keys, such as ``{"stages.1.steps": "50"}``.

    Raises:
        TaskError: A key or a value is wrong; one line names the file, the place and the remedy.
    """
    return config.read(Run, path, overrides)
