"""Content hashes as numbers: found, sorted and compared by the million at flat memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: One instance: its content hash in two halves, which source it is of, and its index there.
RECORD = np.dtype([("high", "<u8"), ("low", "<u8"), ("source", "<u4"), ("index", "<u8")])

Records: TypeAlias = NDArray[Any]
Halves: TypeAlias = NDArray[np.uint64]

# Records sorted at once: 28 MB of them, and about three times that while they are sorted.
_BUCKET = 1_000_000


def halves(hashes: Sequence[str]) -> Halves:
    """Hexadecimal hashes as numbers, uint64 (n, 2).

    Raises:
        ValueError: One is not 32 hexadecimal digits.
    """
    if any(len(text) != 32 for text in hashes):
        raise ValueError("a content hash has 32 hexadecimal digits")
    return np.frombuffer(bytes.fromhex("".join(hashes)), ">u8").astype(np.uint64).reshape(-1, 2)


def record(pairs: Halves, source: int, indices: NDArray[np.uint64]) -> Records:
    """Contents of instances of one source."""
    made = np.empty(len(pairs), RECORD)
    made["high"], made["low"] = pairs[:, 0], pairs[:, 1]
    made["source"], made["index"] = source, indices
    return made


def distinct(pairs: Halves) -> Halves:
    """Each content once, in order."""
    ordered = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    found: Halves = ordered[fresh]
    return found


def among(pairs: Halves, known: Halves) -> NDArray[np.bool_]:
    """Which contents are among known ones, bool (n,); the known ones as :func:`distinct` gives."""
    hit = np.isin(pairs[:, 0], known[:, 0])
    if hit.any():  # nearly never by half a hash alone
        places = np.flatnonzero(hit)
        near = known[np.isin(known[:, 0], pairs[places, 0])]
        exact = {(int(a), int(b)) for a, b in near}
        hit[places] = [(int(a), int(b)) in exact for a, b in pairs[places]]
    return hit


def repeated(chunks: Callable[[], Iterable[Records]], total: int) -> Iterator[Records]:
    """All instances but the first of each content, the first by (source, index).

    The same instance given twice is one instance. Records are looked at by ranges of their hash, so
    that memory depends on neither their number nor their order.

    Args:
        chunks: Gives the records, in pieces and any order, as often as it is called.
        total: About how many there are.
    """
    buckets = max(1, -(-total // _BUCKET))
    width = -(-(1 << 64) // buckets)
    for bucket in range(buckets):
        low, high = bucket * width, min((bucket + 1) * width, 1 << 64) - 1
        held = [
            chunk[(chunk["high"] >= np.uint64(low)) & (chunk["high"] <= np.uint64(high))]
            for chunk in chunks()
        ]
        mine = np.concatenate(held) if held else np.empty(0, RECORD)
        order = np.lexsort((mine["index"], mine["source"], mine["low"], mine["high"]))
        mine = mine[order]
        alike = np.zeros(len(mine), bool)
        alike[1:] = (mine["high"][1:] == mine["high"][:-1]) & (mine["low"][1:] == mine["low"][:-1])
        same = np.zeros(len(mine), bool)
        same[1:] = (
            alike[1:]
            & (mine["source"][1:] == mine["source"][:-1])
            & (mine["index"][1:] == mine["index"][:-1])
        )
        # What is given twice stands side by side, so the first instance is never among the rest.
        yield mine[alike & ~same]
