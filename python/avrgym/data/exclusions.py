"""Contents that must not occur in a dataset, and the many ways to name them."""

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from os.path import isdir, isfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.config import build
from avrgym.core.arguments import quoted
from avrgym.data import containers, layouts, plan, ranges
from avrgym.data.contents import among, halves
from avrgym.data.excluded import (
    MANIFEST,
    SUFFIX,
    Excluded,
    Set,
    distinct_of,
    heads,
    together,
    unpacked,
)
from avrgym.data.settings import Settings, Writing
from avrgym.mixtures import SUFFIXES, Mixture, load

_DROPPING = Writing(duplicates="drop")
_HELP = (
    "give a finished dataset's folder, addresses such as grid_navigation/hard#test:0:0-999, "
    "a mixture's TOML or YAML file, a file with a content hash a line, or a .contents file that a "
    "dataset keeps of what it excludes"
)


def excluded(names: Iterable[str]) -> Excluded:
    """What the names stand for.

    Raises:
        TaskError: One stands for nothing; the message says what can be given.
    """
    # By digest as well, so that the order they are given in does not enter the bytes.
    given = {(each.name, each.fact["sha256"]): each for each in map(_set, names)}
    named: dict[str, Set] = {}
    for (name, _), each in sorted(given.items(), key=itemgetter(0)):
        while name in named:  # two folders of the same name
            name += "'"
        named[name] = replace(each, name=name)
    return together(named.values())


def first_excluded(head: str, given: range, names: Iterable[str]) -> tuple[str, str] | None:
    """The first of a source's addresses that is excluded, and by which name.

    Args:
        head: The source, as an address without an index.
        given: The indices of the addresses.
        names: See :func:`excluded`.
    """
    sets = excluded(names).sets
    start = given.start
    for hashes in ranges.hashes(head, given.start, given.stop) if sets else ():
        pairs = halves(hashes)
        hits = [
            (int(at[0]), one) for one in sets if len(at := np.flatnonzero(among(pairs, one.known)))
        ]
        if hits:
            place, one = min(hits, key=itemgetter(0))
            return f"{head}{start + place}", one.name
        start += len(hashes)
    return None


def recorded(folder: Path, facts: dict[str, Any]) -> tuple[Excluded, dict[str, str]]:
    """The sets that a manifest names, as far as they can be had again.

    Args:
        folder: The dataset's.
        facts: What :attr:`Excluded.facts` gave.

    Returns:
        The contents, and by name of a set what is wrong with it.
    """
    sets, wrong = [], dict[str, str]()
    for name, fact in facts.items():
        try:
            addresses = tuple(fact.get("addresses", ()))
            if addresses:
                known = distinct_of(chain.from_iterable(map(ranges.of, addresses)))
            else:
                known = unpacked((folder / fact["file"]).read_bytes())
            one = Set(name, known, addresses)
            if one.fact != fact:
                wrong[name] = f"they are not the {fact['contents']} contents of the manifest"
            sets.append(one)
        except FileNotFoundError:
            wrong[name] = f"{fact['file']}, which has the contents, is missing"
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as what:
            wrong[name] = f"its contents cannot be had again: {what}"
    return together(sets), wrong


def _set(name: str) -> Set:
    """What a name stands for."""
    path = Path(name)
    addresses: tuple[str, ...] = ()
    in_place: list[str] = []
    pieces: Iterable[list[str]]
    if ranges.found(name):
        addresses = (name,)
    elif path.suffix.lower() in SUFFIXES and isfile(path):
        mixed = load(path)
        addresses = tuple(
            f"{head}{given.start}-{given.stop - 1}" for head, given in heads(mixed).items()
        )
        in_place = _dropped_for(mixed)
    if addresses:
        pieces = chain.from_iterable(map(ranges.of, addresses))
    elif isdir(path):  # unlike Path's, false also of what no disk could have
        pieces = _of_dataset(path)
    elif isfile(path):
        pieces = [_of_file(path)]
    else:
        said = name if name.isprintable() else quoted(name)
        raise TaskError(f"nothing to exclude at {said}; {_HELP}")
    known = distinct_of([*pieces, in_place])
    if not len(known):
        raise TaskError(f"{name} has no contents to exclude")
    if in_place:  # no ranges of addresses, so a dataset has to keep the contents
        addresses = ()
    return Set(name if addresses == (name,) else path.resolve().name, known, addresses)


def _dropped_for(mixture: Mixture) -> list[str]:
    """Hashes of what stands in place of a mixture's duplicates where they are dropped."""
    settings = Settings(mixture, _DROPPING)
    with TemporaryDirectory(prefix="avrgym-exclude-") as scratch:
        wanted = plan.spans(settings, Path(scratch))
        plan.find(settings, wanted)
        try:
            made = plan.make(settings, together(()), wanted)
        except TaskError:  # nobody could have dropped them: too few contents are left
            return []
    named = zip(made.source.tolist(), made.new.tolist(), strict=True)
    return _core.contents([f"{made.heads[source]}{index}" for source, index in named])


def _of_file(path: Path) -> list[str]:
    """The hashes in a file: a line each, or as a dataset keeps those that it excludes."""
    try:
        held = path.read_bytes()
    except OSError as wrong:
        raise TaskError(f"{path}: cannot be read: {wrong.strerror or wrong}; {_HELP}") from None
    if path.suffix == f".{SUFFIX}":
        try:
            return [f"{high:016x}{low:016x}" for high, low in unpacked(held).tolist()]
        except ValueError:
            raise TaskError(f"{path} is cut off: it has no 16 bytes a content; {_HELP}") from None
    hashes = held.decode("utf-8", "replace").lower().split()
    if odd := next((text for text in hashes if not re.fullmatch("[0-9a-f]{32}", text)), None):
        raise TaskError(f"{path}: {odd[:40]!r} is no content hash; {_HELP}")
    return hashes


def _of_dataset(folder: Path) -> Iterator[list[str]]:
    """The column ``content`` of a finished dataset."""
    file = MANIFEST
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        settings = build(Settings, manifest["settings"])
        columns = layouts.of(settings.writing).columns
        for phase in manifest["phases"].values():
            for shard in phase["shards"]:
                file, count = str(shard["file"]), 0
                for hashes in containers.column(
                    settings.writing.container, folder / file, columns, "content"
                ):
                    halves(hashes)  # here, where the file is known that has none
                    yield hashes
                    count += len(hashes)
                if count != shard["rows"]:  # the rest of it would leak
                    raise ValueError(f"it has {count} rows, the manifest says {shard['rows']}")
    except FileNotFoundError:  # not every library says which file it is
        raise TaskError(f"{folder} is no finished dataset ({file} is missing); {_HELP}") from None
    except (OSError, KeyError, TypeError, AttributeError, ValueError, tarfile.TarError) as wrong:
        what = f"{wrong} is missing" if isinstance(wrong, KeyError) else wrong
        raise TaskError(
            f"{folder}: {file} is damaged: {what}; avrgym data check {folder} says more"
        ) from None
