"""Eyes or mind: which skill fails first, and how well each is done where all before it is right."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.paired import Compared
from avrgym.analyses.skills import (
    SEEING,
    THINKING,
    FirstErrors,
    first_errors,
    first_wrong,
    given_right,
)
from avrgym.analyses.table import Key, Table
from avrgym.core.verdicts import SKILLS as EVERY
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, listed
from avrgym.report.section import Analysis, Cell, Figure, Head, Section, Sheet
from avrgym.report.sections.changes import Changes, against, changes, compared_to, counted

_NOTE = (
    f"Seeing is {', '.join(SEEING)}; thinking is {', '.join(THINKING)}. Exact, of the steps that a "
    "reply claims: a wrong move counts as thinking also where an obstacle was not seen. Given "
    "right: of steps with nothing but right ones before them. What stands in thoughts does not "
    "count."
)


def reasoned(table: Table) -> Table:
    """The rows of subjects that claim more than answers, in formats that ask for it."""
    steps = table.steps.counted(thoughts=False).counts > 1
    group, keys = table.by(WHO, "format")
    most = np.bincount(group, steps, minlength=len(keys)) > 0
    return table.only(np.asarray(most[group], np.bool_))


def _ask(inquiry: Inquiry) -> Section | None:
    table = reasoned(inquiry.rows)
    if not len(table):
        return None
    errors = first_errors(table, WHO, "format")
    right = given_right(table, WHO, "format")
    levels = first_errors(table, WHO, "level", "format")
    fails = [
        name for name in (*SEEING, *THINKING) if any(name in e.skills for e in errors.values())
    ]
    about = Head("subject"), Head("format")
    classes = (Head("seeing", "share"), Head("thinking", "share"), Head("no error", "share"))
    first = Sheet(
        "First error of a reply, by the skill of its step",
        (*about, *classes, *(Head(name, "share") for name in fails)),
        tuple(
            (who, format_name(format), *_classes(each), *(each.skills.get(name) for name in fails))
            for (who, format), each in errors.items()
        ),
    )
    known = [name for name in (*SEEING, *THINKING) if any(name in each for each in right.values())]
    given = Sheet(
        "Right, given that all before it is",
        (*about, *(Head(name, "share") for name in known)),
        tuple(
            (who, format_name(format), *(each.get(name) for name in known))
            for (who, format), each in right.items()
        ),
    )
    reasons = _reasons(errors)
    by_level = Sheet(
        "First error, by level",
        (about[0], Head("level"), about[1], *classes),
        tuple(
            (who, inquiry.level(level), format_name(format), *_classes(each))
            for (who, level, format), each in levels.items()
        ),
        folded=True,
    )
    changed = {
        name: changes(inquiry, counted(table, flags), "format")
        for name, flags in _flags(table).items()
    }
    shifts = _shifts(changed)
    silent = [label for label in inquiry.labels if label not in {who for who, _ in errors}]
    return Section(
        _words(inquiry, errors, changed, silent),
        (first, *([shifts] if shifts.rows else []), given, reasons, by_level),
        (Figure("First errors by skill", _drawn(errors, fails)),),
        _NOTE,
    )


def _classes(each: FirstErrors) -> tuple[Cell, ...]:
    return each.seeing, each.thinking, each.none


def _flags(table: Table) -> dict[str, NDArray[np.bool_]]:
    """Whether the first error of each reply is of seeing, and whether it is of thinking."""
    steps = table.steps.counted(thoughts=False)
    first = first_wrong(steps)
    skill = np.append(steps.skill, 0)[first]
    sees = np.isin(skill, [EVERY.index(name) for name in SEEING])
    return {"seeing": (first >= 0) & sees, "thinking": (first >= 0) & ~sees}


def _shifts(changed: Mapping[str, Changes]) -> Sheet:
    heads = (
        *(Head("subject"), Head("compared to"), Head("format")),
        *(head for name in changed for head in (Head(name, "points"), Head(f"{name}, p", "p"))),
        Head("items", "count"),
    )
    rows = tuple(
        (
            *(first, second, format_name(format)),
            *(cell for each in changed.values() for cell in _cells(each[first, second, (format,)])),
            changed["seeing"][first, second, (format,)].gap.n,
        )
        for first, second, (format,) in changed["seeing"]
    )
    return Sheet("What changed of first errors", heads, rows)


def _cells(each: Compared) -> tuple[Cell, Cell]:
    return each.gap, each.p


def _reasons(errors: Mapping[Key, FirstErrors]) -> Sheet:
    rows = tuple(
        (who, format_name(format), skill, reason.replace("_", " "), share)
        for (who, format), each in errors.items()
        for (skill, reason), share in sorted(each.reasons.items(), key=lambda pair: -pair[1].value)
    )
    heads = (Head("subject"), Head("format"), Head("skill"), Head("reason"))
    return Sheet("First error, by reason", (*heads, Head("replies", "share")), rows, folded=True)


def _words(
    inquiry: Inquiry,
    errors: Mapping[Key, FirstErrors],
    changed: Mapping[str, Changes],
    silent: list[str],
) -> str:
    parts = []
    found = errors.get(inquiry.focus)
    if found is not None:
        seeing, thinking = found.seeing, found.thinking
        if seeing.low > thinking.high:
            said = "seeing fails first"
            both = f"{percent(seeing)} of replies, thinking {percent(thinking)}"
        elif thinking.low > seeing.high:
            said = "thinking fails first"
            both = f"{percent(thinking)} of replies, seeing {percent(seeing)}"
        else:
            said = "seeing and thinking fail first about as often"
            both = f"{percent(seeing)} and {percent(thinking)} of replies"
        parts.append(f"{said}: {both} ({inquiry.focused})")
    for second in compared_to(inquiry)[:1]:
        of = inquiry.of, second, (inquiry.shown,)
        shifts = [
            f"{name} fails first {against(second, each[of])}"
            for name, each in changed.items()
            if of in each
        ]
        if shifts:
            parts.append(listed(shifts))
    if silent:
        parts.append(
            f"{listed(silent)} claim{'s' * (len(silent) < 2)} answers alone, so nothing "
            "tells eyes from mind there"
        )
    return sentences(parts)


def _drawn(errors: Mapping[Key, FirstErrors], fails: list[str]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report.charts import stacked

        bars = {
            f"{who}, {format_name(format)}": [
                each.skills[name].value if name in each.skills else 0.0 for name in fails
            ]
            for (who, format), each in errors.items()
        }
        return stacked(bars, fails)

    return draw


SKILLS = Analysis("skills", "Eyes or mind", "replies that claim steps", _ask)
