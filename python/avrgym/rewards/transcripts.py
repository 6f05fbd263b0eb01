"""Points for the twin, written down from the picture."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from avrgym.core.address import setting_of
from avrgym.core.samples import samples
from avrgym.core.sections import held
from avrgym.core.verdicts import Verdicts
from avrgym.rewards.shape import Points

Words: TypeAlias = list[list[str]]
T = TypeVar("T")

#: Samples of a setting that tell what is common to all its twins.
REFERENCES = 32


def transcription(verdicts: Verdicts, thoughts: bool) -> Points:
    """How much more of the twin's words stand at their place than the most common ones would."""
    return likeness(verdicts.addresses, verdicts.replies)


def likeness(
    addresses: Sequence[str], replies: Sequence[str | bytes], *, head: bool = False
) -> Points:
    """The same of n replies, float64 (n,), 1 for the twin; of their first lines if ``head``."""
    twins = _twins(addresses)
    return np.array(
        [
            _likeness(_head(said, twins[of]) if head else said, twins[of], _common(setting_of(of)))
            for said, of in zip(replies, addresses, strict=True)
        ],
        np.float64,
    )


def in_section(addresses: Sequence[str], replies: Sequence[str | bytes]) -> Points:
    """The same of what n replies say in their section ``transcribe``; 0 without a whole one."""
    said = held(replies, "transcribe")
    return likeness(addresses, ["" if each is None else each for each in said])


def same(
    addresses: Sequence[str], replies: Sequence[str | bytes], *, head: bool = False
) -> NDArray[np.bool_]:
    """Whether n replies are the twin, line by line and word by word; their first lines if ``head``.

    Returns:
        bool (n,).
    """
    twins = _twins(addresses)
    words = {of: _words(twin) for of, twin in twins.items()}
    return np.array(
        [
            _words(_head(said, twins[of]) if head else _text(said)) == words[of]
            for said, of in zip(replies, addresses, strict=True)
        ],
        np.bool_,
    )


def shaped(addresses: Sequence[str], replies: Sequence[str | bytes]) -> Points:
    """Whether replies have the twin's lines and words to a line, whichever words, 0 or 1, (n,)."""
    twins = {of: [len(line) for line in _words(twin)] for of, twin in _twins(addresses).items()}
    return np.array(
        [
            [len(line) for line in _words(_text(said))] == twins[of]
            for said, of in zip(replies, addresses, strict=True)
        ],
        np.float64,
    )


def _twins(addresses: Sequence[str]) -> dict[str, str]:
    asked = list(dict.fromkeys(addresses))
    return {of: sample.twin for of, sample in zip(asked, samples(asked), strict=True)}


def _text(said: str | bytes) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _head(said: str | bytes, twin: str) -> str:
    """As many lines of a reply as the twin has."""
    lines = _text(said).strip().splitlines()
    return "\n".join(lines[: len(twin.strip().splitlines())])


def _likeness(said: str | bytes, twin: str, common: Words) -> float:
    """Share of words at their place, corrected for chance as Cohen's kappa is (1960, eq. 1).

    Chance gets right of a twin what the words most common in its setting do, so those earn nothing.
    """
    wanted = _words(twin)
    chance = _agreement(common, wanted)
    agreement = _agreement(_words(_text(said)), wanted)
    # Where all twins are one, there is nothing to see and nothing to earn but the whole.
    return (
        max(agreement - chance, 0.0) / (1.0 - chance) if chance < 1.0 else float(agreement == 1.0)
    )


def _words(text: str) -> Words:
    return [line.split() for line in text.strip().splitlines()]


def _agreement(given: Words, wanted: Words) -> float:
    """Words at their place in their line, as a share of the longer text's words."""
    agree = sum(
        word == other
        for line, due in zip(given, wanted, strict=False)
        for word, other in zip(line, due, strict=False)
    )
    return agree / max(sum(map(len, given)), sum(map(len, wanted)), 1)


@lru_cache(maxsize=1024)
def _common(setting: str) -> Words:
    """A setting's most common words, each at its place, as far as most of its twins go."""
    twins = samples(f"{setting}#train:0:{index}" for index in range(REFERENCES))
    return [
        [_most_common(column) for column in _columns(line)]
        for line in _columns([_words(sample.twin) for sample in twins])
    ]


def _columns(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """What stands first in each row, then second, and so on, as far as most rows go."""
    length = _most_common([len(row) for row in rows])
    return [[row[at] for row in rows if at < len(row)] for at in range(length)]


def _most_common(things: Iterable[T]) -> T:
    return Counter(things).most_common(1)[0][0]
