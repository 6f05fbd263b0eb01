"""Which reply a row's format asks for, and what rewards pay for it.

Most formats ask for an answer, and verdicts say how it stands. Some ask for something else: behind
``image_to_text`` the twin is owed and nothing is solved, where answers alone are asked for there
are no steps to pay, and ``structured`` owes sections, of which one is the twin's.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import strings
from avrgym.core.verdicts import Verdicts
from avrgym.prompts.format import Format
from avrgym.rewards import answers, stepwise, tagged, transcripts
from avrgym.rewards.shape import Points, Policy

#: The format of each row; None, or None for a row, where it is not known: an answer is asked then.
Formats: TypeAlias = Sequence[str | None] | str | None

# Rewards that pay for the way as well as for the end: of a transcript, for words at their place.
_PARTIAL = (stepwise.steps, answers.progress)


def right(verdicts: Verdicts, formats: Formats = None) -> NDArray[np.bool_]:
    """Whether each reply is what its row asked for, bool (n,).

    Args:
        verdicts: Of n replies.
        formats: What each row asked for: its column ``format``.

    Raises:
        TaskError: There is no such format, or not one for each reply.
    """
    found = verdicts.correct.copy()
    if copied := [i for i, each in enumerate(read(formats, len(verdicts))) if _transcribes(each)]:
        found[copied] = transcripts.likeness(*_of(verdicts, copied)) == 1
    return found


def points(policy: Policy, verdicts: Verdicts, formats: Formats, thoughts: bool) -> Points:
    """What a reward pays for replies to rows of these formats, float64 (n,).

    Raises:
        TaskError: See :func:`right`.
    """
    asked = read(formats, len(verdicts))
    if policy is tagged.tags:
        return _tags(verdicts, asked, thoughts)
    paid = policy(verdicts, thoughts)
    if policy is stepwise.steps:
        alone = [i for i, each in enumerate(asked) if each and not each.rationale]
        paid[alone] = verdicts.correct[alone]
    if policy is transcripts.transcription:
        first = [i for i, each in enumerate(asked) if each and each.shown == "image_via_text"]
        if first:
            paid[first] = transcripts.likeness(*_of(verdicts, first), head=True)
        if within := [i for i, each in enumerate(asked) if each and each.sections]:
            addresses, replies = _of(verdicts, within)
            paid[within] = transcripts.in_section(addresses, replies)
        return paid
    if copied := [i for i, each in enumerate(asked) if _transcribes(each)]:
        alike = transcripts.likeness(*_of(verdicts, copied))
        half = np.zeros(len(copied))
        if policy in _PARTIAL:
            half = 0.5 * alike
        elif policy is answers.format:
            half = 0.5 * transcripts.shaped(*_of(verdicts, copied))
        paid[copied] = np.where(alike == 1, 1.0, half)
    return paid


def _tags(verdicts: Verdicts, asked: Sequence[Format | None], thoughts: bool) -> Points:
    """Points for tags by what each format owes; all sections are where it is not known."""
    paid = tagged.tags(verdicts, thoughts)
    for sections in {each.sections for each in asked if each}:
        mine = [i for i, each in enumerate(asked) if each and each.sections == sections]
        paid[mine] = tagged.order(_of(verdicts, mine)[1], sections)
    return paid


def read(formats: Formats, count: int) -> list[Format | None]:
    """The formats of so many rows.

    Raises:
        TaskError: See :func:`right`.
    """
    if formats is None:
        return [None] * count
    given = [formats] if isinstance(formats, str) else list(formats)
    if len(given) != count:
        raise TaskError(f"{len(given)} formats do not fit {count} replies; give one per reply")
    known = {name: Format.parse(name) for name in strings("formats", filter(None, given))}
    return [known[name] if name else None for name in given]


def _transcribes(format: Format | None) -> bool:
    return format is not None and format.transcribes


def _of(verdicts: Verdicts, rows: Sequence[int]) -> tuple[list[str], list[str | bytes]]:
    """What was asked and said in some rows."""
    return [verdicts.addresses[i] for i in rows], [verdicts.replies[i] for i in rows]
