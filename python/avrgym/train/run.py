"""One run from a model to a report: evaluate, then stage by stage train and evaluate again.

Stages follow each other as the run's file says. Each ends with a saved model and an evaluation, and
is skipped when an earlier call finished it; one that was stopped goes on from its last checkpoint.
"""

import gc
import json
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from avrgym import config
from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.evaluate.results import key
from avrgym.evaluate.run import Share, measure, probe
from avrgym.files.storage import located
from avrgym.models.load import Loaded, restore, save
from avrgym.models.policy import replies
from avrgym.models.pretrained import processor
from avrgym.models.spec import Transformers
from avrgym.report.page import write_report
from avrgym.runs.record import Record, write
from avrgym.runs.versions import versions
from avrgym.train import checks
from avrgym.train.agreement import agree
from avrgym.train.beginning import begun
from avrgym.train.curricula.occasion import Curriculum
from avrgym.train.desk import CURRICULUM, Desk
from avrgym.train.processes import Processes
from avrgym.train.quiet import quieten
from avrgym.train.screen import Screen
from avrgym.train.spec import START, Run
from avrgym.train.stages import Stage
from avrgym.train.stages.stage import apart
from avrgym.train.trainers.surviving import WHOLE, checkpoints, step_of

with needs("train"):
    import torch

PROBED = 64  # held-out samples per level and format in a quick check


def train(
    run: Run, *, folder: Path = Path("runs"), screen: Screen | None = None, file: str = ""
) -> Record:
    """Does what is not done yet and writes the report.

    Under ``torchrun`` all processes call it alike: they share the work, and the first one writes.

    Args:
        run: What to do.
        folder: Holds the folder of this run.
        screen: Where progress shows; made when left out.
        file: Which file said so, for errors.

    Returns:
        The run's record.

    Raises:
        TaskError: Something in the run is wrong, found before anything is trained; or its folder
            holds a run with other settings.
    """
    quieten()
    torch.set_num_threads(run.threads)
    processes = Processes()
    record = Record(folder / run.name, rank=processes.rank)
    with checks.told(file):
        checks.settings(run, processes.count)
        checks.installed(run)
    going = _Going(run, record, processes, screen)
    if record.folder.exists():
        record.open(config.table(run))  # before a model is made that other settings do not want
    if not record.is_done(START):
        with checks.told(file):
            if isinstance(run.model, Transformers):  # weights take longer than processors
                checks.ended(run, processor(run.model))
            going.loaded = begun(run)
            checks.with_processor(run, going.loaded.processor)
            checks.positions(run, going.loaded)
    record.open(config.table(run))
    with record.alone(), located(record.folder):
        processes.wait()
        if processes.first and not (record.folder / "versions.json").exists():
            write(record.folder / "versions.json", json.dumps(versions(), indent=2) + "\n")
        try:
            going.through()
        finally:  # also on Ctrl-C: what is finished can be looked at
            if processes.first:
                write_report(record)
    going.screen.say(f"report: {record.report}   model: {record.model(going.before)}")
    return record


