"""Datasets as users of procedural text tasks know them: entries, and a score for an answer.

:func:`create_dataset` needs no other package; :func:`register` puts the tasks into reasoning-gym's
own registry, so that all it has works on them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, SupportsIndex, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import made, table, truth, whole
from avrgym.core.extras import remedy
from avrgym.core.pictures import Size
from avrgym.core.samples import TASKS, Sample, Source, levels
from avrgym.core.verdicts import Verdict, verify
from avrgym.prompts.format import Format
from avrgym.prompts.formats import chat, prompt, target
from avrgym.rewards import right

Entry: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The first ``size`` samples of a source, in one format.

    Attributes:
        source: Where the samples come from.
        size: How many there are.
        format: What the model is shown and what it is asked for: one of ``avrgym.FORMATS``, with
            ``-direct`` behind it for the answer alone.
        rationale: Whether worked steps are wanted before the answer.
    """

    source: Source
    size: int
    format: str = "image"
    rationale: bool = True

    def __post_init__(self) -> None:
        made("source", self.source, Source)
        object.__setattr__(self, "size", whole("size", self.size, 1, 2**63 - 1))
        asked = Format.of(self.format, truth("rationale", self.rationale))
        object.__setattr__(self, "format", asked.name)
        object.__setattr__(self, "rationale", asked.rationale)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Entry]:
        return (self[i] for i in range(self.size))

    @overload
    def __getitem__(self, index: SupportsIndex) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Entry | list[Entry]:
        """One entry, or a list of those in a slice.

        Returns:
            ``question``: all words that the model is given (in format ``text`` the twin too).
            ``answer``: the bare answer; in format ``image_to_text`` the twin.
            ``prompt``, ``completion``: the same as chat messages, the picture as a placeholder.
            ``metadata``: ``source_dataset``, ``source_index``, ``difficulty`` (the level and what
            makes this sample hard, by name), ``address``, ``content``, ``split``, ``format``,
            ``twin``, ``rationale``.

        Raises:
            IndexError: No such entry.
            TypeError: It is neither an integer nor a slice.
            TaskError: A slice has more than 2**20 entries.
        """
        if isinstance(index, slice):
            places = range(self.size)[index]
            samples = self.source.samples(places)
            return [self._entry(i, sample) for i, sample in zip(places, samples, strict=True)]
        at = range(self.size)[index]
        return self._entry(at, self.source[at])

    def _entry(self, index: int, sample: Sample) -> Entry:
        messages = chat(sample, self.format)
        transcribes = Format.parse(self.format).transcribes
        return {
            "question": prompt(sample, self.format),
            "answer": sample.twin if transcribes else sample.answer,
            "prompt": messages.prompt,
            "completion": messages.completion,
            "metadata": {
                "source_dataset": self.source.task,
                "source_index": index,
                "difficulty": {"level": self.source.level, **sample.features},
                "address": sample.address,
                "content": sample.content,
                "split": self.source.split,
                "format": self.format,
                "twin": sample.twin,
                "rationale": sample.rationale,
            },
        }

    def score_answer(self, answer: str | None, entry: Entry) -> float:
        """1.0 for a right answer, else 0.0; there is no partial credit.

        Args:
            answer: A full reply, judged by the reply grammar, or a bare answer. In format
                ``image_to_text`` the transcript, which must be the twin, spacing aside.
            entry: An entry of this or of any other dataset.
        """
        if answer is None:
            return 0.0
        metadata = entry["metadata"]
        address = metadata["address"]
        if Format.parse(metadata["format"]).transcribes:
            return float(right(verify([address], [answer]), metadata["format"])[0])
        # On one line, so that a bare answer followed by talk is no answer.
        bare = f"Answer: {' '.join(answer.split())}"
        full, alone = verify([address] * 2, [answer, bare])
        return float(full.correct or (full.outcome == "unparsed" and alone.correct))

    def verify(self, reply: str | bytes, entry: Entry) -> Verdict:
        """All that is known of a full reply, its steps included."""
        return verify([entry["metadata"]["address"]], [reply])[0]

    def image(
        self, index: int, size: Size = 448, theme: str = "paper", *, insist: bool = False
    ) -> NDArray[np.uint8]:
        """The picture of an entry, uint8, shape (height, width, 3), RGB.

        Raises:
            IndexError: No such entry.
            TaskError: The theme or the size is wrong, or the picture could not be read: see
                ``avrgym.legible_size``, or insist.
        """
        indices = [range(self.size)[index]]
        picture: NDArray[np.uint8] = self.source.images(indices, size, theme, insist=insist)[0]
        return picture

    def target(self, index: int) -> str:
        """The reply to learn from.

        Raises:
            IndexError: No such entry.
        """
        return target(self.source[range(self.size)[index]], self.format)


