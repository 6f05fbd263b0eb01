"""Why replies are not right."""

from avrgym.analyses.failures import KINDS, Failures, failures
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, listed
from avrgym.report.section import Analysis, Head, Section, Sheet

_SAID = {
    "wrong": "answer wrong",
    "ambiguous": "give answers that disagree",
    "unparsed": "give no answer that could be read",
    "cut": "had no room to end",
}


def _ask(inquiry: Inquiry) -> Section:
    whole = failures(inquiry.rows, WHO, "format")
    levels = failures(inquiry.rows, WHO, "level", "format")
    about = Head("subject"), Head("format")
    kinds = tuple(Head(name, "share") for name in KINDS)
    rows = tuple((who, format_name(format), *_cells(each)) for (who, format), each in whole.items())
    each = tuple(
        (who, inquiry.level(level), format_name(format), *_cells(found))
        for (who, level, format), found in levels.items()
    )
    return Section(
        _words(inquiry, whole[inquiry.focus]),
        (
            Sheet("All levels", (*about, *kinds), rows),
            Sheet("By level", (about[0], Head("level"), about[1], *kinds), each, folded=True),
        ),
        note="Each reply once: one that was cut and is not right counts as cut, whatever it says.",
    )


def _cells(found: Failures) -> tuple[object, ...]:
    return tuple(getattr(found, name) for name in KINDS)


def _words(inquiry: Inquiry, found: Failures) -> str:
    missed = {name: getattr(found, name) for name in _SAID if getattr(found, name).value > 0}
    if not missed:
        return sentences([f"every reply is right ({inquiry.focused})"])
    order = sorted(missed, key=lambda name: -missed[name].value)
    kinds = listed([f"{percent(missed[name])} {_SAID[name]}" for name in order])
    return sentences([f"of all replies, {kinds}: {inquiry.focused}"])


OUTCOMES = Analysis("outcomes", "Why the others are not", "replies", _ask)
