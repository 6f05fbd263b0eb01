"""Replies as the failure browser shows them: cut at their steps, and nothing in them unseen."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from avrgym.core.pieces import Mark, Piece, cut
from avrgym.evaluate.results import said

#: Bytes of a reply that are shown of its beginning and of its end; what is between is left out.
HEAD, TAIL = 6000, 2000
#: The state of the words that say so.
LEFT = "left"

#: Skill, state and reason of steps.
_Told: TypeAlias = tuple[tuple[str, str, str, bool], ...]

_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Look:
    """How a stretch of a reply is marked.

    Attributes:
        state: One of ``avrgym.STATES``; empty between steps; ``left`` where words are left out.
        note: Skill and reason of its steps, in words.
        complaints: State and note of each step that ends here and is not right.
    """

    state: str = ""
    note: str = ""
    complaints: tuple[tuple[str, str], ...] = ()


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a reply that is shown alike from end to end.

    Attributes:
        text: What it says, see :func:`visible`.
        look: How it is marked.
    """

    text: str
    look: Look = PLAIN


def parts(row: Mapping[str, Any]) -> list[Part]:
    """A row's reply, in order."""
    raw = said(row)
    pieces = cut(raw, [Mark(*step) for step in row["steps"]])
    if len(raw) > HEAD + TAIL:
        return list(_shortened(raw, pieces))
    return [_part(piece, piece.text) for piece in pieces]


def visible(text: str) -> str:
    r"""Text with names in place of what has no looks of its own, lines and tabs aside.

    A control character becomes its picture, what turns or joins letters its number, so that
    a reply looks like what it says: ``\u202e`` is shown as ``⟦U+202E⟧``.
    """
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(map(_named, text))


def _named(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _UNSEEN:
        return letter
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    return f"⟦U+{code:04X}⟧"


def _part(piece: Piece, text: str, ends: bool = True) -> Part:
    ended = piece.ended if ends else ()
    return Part(visible(text), _look(_told(piece.marks), _told(ended)) if piece.marks else PLAIN)


def _told(marks: Iterable[Mark]) -> _Told:
    return tuple([(mark.skill, mark.state, mark.reason, mark.thought) for mark in marks])


@cache  # there are few, and pieces by the million
def _look(around: _Told, ended: _Told) -> Look:
    piece = Piece(b"", *(tuple(Mark(0, 1, *each) for each in told) for told in (around, ended)))
    complaints = tuple((mark.state, mark.note) for mark in piece.complaints)
    return Look(piece.state, piece.note, complaints)


def _shortened(raw: bytes, pieces: Sequence[Piece]) -> Iterator[Part]:
    """The pieces at both ends, cut where characters begin."""
    first, last = _boundary(raw, HEAD), _boundary(raw, len(raw) - TAIL)
    note = Part(f"\n… {last - first:,} bytes are left out here …\n", Look(LEFT))
    at, told = 0, False
    for piece in pieces:
        start, at = at, at + len(piece.said)
        head = piece.said[: max(0, first - start)]
        tail = piece.said[max(0, last - start) :]
        if head:
            yield _part(piece, head.decode("utf-8", "replace"), at <= first)
        if at >= last and not told:
            told = True
            yield note
        if tail:
            yield _part(piece, tail.decode("utf-8", "replace"))


def _boundary(raw: bytes, at: int) -> int:
    """The nearest place before in which a character of UTF-8 begins."""
    for back in range(4):
        if raw[at - back] & 0xC0 != 0x80:
            return at - back
    return at