class _Going:
    """A run that is gone through."""

    def __init__(
        self, run: Run, record: Record, processes: Processes, screen: Screen | None
    ) -> None:
        self.run, self.record, self.processes = run, record, processes
        self.screen = screen or Screen(record)
        self.loaded: Loaded | None = None
        self.before = START

    def through(self) -> None:
        """Every stage that is not done, and every evaluation."""
        if not self.record.is_done(START):
            self._keep(START)
        self._measured(START)
        for place, stage in enumerate(self.run.planned()):
            if not self.record.is_done(stage.name):
                self._learn(place, stage)
                if apart(stage):
                    self.processes.wait()
                    self.screen.finished(stage.name, stage.name)
                else:
                    self._join(stage.name)
                    agree(self.model().model, self.record, self.processes, stage.name)
                    self._keep(stage.name)
                if self.processes.first:  # nothing goes on from them any more
                    shutil.rmtree(self.record.checkpoints(stage.name), ignore_errors=True)
            if not apart(stage):  # else the model is what it was
                self.before = stage.name
                self._measured(stage.name)

    def model(self) -> Loaded:
        """The model as it stands."""
        if self.loaded is None:
            folder = self.record.model(self.before)
            if not folder.is_dir():
                raise TaskError(
                    f"{folder} is gone, with which the run would go on; put it back, or give this "
                    "run another --name"
                )
            self.loaded = restore(self.run.model, folder)
        return self.loaded

    def _learn(self, place: int, stage: Stage) -> None:
        folder = self.record.checkpoints(stage.name)
        found = checkpoints(folder)
        at = self.processes.said(str(found[-1]) if found else "")
        checkpoint = Path(at) if at else None
        begun_at = step_of(checkpoint) if checkpoint else 0
        self.record.forget(stage.name, after=begun_at if checkpoint else -1)
        occasion = self.run.occasion(place, stage)
        curriculum = stage.curriculum.made(occasion)
        steps = self.run.steps(place, stage)
        if checkpoint:
            if not apart(stage):
                self.loaded = restore(self.run.model, checkpoint)
            kept = checkpoint / CURRICULUM
            curriculum.restore(json.loads(kept.read_text("utf-8")))
            self.screen.say(f"{stage.name}: going on from step {begun_at} of {steps}")
        else:
            asked = stage.curriculum.asks(occasion)
            levels = list(dict.fromkeys(setting for setting, _ in asked))
            learned = [] if apart(stage) else asked  # what the run's model learns from
            self.record.append(
                {
                    "event": "stage",
                    "stage": stage.name,
                    "kind": stage.kind,
                    "label": stage.LABEL,
                    "role": stage.ROLE,
                    "settings": list(dict.fromkeys(setting for setting, _ in learned)),
                    "asks": [[setting, shown.name] for setting, shown in learned],
                    "demonstrates": [
                        [setting, shown.name]
                        for plan in stage.plans[1:]
                        for setting, shown in plan.asks(occasion)
                    ],
                    "steps": steps,
                }
            )
            self.screen.say(f"[bold]{stage.name}[/bold] on {', '.join(levels)}: {steps} steps")
        stage.learn(
            self.model(),
            Desk(
                name=stage.name,
                steps=steps,
                seed=self.run.seed,
                picture=self.run.picture,
                curriculum=curriculum,
                occasion=occasion,
                record=self.record,
                processes=self.processes,
                common=checks.common(self.run),
                adapter=isinstance(self.run.model, Transformers) and bool(self.run.model.lora),
                origin=self.record.model(self.before),
                reference=partial(_reference, self.run, self.record.model(self.before)),
                first=self.record.model(START),
                model=self.run.model,
                loads=partial(restore, self.run.model),
                probe=partial(self._probe, stage.name, steps, curriculum),
                say=self.screen.say,
                folder=folder,
                checkpoint=checkpoint,
            ),
        )

    def _join(self, stage: str) -> None:
        """Takes up the whole of a model whose weights were cut up over processes."""
        self.processes.wait()
        whole = self.record.checkpoints(stage) / WHOLE
        if whole.is_dir():
            self.loaded = None  # there may be no room for both
            gc.collect()
            self.loaded = restore(self.run.model, whole)

    def _keep(self, stage: str) -> None:
        """Saves the model as a stage left it."""
        self.processes.wait()
        if self.processes.first:
            self.record.put_model(stage, partial(save, self.model()))
        self.processes.wait()
        self.screen.finished(stage, stage)

    def _ask(self) -> Any:
        return partial(replies, self.model())

    def _probe(self, stage: str, steps: int, curriculum: Curriculum, step: int) -> None:
        """Where the climb stands, and greedy accuracy on a few held-out samples."""
        self.screen.climbed(stage, step, steps, curriculum.standing())
        if not self.run.evaluation.suite:
            return
        scores: Mapping[tuple[str, str], Score] = probe(
            self._ask(),
            self.run.evaluation,
            settings=self.run.evaluation.settings(self.run.wording),
            held_out=self.run.held_out,
            picture=self.run.picture,
            size=PROBED,
        )
        self.screen.probed(stage, step, steps, scores)

    def _measured(self, stage: str) -> None:
        """Evaluates, unless that is done; rows that are there are not asked for again."""
        job = f"evaluate {stage}"
        if not self.run.evaluation.suite:
            return
        if not self.record.is_done(job):
            self.screen.say(f"evaluating on split {self.run.evaluation.split} ({stage})")
            self.record.join()  # what another number of processes left
            self.processes.wait()
            done = {key(row) for row in self.record.results() if row["stage"] == stage}
            self.processes.wait()
            measure(
                self._ask(),
                self.run.evaluation,
                stage,
                self.record.answered,
                done,
                settings=self.run.evaluation.settings(self.run.wording),
                held_out=self.run.held_out,
                picture=self.run.picture,
                share=Share(self.processes.rank, self.processes.count),
                policy=self.run.name,
            )
            self.processes.wait()
            self.record.join()
            self.processes.wait()
            self.screen.finished(stage, job)
        self.screen.evaluated(stage)


def _reference(run: Run, folder: Path) -> Any:
    return restore(run.model, folder).model
