"""Contents that must not occur in a dataset, and the many ways to name them."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.data import containers, layouts
from avrgym.data.contents import Halves, distinct, halves
from avrgym.data.settings import from_json
from avrgym.mixtures import Mixture, load

MANIFEST = "manifest.json"

_RANGE = re.compile(r"(?P<head>[^#]+#[^:]+:[^:]+):(?P<first>\d+)(?:-(?P<last>\d+))?")
_CHUNK = 16_384
_HELP = (
    "give a finished dataset's folder, addresses such as grid_navigation/hard#test:0:0-999, "
    "a mixture's TOML file, or a file with a content hash a line"
)


@dataclass(frozen=True, slots=True, eq=False)
class Excluded:
    """Contents that must not occur.

    Attributes:
        known: Each once, in order, uint64 (n, 2); 16 bytes each are held in memory.
        named: By name as given (the last part of a path): how many, and the hash of them all.
    """

    known: Halves
    named: dict[str, dict[str, Any]]


def excluded(names: Iterable[str]) -> Excluded:
    """What the names stand for.

    Raises:
        TaskError: One stands for nothing; the message says what can be given.
    """
    found, named = [np.empty((0, 2), np.uint64)], dict[str, dict[str, Any]]()
    for name in names:
        pieces = [halves(hashes) for hashes in _contents(name) if hashes]
        if not pieces:
            raise TaskError(f"{name} has no contents to exclude")
        mine = distinct(np.concatenate(pieces))
        label = name if "#" in name else Path(name).name
        while label in named:  # two folders of the same name
            label += "'"
        named[label] = {
            "contents": len(mine),
            "sha256": hashlib.sha256(mine.astype("<u8").tobytes()).hexdigest(),
        }
        found.append(mine)
    return Excluded(distinct(np.concatenate(found)), named)


def address_range(name: str) -> tuple[str, int, int] | None:
    """``task/level#split:seed:first-last`` as (head with its last colon, first, last), if it is."""
    if not (match := _RANGE.fullmatch(name)):
        return None
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        raise TaskError(f"{name} ends before it begins; give first-last")
    [canonical] = _core.canonical([f"{match['head']}:{first}"])
    return canonical.removesuffix(str(first)), first, last + 1


def heads(mixture: Mixture) -> dict[str, int]:
    """A mixture's sources as addresses without an index, with how many instances each gives."""
    found: dict[str, int] = {}
    for phase in mixture.phases:
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            [first] = _core.canonical([part.source(mixture.seed).address(0)])
            head = first.removesuffix("0")
            found[head] = max(found.get(head, 0), count)
    return found


def _contents(name: str) -> Iterator[list[str]]:
    """The hashes that a name stands for, in pieces."""
    if span := address_range(name):
        yield from _of_span(*span)
        return
    path = Path(name)
    if path.is_dir():
        yield from _of_dataset(path)
    elif path.suffix == ".toml" and path.is_file():
        for head, count in heads(load(path)).items():
            yield from _of_span(head, 0, count)
    elif path.is_file():
        hashes = path.read_text("utf-8", "replace").split()
        if wrong := next((text for text in hashes if not re.fullmatch("[0-9a-f]{32}", text)), None):
            raise TaskError(f"{name}: {wrong[:40]!r} is no content hash; {_HELP}")
        yield hashes
    else:
        raise TaskError(f"nothing to exclude at {name}; {_HELP}")


def _of_span(head: str, first: int, stop: int) -> Iterator[list[str]]:
    for start in range(first, stop, _CHUNK):
        stretch = range(start, min(start + _CHUNK, stop))
        yield _core.contents([f"{head}{index}" for index in stretch])


def _of_dataset(folder: Path) -> Iterator[list[str]]:
    """The column ``content`` of a finished dataset."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        settings = from_json(manifest["settings"])
        columns = layouts.get(settings.writing.layout).columns
        for phase in manifest["phases"].values():
            for shard in phase["shards"]:
                yield from containers.column(
                    settings.writing.container, folder / shard["file"], columns, "content"
                )
    except FileNotFoundError as wrong:
        raise TaskError(
            f"{folder} is no finished dataset ({Path(wrong.filename).name} is missing); {_HELP}"
        ) from None
    except (KeyError, TypeError, ValueError) as wrong:
        raise TaskError(f"{folder}: its manifest or data cannot be read: {wrong}") from None
