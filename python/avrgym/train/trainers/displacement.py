"""What a preference does to the replies that it was told of, and whether that does harm.

Preferences may lower the chosen reply's probability too (likelihood displacement). That is harmless
where what gains instead is right, which is decided here by asking and judging: exact verdicts stand
beside the log-probabilities.
"""

import json
from collections.abc import Sequence

from avrgym import rewards
from avrgym.core.extras import needs
from avrgym.core.verdicts import verify
from avrgym.models.load import Loaded
from avrgym.models.policy import replies
from avrgym.runs.record import write
from avrgym.train.desk import Desk
from avrgym.train.trainers.compared import Held
from avrgym.train.trainers.pairs import Contrast
from avrgym.train.trainers.rounds import Rounds
from avrgym.train.trainers.scores import Scores

with needs("train"):
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class Displacement(TrainerCallback):
    """Watches some pairs of each round: at its begin, every so many steps, and at its end."""

    def __init__(
        self,
        loaded: Loaded,
        desk: Desk,
        rounds: Rounds[Held],
        scores: Scores,
        watch: int,
        every: int,
        max_reply: int,
        draw: int,
    ) -> None:
        """For a stage.

        Args:
            loaded: The model.
            desk: The stage's.
            rounds: Its rounds, with their pairs.
            scores: Of the model.
            watch: How many pairs.
            every: Steps between looks; 0: begin and end of rounds alone.
            max_reply: Tokens that a reply has room for.
            draw: Replies drawn together.
        """
        self._loaded, self._desk, self._rounds, self._scores = loaded, desk, rounds, scores
        self._watch, self._every, self._max_reply, self._draw = watch, every, max_reply, draw
        self._round, self._pairs, self._before = -1, list[Contrast](), list[list[float]]()

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """What is compared with is kept beside the checkpoints: who goes on has no such model."""
        desk, round = self._desk, self._rounds.round
        if round == self._round:
            return
        self._round = round
        self._pairs = spread([each.rated.pair for each in self._rounds.items], self._watch)
        file = desk.folder / f"watched-{round}.json"
        if state.global_step > self._rounds.turns.begin(round):
            self._before = json.loads(file.read_text("utf-8"))
            return
        self._before = [list(each) for each in self._scores.log_probabilities(self._pairs)]
        desk.processes.wait()
        if desk.processes.first:
            desk.folder.mkdir(parents=True, exist_ok=True)
            write(file, json.dumps(self._before))
        desk.processes.wait()
        noted = any(  # by who was stopped here, where a checkpoint is
            (event["stage"], event["round"], event["step"]) == (desk.name, round, state.global_step)
            for event in desk.record.events("displacement")
        )
        if not desk.processes.said(noted):
            self._look(state.global_step)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> None:
        """Looks where it is time."""
        last = state.global_step == self._rounds.turns.begin(self._round + 1)
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
                "round": self._round,
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


def spread(pairs: Sequence[Contrast], count: int) -> list[Contrast]:
    """So many pairs, evenly from all."""
    count = min(count, len(pairs))
    return [pairs[at * len(pairs) // count] for at in range(count)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
