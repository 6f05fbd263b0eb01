"""Reinforcement through TRL's GRPO with the verifier's exact step credit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import IterableDataset
from transformers import PrinterCallback, TrainerState
from trl import GRPOConfig, GRPOTrainer

import avrgym
from avrgym.models.tokens import ByteTable
from avrgym.models.unsayable import unsayable
from avrgym.rewards import score
from avrgym.train.arguments import arguments
from avrgym.train.credit.steps import Steps, deal
from avrgym.train.models import Pair
from avrgym.train.settings import Run
from avrgym.train.stream import Diet, exercises

Watch = Callable[[dict[str, Any]], None]


class Judge:
    """TRL's reward function: asks the verifier once per batch and remembers what it said."""

    __name__ = "judge"  # TRL names its metrics after this

    def __init__(self, table: ByteTable, reward: str, watch: Watch) -> None:
        """A judge that has not judged.

        Args:
            table: Spells tokens.
            reward: One of ``avrgym.rewards``.
            watch: Told each batch's successes by level.
        """
        self.table = table
        self.reward = reward
        self.watch = watch
        self.verdicts: avrgym.Verdicts | None = None
        self.ids: list[list[int]] = []

    def __call__(
        self,
        completion_ids: list[list[int]],
        address: list[str],
        images: list[Any],
        trainer_state: TrainerState,
        **_: object,
    ) -> list[float]:
        """One reward per reply, in order."""
        self.ids = completion_ids
        self.verdicts = avrgym.verify(address, [self.table.text(ids) for ids in completion_ids])
        correct: dict[str, list[bool]] = {}
        for name, right in zip(address, self.verdicts.correct.tolist(), strict=True):
            correct.setdefault(level_of(name), []).append(right)
        for level, rights in sorted(correct.items()):
            self.watch(
                {
                    "event": "sampled",
                    "job": "grpo",
                    "step": trainer_state.global_step,
                    "modality": "image" if images[0] else "text",
                    "level": level,
                    "right": sum(rights),
                    "total": len(rights),
                }
            )
        points: list[float] = score(self.verdicts, self.reward).tolist()
        return points


def level_of(address: str) -> str:
    """The level's name in an address."""
    return address.partition("#")[0].partition("?")[0].partition("/")[2]


class StepCreditGRPO(GRPOTrainer):
    """GRPO whose advantages are dealt out to tokens by the judge's step verdicts."""

    judge: Judge

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        """As TRL does, with ``advantages`` of shape (n, tokens); TRL's loss takes either shape.

        Rows are in the order of ``inputs``: TRL shuffles afterwards.
        """
        scored: dict[str, Any] = super()._generate_and_score_completions(inputs)
        verdicts = self.judge.verdicts
        assert verdicts is not None, "rewards were just computed"
        ids = scored["completion_ids"].cpu().numpy()
        counts = np.array([len(row) for row in self.judge.ids], np.int64)
        dealt = deal(
            scored["advantages"].float().cpu().numpy(),
            self.judge.table.lengths[ids],
            counts,
            Steps.of(verdicts),
        )
        scored["advantages"] = torch.from_numpy(dealt).to(scored["advantages"].device)
        return scored


def reinforce(pair: Pair, run: Run, *, folder: Path, callbacks: list[Any], watch: Watch) -> None:
    """Trains the model in place; TRL may write to ``folder``, ``watch`` is told each batch."""
    plan = run.grpo
    model, processor = pair
    judge = Judge(ByteTable(processor.tokenizer), plan.reward, watch)
    common = arguments(run, plan, folder, rows=plan.prompts * plan.replies)
    rows = IterableDataset.from_generator(
        exercises,
        gen_kwargs={
            "diet": Diet(run.task, plan.levels, run.seed, run.evaluation.held_out, stream=2),
            "pictures": run.pictures,
            "batch": plan.prompts * plan.steps_per_generation,
            "text_every": plan.text_every,
        },
    )
    trainer: Any = (StepCreditGRPO if plan.credit == "step" else GRPOTrainer)(
        model=model,
        reward_funcs=[judge],  # type: ignore[list-item]  # asks for functions, takes any callable
        processing_class=processor,
        train_dataset=rows,
        callbacks=callbacks,
        args=GRPOConfig(
            **common,
            steps_per_generation=plan.steps_per_generation * common["gradient_accumulation_steps"],
            num_generations=plan.replies,
            max_completion_length=plan.max_reply,
            lr_scheduler_type="cosine",
            warmup_steps=plan.warmup_steps,
            temperature=plan.temperature,
            generation_kwargs={"suppress_tokens": unsayable(model, processor) or None},
            loss_type=plan.loss,
            beta=0.0,
            shuffle_dataset=False,  # TRL's shuffle buffer would draw 1,000 rows ahead
            mask_truncated_completions=False,
            logging_steps=5,
        ),
    )
    trainer.judge = judge
    trainer.remove_callback(PrinterCallback)
    trainer.train()
