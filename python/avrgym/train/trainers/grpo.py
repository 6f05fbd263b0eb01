"""GRPO whose prompts are drawn where replies are, and whose credit goes by the verifier's steps."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from avrgym.core.address import setting_of
from avrgym.core.extras import needs
from avrgym.models.load import Loaded, refer
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.prompts.prompt import Prompt
from avrgym.runs.record import ROLLOUTS
from avrgym.train import arguments
from avrgym.train.credit import Credit
from avrgym.train.curricula.occasion import Seen
from avrgym.train.desk import Desk
from avrgym.train.pace import Pace
from avrgym.train.trainers.credited import StepCreditTrainer
from avrgym.train.trainers.judge import Judge
from avrgym.train.trainers.surviving import Surviving, Watch, numbered

with needs("train"):
    import torch
    from trl import GRPOConfig


class SurvivingGrpo(Surviving, StepCreditTrainer):
    """Draws prompts where replies are: its rows are nothing but places.

    So a curriculum is asked with all that was observed before, and a run that goes on skips
    nothing. All processes draw the same prompts and take their own rows of them.
    """

    paid: list[list[float]]  # of the last batch, by reply and reward, before weights

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """As always, with rows that are drawn now, and told of afterwards."""
        arguments: Any = self.args  # of TRL, which its base class does not know
        count = arguments.generation_batch_size // self.num_generations
        with self.desk.clock.measure("environment"):
            drawn = self.desk.curriculum.draw(count)
        prompts = [drawn[row["at"] % count] for row in inputs]
        rows = self.desk.rows(prompts)
        scored = super()._generate_and_score_completions(rows)
        with self.desk.clock.measure("record"):
            self._tell(drawn, [row["at"] % count for row in inputs])
        return scored

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: list[list[int]]
    ) -> torch.Tensor:
        """As always; what this process's rows were paid is kept for the record."""
        paid = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        first = self.desk.processes.rank * len(inputs)
        self.paid = paid[first : first + len(inputs)].tolist()
        return paid

    def _tell(self, drawn: Sequence[Prompt], places: Sequence[int]) -> None:
        """Lets the curriculum and the record know how replies fared, in all processes alike."""
        verdicts, right = self.judge.verdicts, self.judge.right.tolist()
        weights = self.reward_weights.tolist()
        mine = [
            {
                "place": place,
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
        counts: dict[tuple[str, str], list[bool]] = {}
        for place, prompt in enumerate(drawn):
            fared = [each for each in told if each["place"] == place]
            correct = [each["correct"] for each in fared]
            paid = [each["reward"] for each in fared]
            seen.append(Seen(prompt, sum(correct), len(correct), float(np.mean(paid or [0.0]))))
            key = (setting_of(prompt.address), prompt.format.name)
            counts.setdefault(key, []).extend(correct)
            where = {"stage": self.desk.name, "step": self.state.global_step + 1}
            asked = {"address": prompt.address, "format": prompt.format.name}
            lines += [
                {**where, **asked, **{k: v for k, v in each.items() if k != "place"}}
                for each in fared
            ]
        self.desk.curriculum.observe(seen)
        self.desk.record.extend(lines, to=ROLLOUTS)
        self.desk.record.extend(
            {
                "event": "sampled",
                "stage": self.desk.name,
                "step": self.state.global_step + 1,
                "level": level,
                "format": format,
                "right": sum(right),
                "total": len(right),
            }
            for (level, format), right in sorted(counts.items())
        )


def reinforce(
    loaded: Loaded,
    desk: Desk,
    settings: Mapping[str, Any],
    rewards: Sequence[str],
    credit: Credit,
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
        pace: Of checkpoints.
        probe_every: Steps between quick checks.
    """
    made: Any = arguments.made(  # its optional numbers are set once it is made
        GRPOConfig, {**settings, "max_steps": desk.steps, "output_dir": str(desk.folder)}
    )
    made.generation_kwargs = silenced(unsayable(loaded.model, loaded.processor), made.use_vllm)
    judge = Judge(ByteTable(loaded.processor.tokenizer), desk.clock)
    rounds = -(-desk.steps // (made.steps_per_generation * made.num_iterations))
    rounds *= made.gradient_accumulation_steps
    with _called(loaded.model.config, desk.origin):
        trainer = SurvivingGrpo(
            model=loaded.model,
            reward_funcs=judge.rewards(rewards),
            processing_class=loaded.processor,
            train_dataset=numbered(rounds * made.generation_batch_size // made.num_generations),
            callbacks=[Watch(desk, pace, probe_every)],
            args=made,
            credit=credit,
            judge=judge,
        )
    refer(loaded, desk.origin)
    trainer.desk = desk
    trainer.run()


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
