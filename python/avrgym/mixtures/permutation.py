"""Keyed permutations: a place goes to its own place without a list of the others."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 6


def key(name: str, purpose: str = "") -> NDArray[np.uint64]:
    """The keys of the rounds of one permutation, shape (6,).

    Args:
        name: Tells permutations of one purpose apart.
        purpose: Tells those of one name apart, at most 16 bytes.
    """
    digest = blake2b(name.encode(), digest_size=8 * _ROUNDS, person=purpose.encode()).digest()
    return np.frombuffer(digest, "<u8")


def shuffled(at: NDArray[np.uint64], size: int, key: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where places of a keyed permutation of [0, size) lead to, (n,).

    A Feistel network over the next power of four; what falls outside walks on until it is inside.
    A shuffle, not an even spacing: with that, a rank that takes every third row of three equal
    parts would see one part alone.

    Args:
        at: Places in [0, size), (n,).
        size: How many there are.
        key: What :func:`key` gives.
    """
    half = np.uint64(max(((size - 1).bit_length() + 1) // 2, 1))
    mask = np.uint64((1 << int(half)) - 1)
    place, out = at.copy(), np.arange(len(at))
    while len(out):
        left, right = place[out] >> half, place[out] & mask
        for i in range(_ROUNDS):
            left, right = right, left ^ (_mixed(right + key[i]) & mask)
        place[out] = (left << half) | right
        out = out[place[out] >= size]
    return place.astype(np.int64)


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
