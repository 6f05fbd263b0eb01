"""Sections of replies, such as ``<transcribe>…</transcribe>``, by their tags."""

from collections.abc import Sequence
from dataclasses import dataclass

from avrgym import _core

#: The names that a section can have.
SECTIONS: tuple[str, ...] = tuple(_core.SECTIONS)


@dataclass(frozen=True, slots=True)
class Tag:
    """Where a section begins or ends.

    Attributes:
        name: The section's, one of ``SECTIONS``.
        closes: Whether it ends there.
        start: The tag's first byte in the reply's UTF-8.
        end: One past its last byte.
    """

    name: str
    closes: bool
    start: int
    end: int


def tags(replies: Sequence[str | bytes]) -> list[tuple[Tag, ...]]:
    """The tags of sections in n replies, in order; those in thoughts are left out.

    A tag is a name of ``SECTIONS`` in any case, in angle brackets, with a slash before it or none.
    """
    return [
        tuple(Tag(SECTIONS[which], closes, start, end) for which, closes, start, end in found)
        for found in _core.sections(replies)
    ]


def held(replies: Sequence[str | bytes], name: str) -> list[str | None]:
    """What n replies say in a section.

    Returns:
        Its words, bytes that are no UTF-8 as U+FFFD; None of a reply that does not open it once and
            close it once, with no other tag between the two: it is read as a whole or not at all.
    """
    found: list[str | None] = []
    for reply, each in zip(replies, tags(replies), strict=True):
        said = reply if isinstance(reply, bytes) else reply.encode("utf-8", "surrogatepass")
        at = [place for place, tag in enumerate(each) if tag.name == name]
        whole = len(at) == 2 and at[1] == at[0] + 1
        if whole and not each[at[0]].closes and each[at[1]].closes:
            found.append(said[each[at[0]].end : each[at[1]].start].decode("utf-8", "replace"))
        else:
            found.append(None)
    return found
