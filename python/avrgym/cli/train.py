"""The verb train: a run, begun or gone on with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from avrgym._core import TaskError
from avrgym.cli.codes import writing
from avrgym.cli.options import Task, default
from avrgym.core.extras import needs

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Train:
    """Train a vision-language model as a file says, and write a report.

    Interrupted or killed, the same command goes on from the last checkpoint. Each key of the file
    is an option too, a stage by its place. For example:

    avrgym train

    avrgym train mine.toml --dry-run

    avrgym train mine.toml --name longer --stages.1.steps 500 --model.preset=small

    Attributes:
        file: A run in TOML, YAML or JSON, such as the run.json of another run; or the name of one
            that comes with avrgym.
        runs: Holds the folders of all runs.
        name: Of this run's folder there.
        task: Whose quickstart is taken, where there is no file.
        dry_run: Only check everything, and say what the run is and needs.
        keys: What the other options say.
    """

    file: Annotated[str | None, tyro.conf.Positional, default("the quickstart")] = None
    runs: Path = Path("runs")
    name: Annotated[str | None, default("the file's")] = None
    task: Annotated[Task | None, default("the grid's")] = None
    dry_run: bool = False
    keys: Annotated[Mapping[str, str], tyro.conf.Fixed, tyro.conf.Suppress] = field(
        default_factory=dict
    )

    def do(self) -> bool:
        """Trains, or says what would be."""
        from avrgym.train import shipped, spec

        if self.file is not None and self.task is not None:
            raise TaskError(f"--task chooses a quickstart; leave it out, or {self.file}")
        own = {} if self.name is None else {"name": json.dumps(self.name)}
        path = shipped.quickstart(self.task) if self.file is None else shipped.find(self.file)
        run = spec.load(path, {**self.keys, **own})
        # What is wrong with the file is said before the libraries are loaded, which takes seconds.
        if self.dry_run:
            from avrgym.train.plan import describe

            print(describe(run, file=str(path)))
            return True
        from avrgym.train.run import train

        with writing("give another folder with --runs", self.runs):
            self.runs.mkdir(parents=True, exist_ok=True)
        try:
            train(run, folder=self.runs, file=str(path))
        except TaskError as wrong:
            from avrgym.train.processes import says_it

            # All processes of a run find the same wrong: one says it, the others end.
            raise TaskError(str(wrong) if says_it(str(wrong)) else "") from None
        return True
