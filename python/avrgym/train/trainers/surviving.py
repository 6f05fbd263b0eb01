"""Checkpoints that are whole or not there, and trainers that go on from them."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.files.storage import settle
from avrgym.models.load import spell_out
from avrgym.train import services
from avrgym.train.desk import CURRICULUM, Desk
from avrgym.train.pace import Pace

with needs("train"):
    from datasets import Dataset
    from transformers import (
        PrinterCallback,
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )

KEPT = 2  # checkpoints of a stage: the newest, and the one before it
UNFINISHED = "unfinished"
WHOLE = "whole"  # where a model lies that was cut up over processes, once its stage is through


class Surviving:
    """Mixed into a ``transformers.Trainer``: writes checkpoints aside and renames them.

    Weights are never restored by the trainer: they come from ``from_pretrained``, since on some
    versions of ``transformers`` a trainer restores none of LLaVA's, silently. Where weights are cut
    up over processes (FSDP, DeepSpeed) the trainer's own way is taken.
    """

    desk: Desk
    _aside: Path | None = None

    def _get_output_dir(self, trial: Any) -> str:
        if self._aside is not None:
            return str(self._aside)
        return str(super()._get_output_dir(trial))  # type: ignore[misc]

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        name = f"checkpoint-{self.state.global_step}"  # type: ignore[attr-defined]
        aside = self.desk.folder / UNFINISHED
        if self.desk.processes.first:
            shutil.rmtree(aside, ignore_errors=True)
            (aside / name).mkdir(parents=True)
        self.desk.processes.wait()
        self._aside = aside
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
        finally:
            self._aside = None
        self.desk.processes.wait()
        if self.desk.processes.first:
            spell_out(aside / name)
            state = json.dumps(self.desk.curriculum.state())
            (aside / name / CURRICULUM).write_text(state, "utf-8")
            self._beside(aside / name)
            settle(aside / name)
            (aside / name).replace(self.desk.folder / name)
            settle(self.desk.folder)
            for old in checkpoints(self.desk.folder)[:-KEPT]:
                shutil.rmtree(old)
        self.desk.processes.wait()

    def _beside(self, checkpoint: Path) -> None:
        """Puts into a checkpoint what it has to have besides; nothing here."""

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        if self.is_fsdp_enabled or self.is_deepspeed_enabled:  # type: ignore[attr-defined]
            super()._load_from_checkpoint(resume_from_checkpoint, model)  # type: ignore[misc]

    def run(self) -> None:
        """Trains, from the desk's checkpoint on if there is one."""
        self.remove_callback(PrinterCallback)  # type: ignore[attr-defined]
        services.home(self, self.desk.record.folder / services.FOLDER / self.desk.name)
        at = self.desk.checkpoint
        cut_up = self.is_fsdp_enabled or self.is_deepspeed_enabled  # type: ignore[attr-defined]
        if self.is_fsdp_enabled:  # type: ignore[attr-defined]
            plugin: Any = self.accelerator.state.fsdp_plugin  # type: ignore[attr-defined]
            if "FULL_STATE_DICT" not in str(plugin.state_dict_type):
                raise TaskError(
                    f"stage {self.desk.name}: fsdp with {plugin.state_dict_type} leaves nothing "
                    "that from_pretrained loads; give state_dict_type FULL_STATE_DICT"
                )
        self.train(resume_from_checkpoint=str(at) if at else None)  # type: ignore[attr-defined]
        if cut_up:  # all processes give their pieces, the first one writes
            self.save_model(str(self.desk.folder / WHOLE))  # type: ignore[attr-defined]


def checkpoints(folder: Path) -> list[Path]:
    """The whole checkpoints of a stage, oldest first."""
    found = [path for path in folder.glob("checkpoint-*") if path.name[11:].isdigit()]
    return sorted(found, key=step_of)


def step_of(checkpoint: Path) -> int:
    """After how many steps a checkpoint was taken."""
    return int(checkpoint.name.removeprefix("checkpoint-"))


class Watch(TrainerCallback):
    """Keeps checkpoints, measures quickly, and notes what the trainer logs and where time goes."""

    def __init__(self, desk: Desk, pace: Pace, probe_every: int, rounds: int = 1) -> None:
        """Begins.

        Args:
            desk: The stage's.
            pace: Of checkpoints.
            probe_every: Steps between quick checks, 0 for none.
            rounds: Steps from one drawing of replies to the next, between which no checkpoint can
                be gone on from as if nothing had been.
        """
        self.desk, self.pace, self.probe_every, self.rounds = desk, pace, probe_every, rounds
        self.kept = self.begun = time.perf_counter()
        self.logged = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Time of a step begins when the one before has ended: rows are laid out in between."""
        self.logged = state.global_step
        self.begun = time.perf_counter()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Says whether a checkpoint is due; the last step's model is saved by the run."""
        self.desk.clock.add("step", time.perf_counter() - self.begun)
        if state.global_step >= state.max_steps:
            return
        if self._due(state.global_step):
            control.should_save = True
            self.kept = time.perf_counter()
        if self.probe_every and state.global_step % self.probe_every == 0:
            self.desk.probe(state.global_step)
        self.begun = time.perf_counter()

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Checkpoints are no part of a step."""
        self.begun = time.perf_counter()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Keeps every number, and seconds a step since the last ones."""
        numbers = {
            name: float(value)
            for name, value in (logs or {}).items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
        seconds = self.desk.clock.taken(state.global_step - self.logged)
        self.logged = state.global_step
        where = {"event": "log", "stage": self.desk.name, "step": state.global_step}
        if "train_runtime" not in numbers:  # the trainer's own summary says it again
            extra = self.desk.curriculum.metrics()
            more = {"curriculum": extra} if extra else {}
            self.desk.record.append({**numbers, **where, "seconds": seconds, **more})

    def _due(self, step: int) -> bool:
        if self.pace.steps:
            return step % self.pace.steps == 0
        if not self.pace.seconds or step % self.rounds:
            return False
        return self.desk.processes.said(time.perf_counter() - self.kept >= self.pace.seconds)


class _Layer:
    """Lays out rows; ``datasets`` names what it does by its name alone, not by all it holds."""

    def __init__(self, name: str, lay: Callable[[list[int]], dict[str, list[Any]]]) -> None:
        self._name, self._lay = name, lay

    def __call__(self, rows: dict[str, list[int]]) -> dict[str, list[Any]]:
        return self._lay(rows["at"])

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (self._name,)


def numbered(
    rows: int, name: str = "", lay: Callable[[list[int]], dict[str, list[Any]]] | None = None
) -> Dataset:
    """Rows that are nothing but their places.

    Args:
        rows: How many.
        name: The stage's.
        lay: Columns for some places, called when they are asked for; places alone if not given.
    """
    made = Dataset.from_dict({"at": range(rows)})
    return made if lay is None else made.with_transform(_Layer(name, lay))
