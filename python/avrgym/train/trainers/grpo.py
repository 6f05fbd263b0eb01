"""GRPO whose prompts are drawn where replies are, and whose credit goes by the verifier's steps."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.models.load import Loaded, refer
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.prm.online import Online
from avrgym.prm.scorer import Scorer
from avrgym.prm.scorers import found
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import ROLLOUTS
from avrgym.train import arguments
from avrgym.train.credit import ByPrime, Credit
from avrgym.train.curricula.gate import Gate
from avrgym.train.curricula.occasion import Seen
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.counterpart import paid, shown
from avrgym.train.trainers.credited import StepCreditTrainer
from avrgym.train.trainers.judge import Judge
from avrgym.train.trainers.learner import JUDGE, begun, keep
from avrgym.train.trainers.refilling import Refill, Spending
from avrgym.train.trainers.surviving import Surviving, Watch, numbered, step_of

with needs("train"):
    import torch
    from transformers import TrainerCallback
    from trl import GRPOConfig


class SurvivingGrpo(Surviving, StepCreditTrainer):
    """Draws prompts where replies are: its rows are nothing but places.

    So a curriculum is asked with all that was observed before, and a run that goes on skips
    nothing. All processes draw the same prompts and take their own rows of them.
    """

    paid: list[list[float]]  # of the last batch, by reply and reward, before weights
    gate: Gate
    min_spread: float
    counterfactual: float
    online: Online | None
    _ready: tuple[Any, ...] | None = None  # what is drawn already

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """As always, with rows that are drawn now, and told of afterwards."""
        arguments: Any = self.args  # of TRL, which its base class does not know
        replies = int(arguments.num_generations)
        count = arguments.generation_batch_size // replies
        with self.desk.clock.measure("environment"):
            drawn = self.desk.curriculum.draw(count)
        left_out: list[Seen] = []
        if self.gate.tries:
            refill = Refill(self.gate, self.desk, self.judge, super()._generate, replies)
            refilled = refill.through(drawn)
            drawn, left_out = refilled.prompts, refilled.left_out
            self._ready = refilled.share(self.desk.processes.rank, self.desk.processes.count)
            self._metrics["train"]["left_out"].append(float(len(left_out)))
        places = [row["at"] % count for row in inputs]
        asked = [drawn[place] for place in places]
        if self.counterfactual:
            first = self.desk.processes.rank * len(inputs)
            asked = shown(drawn, places, first, replies, self.desk.occasion.held_out)
        scored = super()._generate_and_score_completions(self.desk.rows(asked))
        with self.desk.clock.measure("record"):
            told = self._tell(drawn, asked, places, left_out)
        if self.min_spread:
            dull = noise(told, self.min_spread)
            scored["advantages"][[place in dull for place in places]] = 0
            self._metrics["train"]["noise"].append(float(len(dull)))
        return scored

    def _beside(self, checkpoint: Path) -> None:
        if self.online is not None:
            self.online.save(checkpoint / JUDGE)

    def _generate(self, prompts: list[Any]) -> tuple[Any, ...]:
        """What was drawn already, or as always."""
        ready, self._ready = self._ready, None
        made: tuple[Any, ...] = super()._generate(prompts) if ready is None else ready
        return made

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: list[list[int]]
    ) -> torch.Tensor:
        """As always; what this process's rows were paid is kept for the record."""
        points = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        if self.counterfactual:
            own = self.judge.right.tolist()
            right = torch.tensor(self.desk.processes.gathered(own), device=points.device)
            replies = int(self.num_generations or 0)
            points = paid(points, right, self.counterfactual, replies)
            halves = right.view(-1, 2, replies // 2)
            self._metrics["train"]["both_right"].append(float(halves.all(1).float().mean()))
        first = self.desk.processes.rank * len(inputs)
        self.paid = points[first : first + len(inputs)].tolist()
        return points

    def _tell(
        self,
        drawn: Sequence[Prompt],
        asked: Sequence[Prompt],
        places: Sequence[int],
        left_out: Sequence[Seen],
    ) -> list[dict[str, Any]]:
        """Lets the curriculum and the record know how replies fared, in all processes alike.

        Returns:
            What is known of each reply of the batch, by its group's ``place``.
        """
        verdicts, right = self.judge.verdicts, self.judge.right.tolist()
        weights = self.reward_weights.tolist()
        mine = [
            {
                "place": place,
                "address": asked[i].address,
                "reply": self.judge.replies[i].decode("utf-8", "replace"),
                "correct": right[i],
                "outcome": verdicts[i].outcome,
                "first_error": verdicts[i].first_error,
                "rewards": {
                    name: None if math.isnan(points) else points
                    for name, points in zip(self.reward_func_names, self.paid[i], strict=True)
                },
                "reward": sum(
                    weight * points
                    for weight, points in zip(weights, self.paid[i], strict=True)
                    if not math.isnan(points)
                ),
            }
            for i, place in enumerate(places)
        ]
        told = sorted(self.desk.processes.gathered(mine), key=lambda each: each["place"])
        seen, lines = list[Seen](), list[dict[str, Any]]()
        for place, prompt in enumerate(drawn):
            fared = [each for each in told if each["place"] == place]
            correct = [each["correct"] for each in fared]
            seen.append(Seen(prompt, sum(correct), len(correct)))
            where = {"stage": self.desk.name, "step": self.state.global_step + 1}
            lines += [
                {
                    **where,
                    "address": each["address"],
                    "format": prompt.format.name,
                    **{k: v for k, v in each.items() if k not in ("place", "address")},
                }
                for each in fared
            ]
        if not self.gate.tries:  # who refills tells as it goes
            self.desk.curriculum.observe(seen)
        self.desk.record.extend(lines, to=ROLLOUTS)
        counts: dict[tuple[str, str], Score] = {}
        for each in [*seen, *left_out]:
            key = (setting_of(each.prompt.address), each.prompt.format.name)
            counts[key] = counts.get(key, Score(0, 0)) + Score(each.right, each.total)
        where = {"stage": self.desk.name, "step": self.state.global_step + 1}
        self.desk.record.extend(
            {
                "event": "sampled",
                **where,
                "level": level,
                "format": format,
                "right": score.right,
                "total": score.total,
            }
            for (level, format), score in sorted(counts.items())
        )
        for words in self.desk.curriculum.news():
            self.desk.record.append({"event": "warning", **where, "text": words})
            self.desk.say(f"{self.desk.name}: [yellow]{words}[/yellow]")
        return told


def noise(told: Sequence[Mapping[str, Any]], least: float) -> set[int]:
    """Places of groups whose replies are all wrong, and paid alike but for less than ``least``.

    What a shaped reward tells apart there is little, and dividing by the group's deviation would
    make as much of it as of right and wrong.

    Args:
        told: Of each reply the ``place`` of its group, whether it is ``correct``, and its
            ``reward``.
        least: The standard deviation of a group's rewards from which it says something.
    """
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for each in told:
        groups.setdefault(each["place"], []).append(each)
    return {
        place
        for place, group in groups.items()
        if not any(each["correct"] for each in group)
        and float(np.std([each["reward"] for each in group])) < least
    }


def reinforce(
    loaded: Loaded,
    desk: Desk,
    settings: Mapping[str, Any],
    rewards: Sequence[str],
    credit: Credit,
    gate: Gate,
    min_spread: float,
    counterfactual: float,
    pace: Pace,
    probe_every: int,
) -> None:
    """Trains the model in place.

    Args:
        loaded: What is trained.
        desk: The stage's place in its run.
        settings: Of ``GRPOConfig``.
        rewards: By name.
        credit: How advantages are dealt to tokens.
        gate: Which groups are left out, and what that may cost.
        min_spread: Of an all-wrong group's rewards, from which it is learned from.
        counterfactual: The share of a reply's pay that hangs on its counterpart.
        pace: Of checkpoints.
        probe_every: Steps between quick checks.
    """
    made: Any = arguments.made(  # its optional numbers are set once it is made
        GRPOConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    learner = begun(credit, desk, made) if isinstance(credit, ByPrime) else None
    if (
        desk.checkpoint
        and gate.tries
        and gate.spent(step_of(desk.checkpoint), desk.curriculum.drawn)
    ):
        if learner is not None:
            keep(learner, desk)
        return  # killed when all was done
    made.generation_kwargs = silenced(unsayable(loaded.model, loaded.processor), made.use_vllm)
    judge = Judge(ByteTable(loaded.processor.tokenizer), desk.clock)
    rounds = -(-desk.steps // (made.steps_per_generation * made.num_iterations))
    rounds *= made.gradient_accumulation_steps
    callbacks: list[TrainerCallback] = [Watch(desk, pace, probe_every, rounds=gate.rounds)]
    if gate.tries:
        callbacks.insert(0, Spending(gate, desk))  # before it is asked whether to keep a checkpoint
    with _called(loaded.model.config, desk.origin):
        trainer = SurvivingGrpo(
            model=loaded.model,
            reward_funcs=judge.rewards(rewards),
            processing_class=loaded.processor,
            train_dataset=numbered(rounds * made.generation_batch_size // made.num_generations),
            callbacks=callbacks,
            args=made,
            credit=credit,
            judge=judge,
            scorer=scorer(credit, desk),
            online=learner,
        )
    if learner is not None and (trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled):
        raise TaskError(
            f"stage {desk.name}: the judge of its credit is whole in every process; train without "
            "FSDP and DeepSpeed, such as by torchrun alone"
        )
    refer(loaded, desk.origin)
    trainer.desk, trainer.gate, trainer.min_spread = desk, gate, min_spread
    trainer.counterfactual = counterfactual
    trainer.run()
    if learner is not None:
        keep(learner, desk)


def scorer(credit: Credit, desk: Desk) -> Scorer | None:
    """The judge of steps that credit goes by: one that the run made, or one from elsewhere.

    Raises:
        TaskError: There is none.
    """
    if not getattr(credit, "SCORED", False):
        return None
    word: str = credit.judge  # type: ignore[attr-defined]
    own = desk.record.judge(word)
    return found(str(own) if own.is_dir() else word)


@contextmanager
def _called(settings: Any, folder: Path) -> Iterator[None]:
    """Gives a model a name for the block: with ``beta`` TRL loads what it compares with by that."""
    name, settings._name_or_path = settings._name_or_path, str(folder)
    try:
        yield
    finally:
        settings._name_or_path = name


def silenced(tokens: Sequence[int], by_vllm: bool) -> dict[str, Any]:
    """Settings of generation under which some tokens are never drawn."""
    if not tokens:
        return {}
    if by_vllm:
        return {"logit_bias": {int(token): -100.0 for token in tokens}}
    return {"suppress_tokens": list(tokens)}
