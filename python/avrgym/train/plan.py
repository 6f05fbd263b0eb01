"""What a run would do, without doing it: settings, prompts, tokens, pictures, memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from avrgym import config
from avrgym.models.load import Loaded
from avrgym.models.outline import Outline, empty, outlined
from avrgym.models.pretrained import processor
from avrgym.models.spec import Transformers
from avrgym.train import checks
from avrgym.train.beginning import begun
from avrgym.train.quiet import quieten
from avrgym.train.spec import Run
from avrgym.train.stages import Stage
from avrgym.train.stages.stage import apart

ASKED = 64  # prompts of each stage whose tokens are counted


@dataclass(frozen=True, slots=True)
class Budget:
    """What a stage takes.

    Attributes:
        name: The stage's.
        kind: What it does.
        steps: Optimiser steps.
        prompts: Drawn in all.
        pictures: Of them, how many show one.
        prompt_tokens: Mean of a prompt, its picture included.
        reply_tokens: Longest reply to learn from, or the room for one that is drawn.
        memory: Bytes of each process, estimated.
    """

    name: str
    kind: str
    steps: int
    prompts: int
    pictures: int
    prompt_tokens: float
    reply_tokens: int
    memory: int


def describe(run: Run, *, file: str = "") -> str:
    """The run as it would be gone through, for people; everything is checked that training checks.

    Of a pretrained model the weights are not loaded.

    Args:
        run: What would be done.
        file: Which file said so, for errors.

    Raises:
        TaskError: Something is wrong; it names the place and the remedy.
    """
    quieten()
    with checks.told(file):
        checks.settings(run)
        if isinstance(run.model, Transformers):
            prepare = processor(run.model)
            checks.ended(run, prepare)
            loaded = Loaded(empty(run.model), prepare)
        else:
            loaded = begun(run)
        checks.with_processor(run, loaded.processor)
        checks.positions(run, loaded)
    outline = outlined(run.model, loaded.model)
    budgets = list(_budgets(run, loaded, outline))
    suite = run.evaluation.settings(run.wording)
    times = 1 + sum(not apart(stage) for stage in run.planned())
    asked = len(suite) * run.evaluation.items * run.evaluation.replies
    lines = [
        json.dumps(config.table(run), indent=2, ensure_ascii=False),
        "",
        f"model: {outline.weights:,} weights, {outline.trained:,} of them trained",
        *(_line(budget) for budget in budgets),
        f"evaluation: {times} times up to {asked:,} replies "
        f"({len(suite)} levels, {', '.join(run.evaluation.formats)}, "
        f"{', '.join(run.evaluation.decodings)})",
    ]
    return "\n".join(lines)


def _line(budget: Budget) -> str:
    return (
        f"{budget.name} ({budget.kind}): {budget.steps:,} steps, {budget.prompts:,} prompts, "
        f"{budget.pictures:,} pictures, {budget.prompt_tokens:,.0f} tokens a prompt and up to "
        f"{budget.reply_tokens:,} a reply, about {_size(budget.memory)} a process"
    )


def _size(memory: int) -> str:
    return f"{memory / 2**30:.1f} GiB" if memory >= 2**30 else f"{memory / 2**20:.0f} MiB"


def _budgets(run: Run, loaded: Loaded, outline: Outline) -> Iterator[Budget]:
    for place, stage in enumerate(run.planned()):
        occasion = run.occasion(place, stage)
        curriculum = stage.curriculum.made(occasion)
        prompts = curriculum.sample(min(occasion.rows, ASKED))
        tokens = checks.tokens(loaded, prompts, run.picture)
        reply = max(checks.lengths(loaded.processor.tokenizer, prompts))
        reply = max(reply, stage.room)
        settings = _settings(stage, run)
        yield Budget(
            stage.name,
            stage.kind,
            run.steps(place, stage),
            occasion.rows,
            round(curriculum.pictured * occasion.rows),
            sum(tokens) / len(tokens),
            reply,
            outline.memory(
                rows=settings["per_device_train_batch_size"],
                tokens=max(tokens) + reply,
                drawn=settings.get("num_generations", 0) and _drawn(settings),
                half=bool(settings["bf16"]),
                checkpointing=bool(
                    settings.get("activation_checkpointing", settings["gradient_checkpointing"])
                ),
            ),
        )


def _settings(stage: Stage, run: Run) -> dict[str, Any]:
    return stage.settings(checks.common(run), 1)


def _drawn(settings: dict[str, Any]) -> int:
    """Replies that a process draws together."""
    return int(settings["per_device_train_batch_size"] * settings["steps_per_generation"])
