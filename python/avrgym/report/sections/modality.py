"""What the picture costs: text minus image on the same problems, by level, skill and part."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.modality import gap, parts, skill_gap, transcriptions
from avrgym.analyses.paired import Compared
from avrgym.analyses.skills import SEEING, THINKING
from avrgym.analyses.table import Column, Key, Table
from avrgym.files.jsonl import parts as batches
from avrgym.report.cells import sentences
from avrgym.report.gathered import WHO, Gathered
from avrgym.report.inquiry import Inquiry
from avrgym.report.section import Analysis, Head, Section, Sheet
from avrgym.report.sections.changes import against, said
from avrgym.report.sections.skills import reasoned

_VIA = "image_via_text"
_RIGHT = "transcribed"


def _ask(inquiry: Inquiry) -> Section | None:
    direct = _direct(inquiry.rows)
    if direct is None:
        return None
    text, image = f"text{direct}", f"image{direct}"

    def gaps(table: Table, *by: str) -> dict[Key, Compared]:
        return dict(_each(lambda mine: gap(mine, *by, text=text, image=image), table, by))

    whole, levels = gaps(inquiry.rows, WHO), gaps(inquiry.rows, WHO, "level")
    if not whole:
        return None
    sheets = [
        _sheet("Text \u2212 image", whole, Head("subject")),
        _sheet(
            "By level",
            {(who, inquiry.level(level)): each for (who, level), each in levels.items()},
            *(Head("subject"), Head("level")),
            folded=len(levels) > 12,
        ),
    ]
    skills = dict(
        _each(
            lambda mine: skill_gap(mine, WHO, text=text, image=image),
            reasoned(inquiry.rows),
            (WHO,),
        )
    )
    if names := [n for n in (*SEEING, *THINKING) if any(n in each for each in skills.values())]:
        sheets.append(
            Sheet(
                "By skill, given that all before it is right",
                (Head("subject"), *(Head(name, "points") for name in names)),
                tuple(
                    (who, *(each.get(name) for name in names)) for (who,), each in skills.items()
                ),
            )
        )
    if not direct and _VIA in {key for (key,) in inquiry.rows.by("format")[1]}:
        sheets.append(_parts(inquiry))
    return Section(
        _words(inquiry, whole),
        tuple(sheets),
        note="Points, on problems that were asked in both formats; p is McNemar's, exact.",
    )


def _direct(table: Table) -> str | None:
    """What stands behind the two formats' names: those with reasons, or else with answers alone."""
    names = {key for (key,) in table.by("format")[1]}
    return next((d for d in ("", "-direct") if {f"text{d}", f"image{d}"} <= names), None)


def _each(
    ask: Callable[[Table], dict[Key, Any]], table: Table, by: tuple[str, ...]
) -> Iterator[tuple[Key, Any]]:
    """Group by group, without those whose formats share no problem."""
    for _, mine in table.groups(*by):
        try:
            yield from ask(mine).items()
        except TaskError:
            continue


def _sheet(title: str, found: dict[Key, Compared], *heads: Head, folded: bool = False) -> Sheet:
    columns = (
        *heads,
        *(Head("text", "share"), Head("image", "share"), Head("gap", "points"), Head("p", "p")),
        Head("problems", "count"),
    )
    rows = tuple((*key, e.first, e.second, e.gap, e.p, e.gap.n) for key, e in found.items())
    return Sheet(title, columns, rows, folded)


def _parts(inquiry: Inquiry) -> Sheet:
    flags = _transcribed(inquiry.gathered)[inquiry.chosen]
    held = {**inquiry.rows.columns, _RIGHT: Column(flags.astype(np.int64), (False, True))}
    table = Table(held, inquiry.rows.steps)
    found = dict(_each(lambda mine: parts(mine, mine[_RIGHT].numbers() > 0, WHO), table, (WHO,)))
    heads = (
        Head("subject"),
        *(Head(name, "points") for name in ("gap", "transcription", "reasoning", "rest")),
        *(Head(name, "share") for name in ("transcribed", "right if so", "right if not")),
    )
    rows = tuple(
        (
            *key,
            *(each.gap, each.transcription, each.reasoning, each.rest),
            *(each.transcribed, each.given_right, each.given_wrong),
        )
        for key, each in found.items()
    )
    return Sheet("The gap in parts, through the picture written down first", heads, rows)


def _transcribed(gathered: Gathered) -> NDArray[np.bool_]:
    """Whether each reply writes its picture down right first; replies are read anew for it."""
    found = [transcriptions(batch, _VIA) for batch in batches(gathered.rows())]
    return np.concatenate(found)


def _words(inquiry: Inquiry, whole: dict[Key, Compared]) -> str:
    each = whole.get((inquiry.of,))
    if each is None:
        return ""
    ends = sorted((abs(100 * each.gap.low), abs(100 * each.gap.high)))
    if 0.0 in each.gap:
        return sentences([f"text is {against('the picture', each)}, {inquiry.of}"])
    better = "text" if each.gap.value > 0 else "pictures"
    return sentences(
        [
            f"the same problems are {abs(100 * each.gap.value):.0f} points more often right as "
            f"{better} ({ends[0]:.0f} to {ends[1]:.0f}{said(each.p)}), {inquiry.of}"
        ]
    )


MODALITY = Analysis(
    "modality", "What the picture costs", "the same problems as text and image", _ask
)
