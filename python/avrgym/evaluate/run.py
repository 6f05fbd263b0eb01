"""A policy measured: every level, format and decoding of an evaluation, a line a reply."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any, Protocol, TypeAlias, TypeVar

from avrgym._core import TaskError
from avrgym.core.pictures import Picture
from avrgym.core.score import Score
from avrgym.evaluate.heldout import evaluation_addresses
from avrgym.evaluate.results import Completion, Key, Result, asked, judged
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Question, drawn_at
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

T = TypeVar("T")

#: Writes rows, see :meth:`avrgym.evaluate.results.Result.row`: of a batch, as soon as it is judged.
Write: TypeAlias = Callable[[list[dict[str, Any]]], None]


class Ask(Protocol):
    """A policy, as :func:`avrgym.models.policy.replies` is with its model given."""

    def __call__(
        self,
        prompts: Sequence[Prompt],
        /,
        picture: Picture,
        *,
        decoding: Any,
        max_reply: int,
        batch: int,
        seed: int,
        draw: int,
        temperature: float,
        top_p: float,
    ) -> Sequence[Completion]:
        """One completion to each prompt, in order."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which of an evaluation's batches a process takes: one of every ``of``.

    Whole batches are dealt, so that what is drawn does not depend on how many processes there are.
    Which process begins moves on from round to round: pictures and words take turns among batches.
    """

    rank: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.of:
            raise TaskError(f"rank {self.rank} of {self.of} processes; give 0 to {self.of - 1}")

    def part(self, whole: Iterable[T]) -> Iterator[T]:
        """This process's part, in order."""
        for place, each in enumerate(whole):
            if (place + place // self.of) % self.of == self.rank:
                yield each


#: The share of one process alone.
EVERYTHING = Share()


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked together.

    Attributes:
        prompts: Of one level and format.
        picture: How those are drawn that show one.
        decoding: ``greedy`` or ``sampled``.
        draw: Which of several replies.
        temperature: At which they are drawn, where they are.
        top_p: From which share of the likeliest tokens, likewise.
    """

    prompts: list[Prompt]
    picture: Picture
    decoding: str
    draw: int
    temperature: float = 1.0
    top_p: float = 1.0

    @property
    def heat(self) -> dict[str, float]:
        """Temperature and top_p by name, as rows say them."""
        held = drawn_at(self.decoding, self.temperature, self.top_p)
        return dict(zip(("temperature", "top_p"), held, strict=True))

    def keys(self, stage: str) -> list[Key]:
        """What tells the replies' rows from all others."""
        how: dict[str, Any] = {"stage": stage, "decoding": self.decoding, "draw": self.draw}
        how |= self.heat
        return [asked(prompt, self.picture, **how) for prompt in self.prompts]

    def judged(
        self, said: Sequence[Completion], stage: str, policy: str, seed: int
    ) -> list[Result]:
        """The rows of its replies."""
        return judged(
            self.prompts,
            said,
            stage=stage,
            decoding=self.decoding,
            draw=self.draw,
            picture=self.picture,
            policy=policy,
            seed=seed,
            **self.heat,
        )


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
    write: Write,
    done: Collection[Key],
    *,
    settings: Sequence[str],
    held_out: int,
    picture: Picture,
    share: Share = EVERYTHING,
    policy: str = "",
) -> int:
    """Asks what was not asked yet, and writes a row for each reply as soon as its batch is judged.

    Batches are the same however often the work was interrupted: one that was written in part is
    asked whole again, and only what is missing is written. So what is drawn does not depend on it.

    Args:
        ask: The policy.
        evaluation: What to measure.
        stage: After which.
        write: Takes the rows of a batch.
        done: Keys of the rows that are there, of this stage or all.
        settings: The levels, :meth:`Evaluation.settings` with the run's wording.
        held_out: One content in so many is kept for evaluation.
        picture: How everything is drawn, where the evaluation says nothing else.
        share: This process's part of the batches.
        policy: What is asked, by name.

    Returns:
        How many rows were written.

    Raises:
        TaskError: A level has no held-out contents.
    """
    written = 0
    found = items(evaluation, settings, held_out)
    for batch in batches(evaluation, found, picture, share):
        missing = [key not in done for key in batch.keys(stage)]
        if not any(missing):
            continue
        said = _ask(ask, evaluation, batch)
        rows = batch.judged(said, stage, policy, evaluation.seed)
        new = [row.row() for row, lacks in zip(rows, missing, strict=True) if lacks]
        write(new)
        written += len(new)
    return written


