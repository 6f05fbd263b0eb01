"""A judge of steps: replies are drawn once, labelled exactly, kept, and learned from in balance."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.files import jsonl
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.prm.data import Labelled, of_completions
from avrgym.prm.judge import Judge, Settings, from_pretrained
from avrgym.prm.lessons import lessons
from avrgym.prm.measure import auc, by_level, by_skill, measure, ranking, worth
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import spans
from avrgym.runs.record import write
from avrgym.train import arguments
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.surviving import Surviving, Watch, numbered

with needs("train"):
    from transformers import (
        Trainer,
        TrainerCallback,
        TrainerControl,
        TrainerState,
        TrainingArguments,
    )

if TYPE_CHECKING:
    from avrgym.train.stages.prm import Prm

ROWS = "labelled.jsonl"


class SurvivingJudge(Surviving, Trainer):
    """The trainer of ``transformers``, with checkpoints that are whole judges."""

    judge: Judge

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        assert output_dir is not None
        self.judge.save_pretrained(output_dir)


class _Measures(TrainerCallback):
    """Measures the judge on what is held back, in all processes together."""

    def __init__(self, judge: Judge, desk: Desk, rows: Sequence[Labelled], every: int) -> None:
        self._judge, self._desk, self._rows, self._every = judge, desk, rows, every

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        last = state.global_step >= state.max_steps
        if last or (self._every and state.global_step % self._every == 0):
            self._look(state.global_step)

    def _look(self, step: int) -> None:
        desk = self._desk
        mine = desk.processes.share(self._rows)
        own = self._judge.scores([r.prompt for r in mine], [r.completion for r in mine])
        each = list(zip([part.tolist() for part in own], own.outcome.tolist(), strict=True))
        said = desk.processes.joined(each)
        prompts = [row.prompt for row in self._rows]
        truth = spans(prompts, [row.reply for row in self._rows])
        steps = [score for part, _ in said for score in part]
        outcome = np.array([right for _, right in said], np.float32)
        scored = Scores(truth.offsets, truth.ends, np.array(steps, np.float32), outcome, truth.bare)
        found: dict[str, Any] = {"outcome_auc": _known(auc(outcome, truth.right))}
        if np.isnan(outcome).any():
            found.clear()
        codes: dict[Any, int] = {}
        same = np.array([codes.setdefault(each, len(codes)) for each in prompts], np.int64)
        each_group = ranking(worth(scored), truth.right, same)
        found["ranking"] = float(each_group.mean()) if len(each_group) else None
        if self._judge.settings.head.judges[0]:
            found |= _plain(measure(scored, truth))
            found["skills"] = {k: _plain(v) for k, v in by_skill(scored, truth).items()}
            found["levels"] = {k: _plain(v) for k, v in by_level(prompts, scored, truth).items()}
        where = {"event": "judged", "stage": desk.name, "step": step}
        desk.record.append({**where, **found})
        shown = {"auc": "AUC", "f1": "first-error F1", "outcome_auc": "outcome AUC"}
        shown["ranking"] = "right above wrong within a prompt"
        words = [f"{word} {_shown(found[name])}" for name, word in shown.items() if name in found]
        desk.say(f"{desk.name} {step}/{desk.steps} held back: {', '.join(words)}")


def judge(loaded: Loaded, desk: Desk, stage: "Prm") -> None:
    """Trains a judge and puts it beside the run's models.

    Args:
        loaded: The policy, which is asked and left as it is.
        desk: The stage's place in its run.
        stage: What is to be done.

    Raises:
        TaskError: Replies had nothing to learn from, or weights are to be cut up over processes.
    """
    settings = stage.settings(desk.common, desk.processes.count)
    made = arguments.made(
        TrainingArguments, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    own = _begun(desk, stage)
    rows, held = _rows(loaded, desk, stage)
    pool, order = lessons(
        rows,
        desk.steps * stage.batch,
        desk.seed,
        balance=stage.balance,
        corrupted=stage.corrupted,
        paired=stage.twins,
    )

    def collate(places: Sequence[Mapping[str, int]]) -> dict[str, Any]:
        return {"parts": own.laid([pool[order[each["at"]]] for each in places])}

    trainer = SurvivingJudge(
        model=own,
        args=made,
        train_dataset=numbered(len(order), desk.name),
        data_collator=collate,
        callbacks=[
            _Measures(own, desk, held, stage.probe_every),
            Watch(desk, Pace.parse(stage.checkpoint_every), 0),
        ],
    )
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        raise TaskError(
            f"stage {desk.name}: a judge is whole in every process; train it without FSDP and "
            "DeepSpeed, such as by torchrun alone"
        )
    trainer.judge, trainer.desk = own, desk
    trainer.run()
    desk.processes.wait()
    if desk.processes.first:
        desk.record.put_judge(desk.name, partial(_kept, own, desk.folder / ROWS))
    desk.processes.wait()


def _begun(desk: Desk, stage: "Prm") -> Judge:
    """The judge as it begins, or as the desk's checkpoint has it."""
    if desk.checkpoint is not None:
        return from_pretrained(desk.checkpoint, at_once=stage.draw)
    folder = desk.origin if stage.start == "policy" else desk.first
    settings = Settings(head=stage.head, model=desk.model, picture=desk.picture, blind=stage.blind)
    reference = desk.loads(desk.origin) if stage.head.compares else None
    return Judge(settings, desk.loads(folder), reference, at_once=stage.draw)


