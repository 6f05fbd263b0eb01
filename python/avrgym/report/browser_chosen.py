"""Which items the failure browser holds: all that failed, or an even choice of them."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.failures import KINDS, kinds
from avrgym.analyses.skills import first_wrong
from avrgym.analyses.table import Key, Table
from avrgym.core.verdicts import SKILLS

RIGHT = KINDS.index("right")
#: Of each item that all are right on there may be so many that some failed on.
FAILED_TO_RIGHT = 10
#: Replies that are held for each item that may be.
REPLIES = 2

_ASKED = ("address", "format", "decoding", "draw")
# What an item may differ in beside; where each subject was asked in one way alone, it does not, so
# that models which are shown pictures of other sizes can be laid side by side.
_WAYS = (("template",), ("size", "theme"))


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Items in the order in which they are preferred: any number of the first is an even choice.

    Attributes:
        rows: int64 (m,), places of the replies in the table, item by item.
        item: int64 (m,), whose reply each is, 0 to k - 1, rising.
        failed: How many of the k items somebody is not right on; they come first.
        all_failed: How many there are in the table.
        all_right: Items of the table that all subjects are right on.
    """

    rows: NDArray[np.int64]
    item: NDArray[np.int64]
    failed: int
    all_failed: int
    all_right: int

    def __len__(self) -> int:
        return int(self.item[-1]) + 1 if len(self.item) else 0

    def first(self, count: int) -> "Chosen":
        """The first items alone."""
        kept = self.item < count
        failed = min(count, self.failed)
        return Chosen(self.rows[kept], self.item[kept], failed, self.all_failed, self.all_right)


def choose(table: Table, most: int) -> Chosen:
    """Chooses items: what was asked of several subjects, each of which has at most one reply to it.

    Items that somebody failed on are chosen evenly over level, format and skill of the first error;
    within these by a checksum of what was asked, so that the order of the rows does not matter. A
    tenth as many on which all are right may follow.

    Args:
        table: All rows, with ``who``.
        most: Items to hold, 1 or more; replies to them are at most twice as many.
    """
    item, keys = table.by(*_ASKED, *_ways(table))
    # Of a subject that was asked twice the same, the first reply counts.
    twice = item * len(table["who"].values) + table["who"].codes
    rows = np.sort(np.unique(twice, return_index=True)[1]).astype(np.int64)
    item = item[rows]
    bad = kinds(table)[rows] != RIGHT
    failed = np.bincount(item[bad], minlength=len(keys)) > 0
    # An item is counted by its first reply that is not right.
    order = np.lexsort((rows, ~bad, item))
    lead = rows[order[np.searchsorted(item[order], np.arange(len(keys)))]]
    ranked = _evenly(_strata(table, lead), _lots(keys))
    worst, best = ranked[failed[ranked]], ranked[~failed[ranked]]
    replies = np.bincount(item, minlength=len(keys))
    taken = worst[:most]
    spare = min(most - len(taken), most // FAILED_TO_RIGHT)
    taken = np.append(taken, best[:spare])
    room = max(REPLIES * most, int(replies[taken[:1]].sum()))
    taken = taken[np.cumsum(replies[taken]) <= room]
    place = np.full(len(keys), -1, np.int64)
    place[taken] = np.arange(len(taken))
    rows, item = rows[place[item] >= 0], place[item[place[item] >= 0]]
    order = np.lexsort((rows, item))
    count = int(failed[taken].sum())
    return Chosen(rows[order], item[order], count, len(worst), len(best))


def first_errors(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Skill and reason of each reply's first wrong step, int64 (n,); where none is, one past all.

    Those in thoughts do not count.

    Returns:
        Codes into ``avrgym.SKILLS`` and ``avrgym.REASONS``; with no wrong step ``len(SKILLS)``, 0.
    """
    steps = table.steps.counted(thoughts=False)
    first = first_wrong(steps)
    skill = np.append(steps.skill, len(SKILLS)).astype(np.int64)[first]
    reason = np.append(steps.reason, 0).astype(np.int64)[first]
    return np.where(first < 0, len(SKILLS), skill), np.where(first < 0, 0, reason)


def _ways(table: Table) -> list[str]:
    """Columns beside what is asked, in which some subject's own items differ."""
    found: list[str] = []
    for names in _WAYS:
        held = [name for name in names if name in table.columns]
        _, pairs = table.by("who", *held)
        # Without a picture there is no size.
        told = [key[0] for key in pairs if any(value is not None for value in key[1:])]
        if len(set(told)) < len(told):
            found += held
    return found


def _strata(table: Table, lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """The level, format and skill of the first error of some rows, as one number each."""
    skill, _ = first_errors(table)
    setting, _ = table.by("level", "format")
    return setting[lead] * (len(SKILLS) + 1) + skill[lead]


def _lots(keys: Sequence[Key]) -> NDArray[np.int64]:
    return np.array([zlib.crc32(repr(key).encode("utf-8", "replace")) for key in keys], np.int64)


def _evenly(stratum: NDArray[np.int64], lot: NDArray[np.int64]) -> NDArray[np.int64]:
    """An order of n things of which any beginning is spread evenly over strata."""
    order = np.lexsort((lot, stratum))
    ends = np.searchsorted(stratum[order], stratum[order])
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - ends
    return np.lexsort((lot, turn)).astype(np.int64)