def probe(
    ask: Ask,
    evaluation: Evaluation,
    *,
    settings: Sequence[str],
    held_out: int,
    picture: Picture,
    size: int = 64,
) -> dict[tuple[str, str], Score]:
    """Greedy accuracy on a few samples of ``val``, by (level, format).

    All levels are asked together, because a batch costs little more than its longest reply.
    """
    found: dict[tuple[str, str], Score] = {}
    chosen = items(replace(evaluation, split="val", items=size), settings, held_out)
    for name in evaluation.formats:
        prompts = [
            Prompt(address, Format.parse(name))
            for addresses in chosen.values()
            for address in addresses
        ]
        said = _ask(ask, evaluation, Batch(prompts, picture, "greedy", 0))
        rows = iter(judged(prompts, said, stage="", decoding="greedy"))
        for setting, addresses in chosen.items():
            right = sum(result.correct for result in islice(rows, len(addresses)))
            found[setting, name] = Score(right, len(addresses))
    return found


def _ask(ask: Ask, evaluation: Evaluation, batch: Batch) -> Sequence[Completion]:
    return ask(
        batch.prompts,
        batch.picture,
        decoding=batch.decoding,
        max_reply=evaluation.max_reply,
        batch=evaluation.batch,
        seed=evaluation.seed,
        draw=batch.draw,
        **batch.heat,
    )


def batches(
    evaluation: Evaluation,
    found: dict[str, list[str]],
    picture: Picture,
    share: Share = EVERYTHING,
) -> Iterator[Batch]:
    """What is asked together, level by level.

    Words alone are asked once, however many kinds of pictures there are.

    Args:
        evaluation: What to measure.
        found: The samples, see :func:`items`.
        picture: How everything is drawn, where the evaluation says nothing else.
        share: This process's part of the batches.
    """
    yield from share.part(_batches(evaluation, found, picture))


def _batches(
    evaluation: Evaluation, found: dict[str, list[str]], picture: Picture
) -> Iterator[Batch]:
    drawn = evaluation.pictures(picture)
    heat = {"temperature": evaluation.temperature, "top_p": evaluation.top_p}
    for addresses in found.values():
        for name, template in product(evaluation.formats, evaluation.templates):
            format = Format.parse(name)
            prompts = [Prompt(address, format, template) for address in addresses]
            for shown in drawn if format.pictured else drawn[:1]:
                for decoding in evaluation.decodings:
                    for draw in range(evaluation.draws if decoding == "sampled" else 1):
                        for start in range(0, len(prompts), evaluation.batch):
                            part = prompts[start : start + evaluation.batch]
                            yield Batch(part, shown, decoding, draw, **heat)


def questions(
    evaluation: Evaluation,
    found: dict[str, list[str]],
    picture: Picture,
    share: Share = EVERYTHING,
) -> Iterator[Question]:
    """The same as :func:`batches`, prompt by prompt, with all the replies that it asks for.

    Args:
        evaluation: What to measure.
        found: The samples, see :func:`items`.
        picture: How everything is drawn, where the evaluation says nothing else.
        share: This process's part of the questions.
    """
    yield from share.part(_questions(evaluation, found, picture))


def _questions(
    evaluation: Evaluation, found: dict[str, list[str]], picture: Picture
) -> Iterator[Question]:
    drawn = evaluation.pictures(picture)
    heat = evaluation.temperature, evaluation.top_p
    for addresses in found.values():
        for name, template in product(evaluation.formats, evaluation.templates):
            format = Format.parse(name)
            for shown, decoding in product(
                drawn if format.pictured else drawn[:1], evaluation.decodings
            ):
                draws = tuple(range(evaluation.draws if decoding == "sampled" else 1))
                for address in addresses:
                    prompt = Prompt(address, format, template)
                    yield Question(prompt, shown, decoding, draws, *heat)


def of(question: Question, draw: int) -> Batch:
    """One of a question's replies as a batch of its own."""
    heat = {"temperature": question.temperature, "top_p": question.top_p}
    return Batch([question.prompt], question.picture, question.decoding, draw, **heat)
