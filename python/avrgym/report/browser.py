"""The failure browser of the page: what was asked, seen and said where somebody failed.

What it shows is chosen, cut and drawn here and packed into the page; its script unpacks, filters
and shows, and judges nothing. Everything that a model said is data to it, never markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from avrgym.analyses.failures import KINDS, kinds
from avrgym.core.samples import samples
from avrgym.prompts.format import Format
from avrgym.report.browser_chosen import RIGHT, Chosen, choose
from avrgym.report.browser_drawn import drawn
from avrgym.report.browser_packed import Replies, packed
from avrgym.report.browser_shelf import Shelf
from avrgym.report.browser_words import Part, parts
from avrgym.report.gathered import Gathered
from avrgym.report.names import format_name

#: Characters that the browser's data take at most, and of these the words alone.
ROOM, ROOM_FOR_WORDS = 12_000_000, 9_000_000
#: Failures that are shown where no script runs.
CARDS = 12

_PLACE = 8  # characters at most that a reply's picture takes in the index, as its place
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Card:
    """A failure as it stands where no script runs.

    Attributes:
        address: Of the sample.
        subject: Who said it.
        format: In words.
        kind: One of ``avrgym.analyses.failures.KINDS``.
        picture: A data URL; empty where none is held.
        question: What was asked.
        twin: The problem as text.
        answer: The right one; of a format that asks for the twin, these words.
        parts: The reply.
    """

    address: str
    subject: str
    format: str
    kind: str
    picture: str
    question: str
    twin: str
    answer: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Browser:
    """What the fragment is made of.

    Attributes:
        failed: Items in the page that somebody is not right on.
        all_failed: How many there are.
        right: Items in the page that all are right on.
        all_right: How many there are.
        pictured: Pictures in the page.
        pictures: Of how many, one for each way in which a problem of the page was shown.
        index: What lists and filters go by, packed.
        blocks: Samples, prompts and replies, packed, see :class:`Shelf`.
        urls: The pictures, data URLs.
        cards: The first failures.
    """

    failed: int = 0
    all_failed: int = 0
    right: int = 0
    all_right: int = 0
    pictured: int = 0
    pictures: int = 0
    index: str = ""
    blocks: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters that the data take in the page."""
        return len(self.index) + sum(map(len, self.blocks)) + sum(map(len, self.urls))

    @property
    def style(self) -> str:
        """What it looks like, in CSS."""
        return (_HERE / "browser.css").read_text("utf-8")

    @property
    def script(self) -> str:
        """What shows it, in JavaScript."""
        return (_HERE / "browser.js").read_text("utf-8")


def browse(gathered: Gathered, *, most: int = 10_000, pictures: int = 600) -> Browser:
    """Chooses what to hold of all rows, and packs it; rows are read once, as a stream.

    Of more than ``most`` items that somebody failed on an even choice is held, and of pictures
    likewise, see :func:`avrgym.report.browser_chosen.choose`; fewer where there is no room.

    Args:
        gathered: What the page is about.
        most: Items to hold.
        pictures: Pictures to draw.
    """
    table = gathered.table
    if not len(table) or most < 1:
        return Browser()
    chosen = choose(table, most)
    replies = Replies()
    wanted = set(chosen.rows.tolist())
    for place, row in zip(range(len(table)), gathered.rows(), strict=False):
        if place in wanted:
            replies.add(place, parts(row))
    shelf = Shelf.of(gathered, chosen.first(_fitting(chosen, replies)))
    blocks = shelf.blocks(replies)
    while sum(map(len, blocks)) > ROOM_FOR_WORDS and len(shelf.chosen) > 1:
        shelf = Shelf.of(gathered, shelf.chosen.first(len(shelf.chosen) * 9 // 10))
        blocks = shelf.blocks(replies)
    seen = shelf.views()
    # As the subject saw them that is shown first, then as others did.
    rows, who = shelf.chosen.rows, table["who"].codes[shelf.chosen.rows]
    ordered = [*rows[who == shelf.subject].tolist(), *rows[who != shelf.subject].tolist()]
    preferred = list(dict.fromkeys(seen[row] for row in ordered))
    unpictured = packed(shelf.index(replies, seen, {}))
    room = ROOM - sum(map(len, blocks)) - len(unpictured) - _PLACE * len(seen)
    urls = drawn(preferred, pictures, room)
    places = {view: place for place, view in enumerate(urls)}
    kept = shelf.chosen
    return Browser(
        failed=kept.failed,
        all_failed=kept.all_failed,
        right=len(kept) - kept.failed,
        all_right=kept.all_right,
        pictured=len(urls),
        pictures=len(preferred),
        index=packed(shelf.index(replies, seen, places)),
        blocks=blocks,
        urls=list(urls.values()),
        cards=_cards(shelf, replies, {row: urls.get(view, "") for row, view in seen.items()}),
    )


def _fitting(chosen: Chosen, replies: Replies) -> int:
    """About how many of the items there is room for, 1 or more."""
    sizes = np.array([replies.size(place) for place in chosen.rows.tolist()], np.float64)
    fits = np.bincount(chosen.item, sizes).cumsum() <= ROOM_FOR_WORDS
    return max(1, int(fits.sum()))


def _cards(shelf: Shelf, replies: Replies, urls: Mapping[int, str]) -> list[Card]:
    """The first failures in the order of preference, of the subject that is shown first."""
    table, subject = shelf.gathered.table, shelf.subject
    became, who = kinds(table), table["who"].codes
    rows = [row for row in shelf.chosen.rows.tolist() if became[row] != RIGHT]
    mine = [row for row in rows if who[row] == subject] or rows
    mine = mine[:CARDS]
    drawn_of = samples(shelf.value("address", row) for row in mine)
    return [
        Card(
            address=sample.address,
            subject=shelf.value("who", row),
            format=format_name(shelf.value("format", row)),
            kind=KINDS[became[row]],
            picture=urls[row],
            question=sample.question,
            twin=sample.twin,
            answer="the twin" if _copied(shelf, row) else sample.answer,
            parts=replies.read(row),
        )
        for row, sample in zip(mine, drawn_of, strict=True)
    ]


def _copied(shelf: Shelf, row: int) -> bool:
    return Format.parse(shelf.value("format", row)).transcribes
