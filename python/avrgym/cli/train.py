"""The verb train: a run, begun or gone on with."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from avrgym.cli.codes import writing
from avrgym.cli.options import Task
from avrgym.train import CONFIGS


@dataclass(frozen=True, slots=True)
class Train:
    """Train a vision-language model and write a report: SFT, then GRPO with exact step credit."""

    task: Task = "grid_navigation"
    """Chooses the quickstart of this task."""
    config: Path | None = None
    """A run in TOML, instead of a quickstart."""
    name: str | None = None
    """Of the folder in `runs`. If left out the config's own, with what else is asked for here."""
    seed: int | None = None
    """The config's own if left out."""
    credit: Literal["step", "outcome"] | None = None
    """Credit by step, or the whole reply's to every token."""
    then: tuple[Literal["dpo"], ...] = ()
    """Stages after GRPO."""
    runs: Path = Path("runs")
    """Holds the folders of all runs."""

    def do(self) -> bool:
        """Trains a model, or goes on training it."""
        from avrgym.train import settings
        from avrgym.train.run import train as run

        planned = settings.load(self.config or CONFIGS / f"quickstart_{self.task}.toml")
        name = planned.name
        if self.seed is not None and self.seed != planned.seed:
            planned, name = replace(planned, seed=self.seed), f"{name}-seed{self.seed}"
        if self.credit is not None and self.credit != planned.grpo.credit:
            grpo = replace(planned.grpo, credit=self.credit)
            planned, name = replace(planned, grpo=grpo), f"{name}-{self.credit}"
        with writing("give another folder with --runs"):
            self.runs.mkdir(parents=True, exist_ok=True)
        run(replace(planned, name=self.name or name), folder=self.runs, then=self.then)
        return True
