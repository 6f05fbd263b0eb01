"""Replies that are drawn before the trainer asks for them, so that a gate can choose among them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from avrgym.core.extras import needs
from avrgym.core.verdicts import verify
from avrgym.prompts.prompt import Prompt
from avrgym.rewards import right
from avrgym.train.curricula.gate import Gate
from avrgym.train.curricula.occasion import Seen
from avrgym.train.desk import Desk
from avrgym.train.trainers.judge import Judge

with needs("train"):
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
    from trl.data_utils import prepare_multimodal_messages


@dataclass(frozen=True, slots=True)
class Drawn:
    """A reply as the trainer draws it.

    Attributes:
        prompt: Tokens of the prompt.
        reply: Tokens of the reply.
        words: The reply as TRL's reward functions take it.
        chances: Log-probabilities of its tokens, where they are known.
        right: Whether it is what was asked for.
    """

    prompt: list[int]
    reply: list[int]
    words: Any
    chances: Any
    right: bool


@dataclass(frozen=True, slots=True)
class Refilled:
    """A drawing as a gate leaves it.

    Attributes:
        prompts: What is learned from.
        groups: Replies to each.
        left_out: How what is not learned from fared.
    """

    prompts: list[Prompt]
    groups: list[list[Drawn]]
    left_out: list[Seen]

    def share(self, rank: int, count: int) -> tuple[Any, ...]:
        """What ``GRPOTrainer._generate`` has for one process of some, whose rows are in order."""
        rows = [reply for group in self.groups for reply in group]
        size = len(rows) // count
        mine = rows[rank * size : (rank + 1) * size]
        chances = [each.chances for each in mine]
        return (
            [each.prompt for each in mine],
            [each.reply for each in mine],
            None,  # no tools
            [each.words for each in mine],
            None if None in chances else chances,
            {},
            None,  # pictures are those of the rows
            [],
        )


class Refill:
    """Draws, and draws again for groups without signal."""

    def __init__(
        self,
        gate: Gate,
        desk: Desk,
        judge: Judge,
        generate: Callable[[list[Any]], tuple[Any, ...]],
        replies: int,
    ) -> None:
        """Args: generate: ``GRPOTrainer._generate``; replies: to each prompt."""
        self._gate, self._desk, self._judge = gate, desk, judge
        self._generate, self._replies = generate, replies

    def through(self, prompts: Sequence[Prompt]) -> Refilled:
        """A drawing with as many groups that have signal as tries and the budget give.

        The curriculum is told of every group once it is judged, so that it draws what comes in its
        place knowing of it.
        """
        curriculum = self._desk.curriculum
        made = Refilled(list(prompts), self._sampled(prompts), [])
        seen = list(_seen(made.prompts, made.groups))
        curriculum.observe(seen)
        for _ in range(self._gate.tries):
            lacking = self._gate.without(seen)
            more = self._gate.more(
                len(lacking), curriculum.drawn, self._desk.processes.count, self._replies
            )
            if not lacking or not more:
                break
            with self._desk.clock.measure("environment"):
                others = curriculum.draw(more, prompts[0].format.pictured)
            groups = self._sampled(others)
            fared = list(_seen(others, groups))
            curriculum.observe(fared)
            good = [place for place, each in enumerate(fared) if each.mixed][: len(lacking)]
            for place, other in zip(lacking, good, strict=False):
                made.left_out.append(seen[place])
                made.prompts[place], made.groups[place] = others[other], groups[other]
                seen[place] = fared[other]
            made.left_out.extend(e for other, e in enumerate(fared) if other not in good)
        return made

    def _sampled(self, prompts: Sequence[Prompt]) -> list[list[Drawn]]:
        """Replies to prompts, whole groups, the same in all processes, which share the work."""
        processes = self._desk.processes
        rows = [prompt for prompt in prompts for _ in range(self._replies)]
        size = len(rows) // processes.count
        mine = rows[processes.rank * size : (processes.rank + 1) * size]
        asked = [
            prepare_multimodal_messages(row["prompt"], images=row["images"])
            if row["images"]
            else row["prompt"]
            for row in self._desk.rows(mine)
        ]
        ids, replies, _, words, chances, *_ = self._generate(asked)
        # What is learned from is judged once more, with its batch: verdicts are columns of one.
        with self._desk.clock.measure("verifier"):
            said = [self._judge.table.text(reply) for reply in replies]
            verdicts = verify([prompt.address for prompt in mine], said)
            good = right(verdicts, [prompt.format.name for prompt in mine]).tolist()
        drawn = [
            Drawn(list(ids[i]), list(replies[i]), words[i], chances and chances[i], good[i])
            for i in range(len(mine))
        ]
        whole = processes.gathered(drawn)
        return [whole[at : at + self._replies] for at in range(0, len(whole), self._replies)]


def _seen(prompts: Sequence[Prompt], groups: Sequence[Sequence[Drawn]]) -> Iterator[Seen]:
    for prompt, group in zip(prompts, groups, strict=True):
        yield Seen(prompt, sum(each.right for each in group), len(group))


class Spending(TrainerCallback):
    """Has a stage whose gate left groups out end when their budget is spent, and not before.

    The learning rate goes by the budget as well: it takes the steps that were not to be had.
    """

    def __init__(self, gate: Gate, desk: Desk) -> None:
        """Args: gate: what was left out, and may be; desk: the stage's."""
        self.gate, self.desk = gate, desk

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        lr_scheduler: Any = None,
        **_: object,
    ) -> None:
        """Says whether that was the last step."""
        step, drawn = state.global_step, self.desk.curriculum.drawn
        due = min(state.max_steps, step + self.gate.skipped(step, drawn))
        while lr_scheduler is not None and lr_scheduler.last_epoch < due:
            lr_scheduler.step()
        if self.gate.spent(step, drawn) and step < state.max_steps:
            control.should_training_stop = control.should_log = True
            self.desk.say(
                f"{self.desk.name}: {drawn} prompts were drawn, which is the budget of "
                f"{state.max_steps} steps; it ends after {step}"
            )
