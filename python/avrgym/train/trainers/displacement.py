"""What a preference does to the replies that it was told of, and whether that does harm.

Preferences may lower the chosen reply's probability too (likelihood displacement). That is harmless
where what gains instead is right, which is decided here by asking and judging: exact verdicts stand
beside the log-probabilities.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from avrgym import rewards
from avrgym.core.extras import needs
from avrgym.core.verdicts import verify
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.runs.record import write
from avrgym.train.desk import Desk
from avrgym.train.trainers.ches import ches, log_probabilities, looked_at
from avrgym.train.trainers.pairs import Contrast

with needs("train"):
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

BEFORE = "log-probabilities.json"  # of the watched pairs, by the model that the stage began with

Collate = Callable[[list[dict[str, Any]]], dict[str, Any]]


class Scores:
    """Numbers of pairs by a model, shared by processes."""

    def __init__(self, loaded: Loaded, desk: Desk, collate: Collate, at_once: int) -> None:
        """Args: collate: as TRL has it; at_once: pairs that go through the model together."""
        self._loaded, self._desk, self._collate = loaded, desk, collate
        self._at_once = at_once

    def log_probabilities(self, pairs: Sequence[Contrast]) -> list[tuple[float, float]]:
        """Of the chosen and the rejected reply of each pair."""
        found: list[tuple[float, float]] = []
        batches = self._batches(self._desk.processes.share(pairs))
        for out, ids, scored in looked_at(self._loaded.model, batches, states=False):
            chosen, rejected = log_probabilities(out.logits, ids, scored).chunk(2)
            found += zip(chosen.tolist(), rejected.tolist(), strict=True)
        return self._desk.processes.joined(found)

    def ches(self, pairs: Sequence[Contrast]) -> list[float]:
        """The length-normalised CHES of each pair."""
        found: list[float] = []
        batches = self._batches(self._desk.processes.share(pairs))
        for out, _, scored in looked_at(self._loaded.model, batches, states=True):
            found += ches(out.hidden_states[-1], scored)[1].tolist()
        return self._desk.processes.joined(found)

    def _batches(self, pairs: Sequence[Contrast]) -> Iterator[dict[str, Any]]:
        for first in range(0, len(pairs), self._at_once):
            part = pairs[first : first + self._at_once]
            rows = self._desk.rows([pair.prompt for pair in part])
            yield self._collate([pair.row(row) for pair, row in zip(part, rows, strict=True)])


class Displacement(TrainerCallback):
    """Watches some pairs: at the begin, every so many steps, and at the end of a stage."""

    def __init__(
        self,
        loaded: Loaded,
        desk: Desk,
        pairs: Sequence[Contrast],
        scores: Scores,
        every: int,
        max_reply: int,
        draw: int,
    ) -> None:
        """Args: every: steps between looks, 0: begin and end alone; draw: replies at once."""
        self._loaded, self._desk, self._pairs, self._scores = loaded, desk, list(pairs), scores
        self._every, self._max_reply, self._draw = every, max_reply, draw
        self._before: list[list[float]] = []

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """What is compared with is kept beside the checkpoints: who goes on has no such model."""
        desk, file = self._desk, self._desk.folder / BEFORE
        if desk.processes.said(file.exists() and desk.checkpoint is not None):
            self._before = json.loads(file.read_text("utf-8"))
            return
        self._before = [list(each) for each in self._scores.log_probabilities(self._pairs)]
        desk.processes.wait()
        if desk.processes.first:
            desk.folder.mkdir(parents=True, exist_ok=True)
            write(file, json.dumps(self._before))
        desk.processes.wait()
        self._look(state.global_step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Looks where it is time."""
        last = state.global_step >= state.max_steps
        if last or (self._every and state.global_step % self._every == 0):
            self._look(state.global_step)

    def _look(self, step: int) -> None:
        desk = self._desk
        now = self._scores.log_probabilities(self._pairs)
        moved = [
            [after - before for after, before in zip(one, other, strict=True)]
            for one, other in zip(now, self._before, strict=True)
        ]
        chosen, rejected = ([each[side] for each in moved] for side in (0, 1))
        right, total = self._right()
        desk.record.append(
            {
                "event": "displacement",
                "stage": desk.name,
                "step": step,
                "pairs": len(moved),
                "chosen": _mean(chosen),
                "rejected": _mean(rejected),
                "chosen_fell": _mean([each < 0 for each in chosen]),
                "rejected_fell": _mean([each < 0 for each in rejected]),
                "right": right,
                "total": total,
            }
        )
        desk.say(
            f"{desk.name} {step}/{desk.steps} log p chosen {_mean(chosen):+.2f} "
            f"({_mean([each < 0 for each in chosen]):.0%} fell), rejected {_mean(rejected):+.2f}; "
            f"{right} of {total} right"
        )

    def _right(self) -> tuple[int, int]:
        """Of the pairs' prompts, how many the model answers right, greedily."""
        desk = self._desk
        asked = list(dict.fromkeys(pair.prompt for pair in self._pairs))
        mine = desk.processes.share(asked)
        said = replies(
            self._loaded,
            mine,
            desk.picture,
            decoding="greedy",
            max_reply=self._max_reply,
            batch=self._draw,
        )
        verdicts = verify([prompt.address for prompt in mine], [each.reply for each in said])
        found = rewards.right(verdicts, [prompt.format.name for prompt in mine])
        return sum(desk.processes.joined(found.tolist())), len(asked)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
