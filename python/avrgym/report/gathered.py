"""What a page is about: runs and evaluations, each with its rows, in one table."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.analyses.table import Table
from avrgym.core.pictures import Picture
from avrgym.evaluate.folder import SETTINGS, Folder
from avrgym.report.stages import Told, stages
from avrgym.runs.record import Record


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One run or evaluation.

    Attributes:
        name: Of the folder, longer where two are called alike.
        folder: Where it is.
        settings: What was asked for.
        picture: How it drew, where a row says nothing else.
        events: Of a run, see :mod:`avrgym.runs.record`; none of an evaluation.
        stages: Of a run.
    """

    name: str
    folder: Path
    settings: Mapping[str, Any]
    picture: Picture
    events: Sequence[Mapping[str, Any]]
    stages: Sequence[Told]

    @property
    def is_run(self) -> bool:
        """Whether it was trained."""
        return not (self.folder / SETTINGS).exists()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Its rows in order, read anew."""
        return Record(self.folder).results() if self.is_run else Folder(self.folder).rows()


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Whose replies are told apart: a model after a stage of its run, or what was evaluated.

    Attributes:
        label: What the page calls it; each has its own.
        source: Where its rows are.
        stage: After which stage; empty of an evaluation.
    """

    label: str
    source: Source
    stage: str


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """All that a page is about.

    Attributes:
        sources: In the order in which they were given.
        subjects: Those with rows, source by source and stage by stage.
        table: All rows with a column ``who``, the label of a subject.
    """

    sources: Sequence[Source]
    subjects: Sequence[Subject]
    table: Table

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the table in its order, read anew: with replies, and with ``who``."""
        return _labelled(self.sources, self.subjects)


def gather(folders: Sequence[Path]) -> Gathered:
    """Reads folders of runs and evaluations; rows are streamed, and not kept but as a table.

    Raises:
        TaskError: A folder holds neither, or is given twice; or none is given.
    """
    if not folders:
        raise TaskError("no folder is given; give that of a run or an evaluation")
    known = Counter(folder.resolve() for folder in folders)
    if twice := [folder for folder in folders if known[folder.resolve()] > 1]:
        raise TaskError(f"{twice[0]} is given twice; give each folder once")
    sources = [_source(folder, name) for folder, name in zip(folders, _names(folders), strict=True)]
    subjects = [subject for source in sources for subject in _subjects(source, len(sources) < 2)]
    return Gathered(sources, subjects, Table.of(_labelled(sources, subjects)))


def _source(folder: Path, name: str) -> Source:
    if (folder / SETTINGS).exists():
        settings, events = Folder(folder).settings(), list[dict[str, Any]]()
    elif (folder / "run.json").exists():
        record = Record(folder)
        settings, events = record.settings(), list(record.events())
    else:
        raise TaskError(
            f"{folder} holds neither a run (run.json) nor an evaluation ({SETTINGS}); "
            "give the folder that train or evaluate wrote to"
        )
    held = dict(settings.get("picture", {}))
    if isinstance(held.get("size"), list):
        held["size"] = tuple(held["size"])
    source = Source(name, folder, settings, Picture(**held), events, ())
    if not source.is_run:
        return source
    measured = dict.fromkeys(row["stage"] for row in source.rows())
    told = stages(events, [{"stage": stage} for stage in measured])
    return Source(name, folder, settings, source.picture, events, told)


def _subjects(source: Source, alone: bool) -> Iterator[Subject]:
    """The subjects of a source; where there is no other, its name goes without saying."""
    if not source.is_run:
        yield Subject(source.name, source, "")
        return
    measured = {row["stage"] for row in source.rows()}
    for stage in source.stages:
        if stage.name in measured:
            said = stage.label if stage.first == stage.last == 0 else f"after {stage.label}"
            yield Subject(said if alone else f"{source.name}, {said}", source, stage.name)


def _labelled(sources: Sequence[Source], subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
    for source in sources:
        labels = {each.stage: each.label for each in subjects if each.source is source}
        for row in source.rows():
            yield row | {"who": labels[row["stage"]]}


def _names(folders: Sequence[Path]) -> list[str]:
    """The last part of each path, and of those that are alike as many as tell them apart."""
    paths = [folder.resolve().parts for folder in folders]
    deep = max(map(len, paths))
    for parts in range(1, deep):
        names = ["/".join(path[-parts:]) for path in paths]
        if len({*names}) == len(names):
            break
    return names
