"""A policy measured: every level, format and decoding of an evaluation, a line a reply."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from avrgym._core import TaskError
from avrgym.core.score import Score
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.results import Completion, Key, judged
from avrgym.evaluate.suite import Evaluation
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt


class Ask(Protocol):
    """A policy, as :func:`avrgym.models.policy.replies` is with its model and picture given."""

    def __call__(
        self,
        prompts: Sequence[Prompt],
        /,
        *,
        decoding: Any,
        max_reply: int,
        batch: int,
        seed: int,
        draw: int,
    ) -> Sequence[Completion]:
        """One completion to each prompt, in order."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which of an evaluation's items a process takes: every ``of``-th, from ``rank`` on."""

    rank: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.of:
            raise TaskError(f"rank {self.rank} of {self.of} processes; give 0 to {self.of - 1}")


#: The share of one process alone.
EVERYTHING = Share()


@dataclass(frozen=True, slots=True)
class _Batch:
    prompts: list[Prompt]
    decoding: str
    draw: int


def items(evaluation: Evaluation, settings: Sequence[str], held_out: int) -> dict[str, list[str]]:
    """The samples that are asked about, by level; see :func:`evaluation_addresses`.

    Args:
        evaluation: What to measure.
        settings: The levels, :meth:`Evaluation.settings` with the run's wording.
        held_out: One content in so many is kept for evaluation.

    Raises:
        TaskError: A level has no such content; it names the level.
    """
    found = {
        setting: evaluation_addresses(
            setting,
            items=evaluation.items,
            held_out=held_out,
            split=evaluation.split,
            seed=evaluation.seed,
        )
        for setting in settings
    }
    for setting, addresses in found.items():
        if not addresses:
            raise TaskError(
                f"{setting} shows no content of split {evaluation.split} where one in {held_out} "
                "is held out; leave it out of the suite, or give a smaller held_out"
            )
    return found


def measure(
    ask: Ask,
    evaluation: Evaluation,
    stage: str,
    append: Callable[[dict[str, Any]], None],
    done: Collection[Key],
    *,
    settings: Sequence[str],
    held_out: int,
    share: Share = EVERYTHING,
) -> int:
    """Asks what was not asked yet, and writes a row for each reply as soon as its batch is judged.

    Batches are the same however often the work was interrupted: one that was written in part is
    asked whole again, and only what is missing is written. So what is drawn does not depend on it.

    Args:
        ask: The policy.
        evaluation: What to measure.
        stage: After which.
        append: Writes a row, see :meth:`avrgym.evaluate.results.Result.row`.
        done: Keys of the rows that are there, of this stage or all.
        settings: The levels, :meth:`Evaluation.settings` with the run's wording.
        held_out: One content in so many is kept for evaluation.
        share: This process's part of the items.

    Returns:
        How many rows were written.

    Raises:
        TaskError: A level has no held-out contents.
    """
    written = 0
    asked = items(evaluation, settings, held_out)
    for batch in _batches(evaluation, asked, share):
        keys = [
            (stage, prompt.address, prompt.format.name, batch.decoding, batch.draw)
            for prompt in batch.prompts
        ]
        missing = [key not in done for key in keys]
        if not any(missing):
            continue
        said = _ask(ask, evaluation, batch)
        rows = judged(batch.prompts, said, stage=stage, decoding=batch.decoding, draw=batch.draw)
        for result, lacks in zip(rows, missing, strict=True):
            if lacks:
                append(result.row())
                written += 1
    return written


def probe(
    ask: Ask,
    evaluation: Evaluation,
    *,
    settings: Sequence[str],
    held_out: int,
    size: int = 64,
) -> dict[tuple[str, str], Score]:
    """Greedy accuracy on a few samples of ``val``, by (level, format).

    All levels are asked together, because a batch costs little more than its longest reply.
    """
    found: dict[tuple[str, str], Score] = {}
    asked = items(replace(evaluation, split="val", items=size), settings, held_out)
    for name in evaluation.formats:
        prompts = [
            Prompt(address, Format.parse(name))
            for addresses in asked.values()
            for address in addresses
        ]
        said = _ask(ask, evaluation, _Batch(prompts, "greedy", 0))
        rows = iter(judged(prompts, said, stage="", decoding="greedy"))
        for setting, addresses in asked.items():
            right = sum(result.correct for result in islice(rows, len(addresses)))
            found[setting, name] = Score(right, len(addresses))
    return found


def _ask(ask: Ask, evaluation: Evaluation, batch: _Batch) -> Sequence[Completion]:
    return ask(
        batch.prompts,
        decoding=batch.decoding,
        max_reply=evaluation.max_reply,
        batch=evaluation.batch,
        seed=evaluation.seed,
        draw=batch.draw,
    )


def _batches(evaluation: Evaluation, asked: dict[str, list[str]], share: Share) -> Iterator[_Batch]:
    """What is asked together, level by level."""
    for addresses in asked.values():
        mine = addresses[share.rank :: share.of]
        for name in evaluation.formats:
            prompts = [Prompt(address, Format.parse(name)) for address in mine]
            for decoding in evaluation.decodings:
                for draw in range(evaluation.draws if decoding == "sampled" else 1):
                    for start in range(0, len(prompts), evaluation.batch):
                        yield _Batch(prompts[start : start + evaluation.batch], decoding, draw)