def _rows(
    loaded: Loaded, desk: Desk, stage: "Prm"
) -> tuple[Sequence[Labelled], Sequence[Labelled]]:
    """Rows to learn from and rows to measure on: kept ones if there are, else drawn and kept."""
    file = desk.folder / ROWS
    if desk.processes.said(file.exists()):
        found = [Labelled.read(line) for line in jsonl.read(file)]
    else:
        found = _drawn(loaded, desk, stage)
        if desk.processes.first:
            desk.folder.mkdir(parents=True, exist_ok=True)
            lines = (json.dumps(row.line(), ensure_ascii=False) + "\n" for row in found)
            write(file, "".join(lines))
        desk.processes.wait()
    cut = stage.measured * stage.replies
    held = found[:cut]
    asked = {row.prompt.address for row in held}
    steps, whole = stage.head.judges
    mine = [row for row in found[cut:] if row.prompt.address not in asked]
    rows = [row for row in mine if whole or (steps and row.ends)]
    labels = [label for row in rows for label in row.labels if label is not None]
    wrong, total = sum(label < 0.5 for label in labels), len(labels)
    right = sum(bool(row.right) for row in rows)
    said = f"{len(rows):,} replies, {right:,} right; {total:,} steps, {wrong:,} wrong"
    alike = [wrong in (0, total)] * steps + [right in (0, len(rows))] * whole
    if not rows or (all(alike) and not (stage.corrupted or stage.twins)):
        raise TaskError(
            f"stage {desk.name}: {said}: nothing to tell apart; give other levels, more samples, "
            "a policy that is sometimes right, or errors put in on purpose (corrupted = 0.5)"
        )
    if desk.checkpoint is None:
        counts = {"replies": len(rows), "right": right, "steps": total, "wrong": wrong}
        where = {"event": "labelled", "stage": desk.name, "step": 0}
        desk.record.append({**where, **counts, "held_back": len(held)})
        desk.say(f"{desk.name}: {said}; {len(held):,} replies held back")
    return rows, held


def _drawn(loaded: Loaded, desk: Desk, stage: "Prm") -> list[Labelled]:
    mine = desk.processes.share(desk.curriculum.draw(stage.samples))
    repeated = [prompt for prompt in mine for _ in range(stage.replies)]
    with desk.clock.measure("drawing"):
        said = replies(
            loaded,
            repeated,
            desk.picture,
            decoding="sampled",
            temperature=stage.temperature,
            max_reply=stage.max_reply,
            batch=stage.draw,
            seed=desk.seed,
        )
    with desk.clock.measure("verifier"):
        found = of_completions(repeated, said)
    size = stage.replies
    groups = [found[at : at + size] for at in range(0, len(found), size)]
    return [row for group in desk.processes.joined(groups) for row in group]


def _kept(judge: Judge, rows: Path, folder: Path) -> None:
    judge.save_pretrained(folder)
    (folder / ROWS).write_bytes(rows.read_bytes())


def _plain(found: Any) -> dict[str, Any]:
    return {name: _known(value) for name, value in asdict(found).items()}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
