"""What a page is about: runs and evaluations, each with its rows, in one table."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import realpath  # that of pathlib fails where links lead around in a circle
from pathlib import Path
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.analyses.table import Column, Table
from avrgym.core.pictures import Picture
from avrgym.evaluate.folder import SETTINGS, Folder
from avrgym.report.stages import Told, stages
from avrgym.runs.record import Record

#: The column of a table that says whose each row is.
WHO = "who"
_FROM = "source"


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
    known = Counter(map(realpath, folders))
    if twice := [folder for folder in folders if known[realpath(folder)] > 1]:
        raise TaskError(f"{twice[0]} is given twice; give each folder once")
    begun = [_source(folder, name) for folder, name in zip(folders, _names(folders), strict=True)]
    table = Table.of(row | {_FROM: at} for at, source in enumerate(begun) for row in source.rows())
    group, keys = table.by(_FROM, "stage") if len(table) else (np.zeros(0, np.int64), [])
    sources = [
        replace(source, stages=stages(source.events, [{"stage": key[1]} for key in mine]))
        if source.is_run
        else source
        for at, source in enumerate(begun)
        for mine in [[key for key in keys if key[0] == at]]
    ]
    subjects = [
        subject
        for at, source in enumerate(sources)
        for subject in _subjects(source, [k[1] for k in keys if k[0] == at], len(sources) < 2)
    ]
    # Places in the order of the subjects, so that whatever goes by them has their order.
    order = {subject.label: place for place, subject in enumerate(subjects)}
    owners = [_labels(source, subjects) for source in sources]
    codes = np.array([order[owners[at][stage]] for at, stage in keys], np.int64)[group]
    columns = {name: column for name, column in table.columns.items() if name != _FROM}
    whole = Table({**columns, WHO: Column(codes, tuple(order))}, table.steps)
    return Gathered(sources, subjects, whole)


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
    return Source(name, folder, settings, Picture(**held), events, ())


def _subjects(source: Source, measured: Collection[str], alone: bool) -> Iterator[Subject]:
    """The subjects of a source; where there is no other, its name goes without saying."""
    if not source.is_run:
        if measured:
            yield Subject(source.name, source, "")
        return
    for stage in source.stages:
        if stage.name in measured:
            said = stage.label if stage.first == stage.last == 0 else f"after {stage.label}"
            yield Subject(said if alone else f"{source.name}, {said}", source, stage.name)


def _labels(source: Source, subjects: Sequence[Subject]) -> Mapping[str, str]:
    """Labels of a source by stage; an evaluation has one, whatever its rows say."""
    labels = {each.stage: each.label for each in subjects if each.source is source}
    return labels if source.is_run else defaultdict(lambda: labels[""])


def _labelled(sources: Sequence[Source], subjects: Sequence[Subject]) -> Iterator[dict[str, Any]]:
    for source in sources:
        labels = _labels(source, subjects)
        for row in source.rows():
            yield row | {WHO: labels[row["stage"]]}


def _names(folders: Sequence[Path]) -> list[str]:
    """The last part of each path, and of those that are alike as many as tell them apart."""
    paths = [Path(realpath(folder)).parts for folder in folders]
    deep = max(map(len, paths))
    for parts in range(1, deep):
        names = ["/".join(path[-parts:]) for path in paths]
        if len({*names}) == len(names):
            break
    return names
