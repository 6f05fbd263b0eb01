"""Preference by the verifier: of a model's own replies to a sample, a right one over a wrong one.

The wrong reply is cut after its first wrong step, and paired with the right reply that shares the
longest beginning with it. Where two replies agree their tokens cancel in the loss, so the
preference lands on the step where they part.
"""

import copy
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback
from trl import DPOConfig, DPOTrainer

import avrgym
from avrgym.train.arguments import arguments
from avrgym.train.checkpoints import Pair
from avrgym.train.evaluate import replies
from avrgym.train.settings import Modality, Run
from avrgym.train.stream import Diet, Row, prompts, training_addresses


def prefer(pair: Pair, run: Run, *, folder: Path, callbacks: list[Any]) -> None:
    """Trains the model in place; TRL may write to ``folder``."""
    plan = run.dpo
    model, processor = pair
    rows = preferences(pair, run)
    trainer = DPOTrainer(
        model=model,
        ref_model=None if run.pretrained.lora_rank else copy.deepcopy(model),
        processing_class=processor,
        train_dataset=Dataset.from_list(rows),
        callbacks=callbacks,
        args=DPOConfig(
            **arguments(run, plan, folder, rows=plan.batch),
            lr_scheduler_type="cosine",
            beta=plan.beta,
            # The sigmoid alone drives both log-probabilities down and destroys a small model.
            loss_type=["sigmoid", "sft"],
            max_length=None,  # cutting a row would cut its picture's tokens
            logging_steps=5,
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def preferences(pair: Pair, run: Run) -> list[Row]:
    """Pairs of the model's own replies, most of them on pictures.

    Returns:
        Rows with ``prompt``, ``images``, ``chosen``, ``rejected`` (messages) and ``address``.
    """
    plan = run.dpo
    drawn = training_addresses(
        Diet(run.task, plan.levels, run.seed, run.evaluation.held_out, stream=3)
    )
    addresses = list(islice(drawn, plan.samples))
    rows: list[Row] = []
    texts = round(plan.samples * plan.text_share)
    shares: list[tuple[Modality, list[str]]] = [
        ("text", addresses[:texts]),
        ("image", addresses[texts:]),
    ]
    for modality, asked in shares:
        repeated = [address for address in asked for _ in range(plan.replies)]
        if not repeated:
            continue
        said = replies(
            *pair,
            repeated,
            modality=modality,
            decoding="sampled",
            pictures=run.pictures,
            max_reply=run.evaluation.max_reply,
            batch=run.evaluation.batch,
            seed=run.seed,
        )
        asking = {row["address"]: row for row in prompts(asked, modality, run.pictures)}
        for address, chosen, rejected in contrasts(repeated, said):
            rows.append(asking[address] | {"chosen": _said(chosen), "rejected": _said(rejected)})
    return rows


def contrasts(
    addresses: Sequence[str], said: Sequence[bytes]
) -> Iterator[tuple[str, bytes, bytes]]:
    """For a sample with right and wrong replies, (address, right, wrong) per distinct wrong one.

    Args:
        addresses: Equal ones adjacent.
        said: A reply to each.
    """
    judged = zip(addresses, said, avrgym.verify(addresses, said), strict=True)
    for address, group in groupby(judged, key=lambda item: item[0]):
        right: dict[bytes, None] = {}
        wrong: dict[bytes, None] = {}
        for _, reply, verdict in group:
            if verdict.correct and verdict.first_error is None:
                right[reply] = None
            elif not verdict.correct and verdict.first_error is not None:
                wrong[reply[: verdict.steps[verdict.first_error].end]] = None
            elif not verdict.correct:
                wrong[reply] = None
        for reply in wrong if right else ():
            yield address, max(right, key=partial(_shared, reply)), reply


def _shared(one: bytes, other: bytes) -> int:
    """Bytes until two replies part."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _said(reply: bytes) -> list[Row]:
    return [{"role": "assistant", "content": reply.decode("utf-8", "replace")}]
