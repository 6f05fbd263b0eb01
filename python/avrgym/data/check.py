"""A finished dataset proved: files, rows, words, pictures, duplicates, leaks."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym._core import TaskError
from avrgym.config import build, difference
from avrgym.data import layouts, manifest
from avrgym.data.contents import distinct
from avrgym.data.excluded import MANIFEST
from avrgym.data.exclusions import excluded, recorded
from avrgym.data.proof import shard as read
from avrgym.data.proof.findings import Finding, said
from avrgym.data.proof.repeats import Seen
from avrgym.data.proof.strangers import strangers
from avrgym.data.settings import Settings, makers
from avrgym.data.shards import shards
from avrgym.mixtures import Phase


def check(
    folder: str | Path,
    exclude: Iterable[str] = (),
    every_row: bool = False,
    hear: Callable[[int, int], None] = lambda _done, _of: None,
    note: Callable[[str], None] = warnings.warn,
) -> Iterator[Finding]:
    """Gives what is wrong with a dataset, as it is found; nothing if all holds.

    What is proved of the folder: there is nothing else in it, and the manifest's counts are right.
    What is proved of every row: it is what the manifest says, its content is that of its address,
    it stands where the mixture puts it, it has no more than the layout's columns, its picture is
    in the folder, and its content is neither excluded nor there twice. What
    is proved of some rows, or of every one if asked: all its words and its picture are made anew
    and compared, the picture by its pixels where another encoder wrote it.

    Args:
        folder: What :func:`avrgym.data.generate` wrote.
        exclude: What must not occur in it, besides what was excluded when it was written.
        every_row: Whether to make every row anew.
        hear: Called with how many rows are read, and of how many.
        note: Called with what may explain findings and is none: other versions wrote it.

    Raises:
        TaskError: There is no dataset there, its manifest is damaged, or a name stands for nothing
            to exclude.
    """
    folder = Path(folder)
    stated = manifest.load(folder)
    try:
        settings = layouts.settled(build(Settings, stated["settings"]))
    except (KeyError, TypeError, AttributeError, ValueError, TaskError) as wrong:
        yield Finding(MANIFEST, f"its settings are damaged: {said(wrong, folder)}")
        return
    if others := difference(makers(settings), stated["made_by"], "made_by"):
        note(
            f"{folder} was made by other versions, which may explain findings: {'; '.join(others)}"
        )
    more = excluded(exclude)
    own, damaged = recorded(folder, stated["excluded"])
    for name, what in damaged.items():
        yield Finding(f"{MANIFEST} excluded {name}", what)
    out = distinct(np.concatenate([own.known, more.known]))
    yield from strangers(folder, settings, stated)
    phases = settings.mixture.phases
    for name in stated["phases"].keys() - {phase.name for phase in phases}:
        yield Finding(MANIFEST, f"phases.{name} is none of its settings")
    total, done = sum(phase.size for phase in phases), 0
    for phase in phases:
        facts = stated["phases"].get(phase.name)
        expected = shards(folder, settings, phase)
        proved = []
        if facts is None or len(facts["shards"]) != len(expected):
            yield Finding(MANIFEST, f"it does not have all shards of phase {phase.name}")
            continue
        with TemporaryDirectory(prefix="avrgym-check-") as scratch:
            seen = Seen(Path(scratch), own.known, out)
            for shard, fact in zip(expected, facts["shards"], strict=True):
                if fact["file"] != shard.file:
                    yield Finding(MANIFEST, f"{fact['file']} stands where {shard.file} belongs")
                    proved.append(fact)
                    continue
                proved.append((yield from read.findings(shard, fact, every_row, seen)))
                done += shard.stop - shard.start
                hear(done, total)
            yield from seen.findings(phase.name, facts["duplicates"], settings.writing.duplicates)
        yield from _gave_way(phase, facts, seen, bool(damaged))
        # What was said of them above is not said again.
        right = manifest.of_phase(settings, phase, proved, facts["replaced"], facts["duplicates"])
        told = {"shards": facts["shards"]}
        for line in difference({**right, **told}, facts, f"phases.{phase.name}"):
            yield Finding(MANIFEST, line)


def _gave_way(phase: Phase, facts: dict[str, Any], seen: Seen, damaged: bool) -> Iterator[Finding]:
    """Whether as many rows were replaced as the manifest says, and for the reasons it says.

    Args:
        phase: Which.
        facts: What the manifest says of it.
        seen: All its rows.
        damaged: Whether what was excluded is not known, and so no reason.
    """
    gave_way, due = seen.moved, {key: facts["replaced"][key] for key in seen.moved}
    if sum(gave_way.values()) != sum(due.values()) or (not damaged and gave_way != due):
        yield Finding(
            phase.name,
            f"{_counted(gave_way)} rows were replaced, the manifest says {_counted(due)}",
        )


def _counted(gave_way: dict[str, int]) -> str:
    return " and ".join(f"{count} {reason}" for reason, count in gave_way.items())
