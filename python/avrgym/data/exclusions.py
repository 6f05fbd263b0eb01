"""Contents that must not occur in a dataset, and the many ways to name them."""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.data import containers, layouts
from avrgym.data.contents import Halves, among, distinct, halves
from avrgym.data.settings import Settings, Writing, from_json
from avrgym.files.storage import aside
from avrgym.mixtures import SUFFIXES, Mixture, load

MANIFEST = "manifest.json"

#: Where a dataset keeps excluded contents that no address gives, and how such files end.
FOLDER = "excluded"
SUFFIX = "contents"

_RANGE = re.compile(r"(?P<head>[^#]+#[^:]+:[^:]+):(?P<first>\d+)(?:-(?P<last>\d+))?")
_CHUNK = 16_384
_DROPPING = Writing(duplicates="drop")
_HELP = (
    "give a finished dataset's folder, addresses such as grid_navigation/hard#test:0:0-999, "
    "a mixture's TOML or YAML file, a file with a content hash a line, or a .contents file that a "
    "dataset keeps of what it excludes"
)


@dataclass(frozen=True, slots=True, eq=False)
class Set:
    """Contents under one name.

    Attributes:
        name: As given; of a path its last part, so that it is the same wherever the path leads.
        known: Each once, in order, uint64 (n, 2).
        addresses: The ranges of addresses that they are the contents of. Empty where nothing but
            the contents is known, which a dataset must then keep.
    """

    name: str
    known: Halves
    addresses: tuple[str, ...] = ()

    @property
    def file(self) -> str | None:
        """Where a dataset keeps the contents, within its folder; None if it need not."""
        return None if self.addresses else f"{FOLDER}/{self.name}.{SUFFIX}"

    @property
    def fact(self) -> dict[str, Any]:
        """What a manifest says of it, enough for :func:`recorded` to have it again."""
        where = {"addresses": list(self.addresses)} if self.addresses else {"file": self.file}
        return {
            "contents": len(self.known),
            "sha256": hashlib.sha256(packed(self.known)).hexdigest(),
            **where,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Excluded:
    """Contents that must not occur.

    Attributes:
        known: Each once, in order, uint64 (n, 2).
        sets: What they come from, sorted by name.
    """

    known: Halves
    sets: tuple[Set, ...]

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """What a manifest says of the sets, by name."""
        return {each.name: each.fact for each in self.sets}


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
    return _together(named.values())


def first_excluded(head: str, stop: int, names: Iterable[str]) -> tuple[str, str] | None:
    """The first of a source's addresses that is excluded, and by which name.

    Args:
        head: The source, as an address without an index.
        stop: How many addresses, from index 0 on.
        names: See :func:`excluded`.
    """
    sets = excluded(names).sets
    for start in range(0, stop, _CHUNK) if sets else ():
        pairs = halves(_core.contents(_span(head, start, min(start + _CHUNK, stop))))
        hits = [
            (int(at[0]), one) for one in sets if len(at := np.flatnonzero(among(pairs, one.known)))
        ]
        if hits:
            place, one = min(hits, key=itemgetter(0))
            return f"{head}{start + place}", one.name
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
                known = _distinct(piece for each in addresses for piece in _of_range(each))
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
    return _together(sets), wrong


def keep(out: Excluded, folder: Path, within: Path) -> None:
    """Writes the contents that nothing else gives, a file for each set, whole or not at all."""
    for each in out.sets:
        if each.file:
            with aside(folder / each.file, within) as path:
                path.write_bytes(packed(each.known))


def packed(pairs: Halves) -> bytes:
    """Contents as they are in a file: 16 bytes each, as their hexadecimal digits say."""
    return pairs.astype(">u8").tobytes()


def unpacked(file: bytes) -> Halves:
    """What :func:`packed` made bytes of.

    Raises:
        ValueError: There are bytes left over.
    """
    return np.frombuffer(file, ">u8").astype(np.uint64).reshape(-1, 2)


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


def _together(sets: Iterable[Set]) -> Excluded:
    sets = tuple(sets)
    pieces = [np.empty((0, 2), np.uint64), *(each.known for each in sets)]
    return Excluded(distinct(np.concatenate(pieces)), sets)


def _distinct(pieces: Iterable[list[str]]) -> Halves:
    found = [np.empty((0, 2), np.uint64), *(halves(hashes) for hashes in pieces)]
    return distinct(np.concatenate(found))


def _set(name: str) -> Set:
    """What a name stands for."""
    path = Path(name)
    addresses: tuple[str, ...] = ()
    in_place: list[str] = []
    pieces: Iterable[list[str]]
    if address_range(name):
        addresses = (name,)
    elif path.suffix.lower() in SUFFIXES and path.is_file():
        mixed = load(path)
        addresses = tuple(f"{head}0-{count - 1}" for head, count in heads(mixed).items())
        in_place = _dropped_for(mixed)
    if addresses:
        pieces = (piece for each in addresses for piece in _of_range(each))
    elif path.is_dir():
        pieces = _of_dataset(path)
    elif path.is_file():
        pieces = [_of_file(path)]
    else:
        raise TaskError(f"nothing to exclude at {name}; {_HELP}")
    known = _distinct([*pieces, in_place])
    if not len(known):
        raise TaskError(f"{name} has no contents to exclude")
    if in_place:  # no ranges of addresses, so a dataset has to keep the contents
        addresses = ()
    return Set(name if addresses == (name,) else path.resolve().name, known, addresses)


def _dropped_for(mixture: Mixture) -> list[str]:
    """Hashes of what stands in place of a mixture's duplicates where they are dropped."""
    from avrgym.data import plan  # which asks here what is excluded

    settings = Settings(mixture, _DROPPING)
    with TemporaryDirectory(prefix="avrgym-exclude-") as scratch:
        wanted = plan.spans(settings, Path(scratch))
        plan.find(settings, wanted)
        try:
            made = plan.make(settings, _together(()), wanted)
        except TaskError:  # nobody could have dropped them: too few contents are left
            return []
    named = zip(made.source.tolist(), made.new.tolist(), strict=True)
    return _core.contents([f"{made.heads[source]}{index}" for source, index in named])


def _of_range(name: str) -> Iterator[list[str]]:
    """The hashes of a range of addresses, in pieces.

    Raises:
        TaskError: It is none.
    """
    if not (span := address_range(name)):
        raise TaskError(f"{name} is no range of addresses")
    yield from _of_span(*span)


def _of_span(head: str, first: int, stop: int) -> Iterator[list[str]]:
    for start in range(first, stop, _CHUNK):
        yield _core.contents(_span(head, start, min(start + _CHUNK, stop)))


def _span(head: str, first: int, stop: int) -> list[str]:
    return [f"{head}{index}" for index in range(first, stop)]


def _of_file(path: Path) -> list[str]:
    """The hashes in a file: a line each, or as a dataset keeps those that it excludes."""
    if path.suffix == f".{SUFFIX}":
        try:
            return [f"{high:016x}{low:016x}" for high, low in unpacked(path.read_bytes()).tolist()]
        except ValueError:
            raise TaskError(f"{path} is cut off: it has no 16 bytes a content; {_HELP}") from None
    hashes = path.read_text("utf-8", "replace").lower().split()
    if wrong := next((text for text in hashes if not re.fullmatch("[0-9a-f]{32}", text)), None):
        raise TaskError(f"{path}: {wrong[:40]!r} is no content hash; {_HELP}")
    return hashes


def _of_dataset(folder: Path) -> Iterator[list[str]]:
    """The column ``content`` of a finished dataset."""
    file = MANIFEST
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        settings = from_json(manifest["settings"])
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