def create_dataset(
    name: str,
    *,
    size: int = 500,
    seed: int = 0,
    level: str = "simple",
    split: str = "train",
    params: Mapping[str, object] | None = None,
    format: str = "image",
    rationale: bool = True,
    held_out: int | None = None,
) -> Dataset:
    """A dataset of one task.

    Args:
        name: One of ``avrgym.TASKS``.
        size: How many entries; none is made before it is asked for.
        seed: Which dataset, in [0, 2**64); seeds share nothing but chance repeats.
        level: One of ``avrgym.levels(name)``.
        split: ``train``, ``val`` or ``test``.
        params: Overrides of the level's parameters.
        format: One of ``avrgym.FORMATS``, with ``-direct`` behind it for the answer alone.
        rationale: Whether worked steps are wanted before the answer; ``-direct`` wants none.
        held_out: If given, one content in so many is kept for evaluation: split ``train`` shows
            none of those, ``val`` and ``test`` nothing else, and no content is in both. As in
            ``avrgym.Source``.

    Raises:
        TaskError: An argument names nothing or is out of its range.
    """
    source = Source(
        name, level, split=split, seed=seed, params=table("params", params), held_out=held_out
    )
    return Dataset(source, size, format, rationale)


#: What every task is called in reasoning-gym's registry begins with.
PREFIX = "avrgym_"


@dataclass
class Config:
    """What reasoning-gym makes a dataset of; its curricula move ``level``.

    Attributes:
        size: How many entries there are.
        seed: Which dataset; a random one if None, as everywhere in reasoning-gym.
        level: One of ``avrgym.levels(task)``.
        split: ``train``, ``val`` or ``test``.
        format: One of ``avrgym.FORMATS``. With ``text`` the question has the whole problem in
            words; with a format that shows a picture, ``dataset.image(index)`` is that.
        params: Overrides of the level's parameters. In style ``full``, unless said otherwise, the
            rules and the form of a reply are told.
        held_out: As in ``avrgym.Source``.
    """

    size: int = 500
    seed: int | None = None
    level: str = "simple"
    split: str = "train"
    format: str = "text"
    params: dict[str, Any] | None = None
    held_out: int | None = None

    def validate(self) -> None:
        """Refuses what no task has; what one task has not its dataset refuses.

        Raises:
            TaskError: The size, the seed, the format or the parameters are wrong.
        """
        whole("size", self.size, 1, 2**63 - 1)
        Format.parse(self.format)
        table("params", self.params)
        if self.seed is not None:
            whole("seed", self.seed, 0, 2**64 - 1)


def register() -> tuple[str, ...]:
    """Puts the tasks into reasoning-gym's registry: ``reasoning_gym.create_dataset`` makes them.

    Composites, reseeding and curricula of reasoning-gym work on them as on its own; a curriculum
    has one attribute, ``level``, which climbs the task's ladder. Called again it changes nothing.

    Returns:
        The names, such as ``avrgym_grid_navigation``.

    Raises:
        TaskError: reasoning-gym is not installed.
    """
    try:
        from reasoning_gym.coaching import BaseCurriculum, ScalarAttributeDefinition
        from reasoning_gym.dataset import ProceduralDataset
        from reasoning_gym.factory import DATASETS, register_dataset
    except ImportError:
        raise TaskError(f"reasoning-gym is not installed; {remedy('reasoning-gym')}") from None

    class Registered(ProceduralDataset):
        """A task as reasoning-gym has it: entries without end, of which ``size`` are iterated."""

        task = ""

        def __init__(self, config: Config) -> None:
            super().__init__(config=config, seed=config.seed, size=config.size)
            params = {"style": "full", **(config.params or {})}
            source = Source(
                self.task, config.level, config.split, self.seed, params, config.held_out
            )
            self.all = Dataset(source, 2**63 - 1, config.format)

        def __getitem__(self, idx: int) -> Entry:
            entry = self.all[idx]
            metadata = entry["metadata"]
            # By this name composites find the dataset again, and by this difficulty alone, without
            # what differs from sample to sample, score boards count.
            metadata["source_dataset"] = PREFIX + self.task
            metadata["features"] = metadata["difficulty"]
            metadata["difficulty"] = {"level": self.config.level}
            return entry

        def score_answer(self, answer: str | None, entry: Entry) -> float:
            return self.all.score_answer(answer if isinstance(answer, str) else None, entry)

        def image(self, idx: int, size: Size = 448, theme: str = "paper") -> NDArray[np.uint8]:
            """The picture of an entry, as ``avrgym.Dataset.image`` draws it."""
            return self.all.image(idx, size, theme)

        def __reduce__(self) -> tuple[Any, ...]:
            return _again, (self.task, {**asdict(self.config), "seed": self.seed})

    class Ladder(BaseCurriculum):
        """The levels of the ladder, the easiest first."""

        task = ""

        def __init__(self) -> None:
            super().__init__(type(self).__name__, Config)
            rungs = [level for level in levels(self.task) if level.startswith("rung")]
            self._define_attributes(
                ScalarAttributeDefinition(
                    name="level", field_name="level", levels=rungs, description="The rung"
                )
            )

    for task in TASKS:
        if PREFIX + task not in DATASETS:
            title = task.title().replace("_", "")
            register_dataset(
                PREFIX + task,
                type(f"{title}Dataset", (Registered,), {"task": task}),
                Config,
                type(f"{title}Curriculum", (Ladder,), {"task": task}),
            )
    return tuple(PREFIX + task for task in TASKS)


def _again(task: str, settings: dict[str, Any]) -> Any:
    """A dataset of reasoning-gym in another process."""
    register()
    import reasoning_gym

    return reasoning_gym.create_dataset(PREFIX + task, **settings)
