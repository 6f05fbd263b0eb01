"""What a judge learns from, in order: replies that were drawn, and rationales with errors put in.

Errors of a policy are few where it is good, and hardly ever of all skills; those that are put in
can be had of any, and as pairs of which nothing but the picture says which is right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.models.completion import Completion
from avrgym.prm.corpus import tampered
from avrgym.prm.data import Labelled, balanced, of_completions
from avrgym.prm.twins import Twins, twins
from avrgym.prompts.format import Format

_ROUNDS = 1_000  # of twins of one seed, before they are those of the next
_IDLE = 64  # rounds in a row that make none, until there are none to be had
_NOTHING = (
    "no problem of these has worked steps that an error can be put into; leave twins and corrupted "
    "out, or give levels and formats that have"
)


def lessons(
    rows: Sequence[Labelled],
    count: int,
    seed: int,
    *,
    balance: float = 0.5,
    corrupted: float = 0.0,
    paired: float = 0.0,
) -> tuple[list[Labelled], NDArray[np.int64]]:
    """Rows to learn from, and in which order.

    Args:
        rows: Replies that were drawn, 1 or more; of their problems are the others.
        count: How many lessons are wanted.
        seed: Of the order, and of what is put in.
        balance: See :func:`avrgym.prm.data.balanced`, of replies and of rationales alike.
        corrupted: Share of the lessons, 0 to 1, that are rationales as they are or with one error,
            see :func:`avrgym.prm.corpus.tampered`.
        paired: Share that are twins, see :func:`avrgym.prm.twins.twins`, of which only the step is
            learned that differs. Both of a pair follow each other.

    Returns:
        Rows, of which the first are the given ones, and indices of rows, int64 (count,).

    Raises:
        TaskError: No problem has steps to tamper with.
    """
    pairs = min(round(count * paired / 2), count // 2)
    single = round((count - 2 * pairs) * (corrupted / (1 - paired) if paired < 1 else 0))
    drawn = balanced(rows, count - 2 * pairs - single, seed, balance)
    if not (pairs or single):
        return list(rows), drawn
    pool, units = list(rows), [[int(at)] for at in drawn]
    if single:
        mine = _tampered(rows, seed)
        units += [[len(pool) + int(at)] for at in balanced(mine, single, seed, balance)]
        pool += mine
    if pairs:
        both = _pairs(rows, pairs, seed)
        first = len(pool)
        units += [[first + 2 * at, first + 2 * at + 1] for at in range(len(both))]
        pool += chain.from_iterable(both)
    order = np.random.default_rng([seed, count]).permutation(len(units))
    return pool, np.fromiter(chain.from_iterable(units[at] for at in order), np.int64)[:count]


def _asked(rows: Sequence[Labelled]) -> Iterator[tuple[Format, str, list[str]]]:
    """The problems of rows by how they were asked, each once."""
    kinds: dict[tuple[Format, str], dict[str, None]] = {}
    for row in rows:
        asked = row.prompt
        if not asked.format.transcribes:
            kinds.setdefault((asked.format, asked.template), {})[asked.address] = None
    for (form, template), addresses in kinds.items():
        yield form, template, list(addresses)


def _tampered(rows: Sequence[Labelled], seed: int) -> list[Labelled]:
    made = [
        row
        for form, template, addresses in _asked(rows)
        for row, _ in tampered(addresses, form, seed=seed, template=template)
    ]
    if not made:
        raise TaskError(_NOTHING)
    return made


def _pairs(rows: Sequence[Labelled], count: int, seed: int) -> list[list[Labelled]]:
    """So many pairs; each problem has another twin before any has the same again."""
    found: list[Twins] = []
    round_ = idle = 0
    while len(found) < count:
        more = [
            pair
            for form, template, addresses in _asked(rows)
            for pair in twins(
                addresses, form, seed=(seed * _ROUNDS + round_) % 2**64, template=template
            )
        ]
        round_, idle = round_ + 1, 0 if more else idle + 1
        if idle == _IDLE:  # of few problems a round may make none
            raise TaskError(_NOTHING)
        # Of a round that is too many, those of problems that lie apart.
        keep = min(len(more), count - len(found))
        found += [more[at * len(more) // keep] for at in range(keep)]
    sides = [_only(found, [pair.right for pair in found], 0)]
    sides.append(_only(found, [pair.wrong for pair in found], 1))
    return [list(pair) for pair in zip(*sides, strict=True)]


def _only(pairs: Sequence[Twins], replies: Sequence[bytes], side: int) -> list[Labelled]:
    """One side of pairs, labelled where they differ and nowhere else."""
    said = [Completion(reply, finish="length") for reply in replies]
    made = of_completions([pair.prompt for pair in pairs], said)
    found = []
    for pair, row in zip(pairs, made, strict=True):
        held = zip(row.ends, row.labels, strict=True)
        labels = tuple(label if end == pair.ends[side] else None for end, label in held)
        # What is cut is no reply, so nobody is to learn what it is worth as a whole.
        found.append(replace(row, labels=labels, right=None))
    return found
