"""Preference by the verifier: of a model's own replies to a sample, a right one over a wrong one.

The wrong reply is cut after its first wrong step, and paired with the right reply that shares the
longest beginning with it. Where two replies agree their tokens cancel in the loss, so the
preference lands on the step where they part. A reply that was cut did not end there, so the token
that ends the turn is not held against it.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForVisionPreference

import avrgym
from avrgym.train.arguments import arguments
from avrgym.train.models import Pair, replies
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
        data_collator=Unended(processor),
        callbacks=callbacks,
        args=DPOConfig(
            **arguments(run, plan, folder, rows=plan.batch),
            lr_scheduler_type="cosine",
            beta=plan.beta,
            # The sigmoid alone drives both log-probabilities down and destroys a small model.
            loss_type=["sigmoid", "sft"],
            max_length=None,  # cutting a row would cut its picture's tokens
            remove_unused_columns=False,  # the collator reads `cut`
            logging_steps=5,
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def preferences(pair: Pair, run: Run) -> list[Row]:
    """Pairs of the model's own replies, most of them on pictures.

    Returns:
        Rows with ``prompt``, ``images``, ``chosen``, ``rejected`` (messages), ``cut`` (whether the
        rejected reply went on) and ``address``.
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
        for found in contrasts(repeated, said):
            rows.append(
                asking[found.address]
                | {
                    "chosen": _said(found.chosen),
                    "rejected": _said(found.rejected),
                    "cut": found.cut,
                }
            )
    return rows


class Unended:
    """TRL's collator of preferences, but for the end of the turn in rejected replies that were cut.

    Their end is no part of what the model said, so what ends a turn, and what a template puts
    behind that, is taken out of the completion that is scored.
    """

    def __init__(self, processor: Any) -> None:
        """Collates for a processor with a tokenizer and a chat template."""
        self._collate = DataCollatorForVisionPreference(processor=processor, max_length=None)
        self._end = processor.tokenizer.eos_token_id

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch as TRL has it: chosen replies, then rejected ones."""
        cut = [example["cut"] for example in examples]
        batch: dict[str, Any] = self._collate(examples)
        scored = batch["completion_mask"]
        ends = (batch["input_ids"] == self._end) & scored.bool()
        for row in (len(cut) + at for at, was in enumerate(cut) if was):
            if (places := ends[row].nonzero()).numel():
                scored[row, int(places[-1]) :] = 0
        return batch


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two replies to a sample.

    Attributes:
        address: The sample's.
        chosen: A right reply.
        rejected: A wrong one, up to its first wrong step.
        cut: Whether it went on from there.
    """

    address: str
    chosen: bytes
    rejected: bytes
    cut: bool


def contrasts(addresses: Sequence[str], said: Sequence[bytes]) -> Iterator[Contrast]:
    """Of a sample with right and wrong replies one contrast for each distinct wrong one.

    Args:
        addresses: Equal ones adjacent.
        said: A reply to each.
    """
    judged = zip(addresses, said, avrgym.verify(addresses, said), strict=True)
    for address, group in groupby(judged, key=lambda item: item[0]):
        right: dict[bytes, None] = {}
        wrong: dict[bytes, bool] = {}
        for _, reply, verdict in group:
            if verdict.correct and verdict.first_error is None:
                right[reply] = None
            elif not verdict.correct and verdict.first_error is not None:
                end = verdict.steps[verdict.first_error].end
                wrong.setdefault(reply[:end], end < len(reply))
            elif not verdict.correct:
                wrong[reply] = False
        for reply, cut in wrong.items() if right else ():
            yield Contrast(address, max(right, key=partial(_shared, reply)), reply, cut)


def _shared(one: bytes, other: bytes) -> int:
    """Bytes until two replies part."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _said(reply: bytes) -> list[Row]:
    return [{"role": "assistant", "content": reply.decode("utf-8", "replace")}]
