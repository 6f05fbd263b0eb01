"""Sets of contents that must not occur, as a dataset keeps them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avrgym import _core
from avrgym.data.contents import Halves, distinct, halves
from avrgym.files.storage import aside
from avrgym.mixtures import Mixture

MANIFEST = "manifest.json"

#: Where a dataset keeps excluded contents that no address gives, and how such files end.
FOLDER = "excluded"
SUFFIX = "contents"


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
        """What a manifest says of it, enough for ``exclusions.recorded`` to have it again."""
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


def heads(mixture: Mixture) -> dict[str, range]:
    """A mixture's sources as addresses without an index, with the instances that each gives."""
    found: dict[str, range] = {}
    for phase in mixture.phases:
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            [first] = _core.canonical([part.source(mixture.seed).address(0)])
            head = first.removesuffix("0")
            stop = max(part.first + count, found[head].stop if head in found else 0)
            found[head] = range(part.first, stop)
    return found


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


def together(sets: Iterable[Set]) -> Excluded:
    """All sets' contents, each once."""
    sets = tuple(sets)
    pieces = [np.empty((0, 2), np.uint64), *(each.known for each in sets)]
    return Excluded(distinct(np.concatenate(pieces)), sets)


def distinct_of(pieces: Iterable[list[str]]) -> Halves:
    """Hashes that come in pieces, each once."""
    found = [np.empty((0, 2), np.uint64), *(halves(hashes) for hashes in pieces)]
    return distinct(np.concatenate(found))
