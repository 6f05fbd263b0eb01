"""What the picture costs: the same problems as text and as picture, and written down in between."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import (
    Estimate,
    Floats,
    per_problem,
    percentiles,
    ratio,
    share,
    sums,
)
from avrgym.analyses.paired import Compared, compare
from avrgym.analyses.skills import trials
from avrgym.analyses.table import Column, Key, Rows, Table
from avrgym.core.verdicts import SKILLS
from avrgym.rewards.transcripts import same

_ITEM = ("address", "decoding")
_Side: TypeAlias = tuple[Table, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the gap between text and picture comes from; the three parts sum to it exactly.

    All are means over the same problems. With t for a right transcription:

    Attributes:
        gap: text - image.
        transcription: (1 - t) (text - via): lost where what was written down is wrong.
        reasoning: t (text - via): lost though what was written down is right.
        rest: via - image: what writing it down first wins, or loses where negative.
        transcribed: Share of replies that write the picture down right.
        given_right: Share right of those; None where there are none.
        given_wrong: Share right of the others; None where there are none.
    """

    gap: Estimate
    transcription: Estimate
    reasoning: Estimate
    rest: Estimate
    transcribed: Estimate
    given_right: Estimate | None
    given_wrong: Estimate | None


def gap(
    rows: Rows, *by: str, text: str = "text", image: str = "image", seeds: str | None = None
) -> dict[Key, Compared]:
    """Text minus image on the same problems, by columns; the first side is text.

    Args:
        rows: Of results in both formats; groups that lack one are left out.
        by: Names of columns, e.g. ``stage``, ``level``.
        text: The format without a picture.
        image: The format with one.
        seeds: A column that tells runs apart which differ by their seed alone.

    Raises:
        TaskError: The rows lack a column, or a group's formats share no problem.
    """
    return {
        key: compare(sides[0], sides[1], item=_ITEM, seeds=seeds)
        for key, sides in _sides(rows, by, (text, image))
    }


def skill_gap(
    rows: Rows,
    *by: str,
    text: str = "text",
    image: str = "image",
    thoughts: bool = False,
    seed: int = 0,
) -> dict[Key, dict[str, Estimate]]:
    """Text minus image by skill: how often it is right given that all before it was.

    See :func:`avrgym.analyses.skills.given_right`. Problems are drawn for both formats at once.

    Args:
        rows: Of results in both formats; groups that lack one are left out.
        by: Names of columns.
        text: The format without a picture.
        image: The format with one.
        thoughts: Whether steps inside thoughts count as well.
        seed: Of the draws.

    Returns:
        By group, by skill, those that occur in both formats; n is the number of problems.

    Raises:
        TaskError: The rows lack a column, or a group's formats share no problem.
    """
    found: dict[Key, dict[str, Estimate]] = {}
    for key, sides in _sides(rows, by, (text, image)):
        # Right and judged by skill, of text and then of image.
        held = np.hstack([table for side in _aligned(sides) for table in _trials(*side, thoughts)])
        drawn = sums(held, seed=seed).reshape(-1, 4, len(SKILLS))
        whole = held.sum(0).reshape(4, len(SKILLS))
        found[key] = {}
        for skill, name in enumerate(SKILLS):
            if whole[1, skill] and whole[3, skill]:
                value = float(_difference(whole[None, :, skill])[0])
                found[key][name] = percentiles(value, _difference(drawn[:, :, skill]), len(held))
    return found


def transcriptions(
    rows: Iterable[Mapping[str, Any]], via: str = "image_via_text"
) -> NDArray[np.bool_]:
    """Whether replies in format ``via`` begin with the right transcription, bool (n,).

    Their first lines, as many as the twin has, are the twin's word by word. Of other formats False.

    Args:
        rows: Of results with their replies, n of them.
        via: The format that writes the picture down first.

    Raises:
        TaskError: An address names nothing.
    """
    held = list(rows)
    found = np.zeros(len(held), bool)
    places = [place for place, row in enumerate(held) if row["format"] == via]
    addresses = [held[place]["address"] for place in places]
    replies = [held[place]["reply"] for place in places]
    found[places] = same(addresses, replies, head=True)
    return found


def parts(
    rows: Rows,
    transcribed: NDArray[np.bool_],
    *by: str,
    text: str = "text",
    image: str = "image",
    via: str = "image_via_text",
    seed: int = 0,
) -> dict[Key, Parts]:
    """The gap taken apart through the format that writes the picture down first, by columns.

    Args:
        rows: Of results in the three formats; groups that lack one are left out.
        transcribed: Of each row, looked at in format ``via`` alone, bool (n,); see
            :func:`transcriptions`.
        by: Names of columns.
        text: The format without a picture.
        image: The format with one.
        via: The format between.
        seed: Of the draws.

    Raises:
        TaskError: The rows lack a column, or a group's formats share no problem.
    """
    held = Table.of(rows)
    flags = Column(transcribed.astype(np.int64), (False, True))
    flagged = Table({**held.columns, "transcribed": flags}, held.steps)
    return {
        key: _parts(_aligned(sides), seed) for key, sides in _sides(flagged, by, (text, image, via))
    }


def _parts(sides: Sequence[_Side], seed: int) -> Parts:
    (shown, on), (pictured, at), (between, problems) = sides
    written = between["transcribed"].numbers() > 0
    right = between.correct
    # A problem weighs as much as another, however often it was asked in each format.
    x, i, v, t, r = (
        ratio(per_problem(of, flags, np.ones(len(of))))
        for flags, of in (
            (shown.correct, on),
            (pictured.correct, at),
            (right, problems),
            (written, problems),
            (written & right, problems),
        )
    )
    made = np.stack([x - i, (1 - t) * x - (v - r), t * x - r, v - i], axis=1)
    drawn = sums(made, seed=seed) / len(made)
    whole, transcription, reasoning, rest = (
        percentiles(float(value), each, len(made))
        for value, each in zip(made.mean(0), drawn.T, strict=True)
    )
    return Parts(
        whole,
        transcription,
        reasoning,
        rest,
        transcribed=share(written, problems),
        given_right=share(right[written], problems[written]) if written.any() else None,
        given_wrong=share(right[~written], problems[~written]) if not written.all() else None,
    )


def _sides(
    rows: Rows, by: Sequence[str], formats: Sequence[str]
) -> Iterator[tuple[Key, list[Table]]]:
    """The rows of each group in each of the formats, where it has all of them."""
    for key, mine in Table.of(rows).groups(*by):
        sides = [mine.where(format=name) for name in formats]
        if all(map(len, sides)):
            yield key, sides


def _aligned(sides: Sequence[Table]) -> list[_Side]:
    """The rows about items that all sides were asked, and their problems, 0 to p - 1 in each."""
    items = [
        side.problems * len(side["decoding"].values) + side["decoding"].codes for side in sides
    ]
    common = reduce(np.intersect1d, items)
    if not len(common):
        raise TaskError("formats share no problem; compare evaluations of one suite and split")
    kept = [side.only(np.isin(item, common)) for side, item in zip(sides, items, strict=True)]
    return [(side, np.unique(side.problems, return_inverse=True)[1]) for side in kept]


def _trials(table: Table, problems: NDArray[np.int64], thoughts: bool) -> list[Floats]:
    return [per_problem(problems, *counts.T) for counts in trials(table, thoughts=thoughts)]


def _difference(counts: Floats) -> Floats:
    """Of right and judged, text's and image's, float64 (b, 4), the difference of their shares."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(counts[:, 0] / counts[:, 1] - counts[:, 2] / counts[:, 3])
