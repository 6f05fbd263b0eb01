"""Whether the reasoning supports the answer, and whether it names what is not there."""

from dataclasses import fields

from avrgym.analyses.skills import Support, hallucinations, support
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name
from avrgym.report.section import Analysis, Head, Section, Sheet
from avrgym.report.sections.skills import reasoned

_KINDS = tuple(each.name for each in fields(Support))


def _ask(inquiry: Inquiry) -> Section | None:
    table = reasoned(inquiry.rows)
    if not len(table):
        return None
    found = support(table, WHO, "format")
    named = hallucinations(table, WHO, "format")
    about = Head("subject"), Head("format")
    kinds = list(next(iter(named.values())).kinds)
    sheets = (
        Sheet(
            "Answers and reasons",
            (*about, *(Head(name.replace("_", " "), "share") for name in _KINDS)),
            tuple(
                (who, format_name(format), *(getattr(each, name) for name in _KINDS))
                for (who, format), each in found.items()
            ),
        ),
        Sheet(
            "Replies that name what the scene has not",
            (
                *(*about, Head("any", "share"), *(Head(name, "share") for name in kinds)),
                Head("of all steps", "share"),
            ),
            tuple(
                (who, format_name(format), e.replies, *(e.kinds[k] for k in kinds), e.steps)
                for (who, format), e in named.items()
            ),
        ),
    )
    parts = []
    if inquiry.focus in found:
        each, made = found[inquiry.focus], named[inquiry.focus]
        parts.append(
            f"{percent(each.right_for_right)} of replies are right for right reasons and "
            f"{percent(each.right_for_wrong)} for wrong ones, {percent(each.wrong_after_right)} "
            f"are wrong behind reasons that are all right ({inquiry.focused})"
        )
        parts.append(f"{percent(made.replies)} name something that the scene has not")
    return Section(
        sentences(parts),
        sheets,
        note="Reasons are all steps but the final answer; right ones are each right, and the "
        "answer follows from them.",
    )


SUPPORT = Analysis("support", "Whether reasons carry the answer", "replies that claim steps", _ask)
