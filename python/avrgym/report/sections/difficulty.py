"""How able each subject is and how hard each level, in logits on one axis."""

from collections.abc import Callable, Mapping

from avrgym.analyses.interval import Estimate
from avrgym.analyses.responses import responses
from avrgym.analyses.table import Column
from avrgym.core.address import setting_of
from avrgym.report.cells import inline, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name
from avrgym.report.section import Analysis, Figure, Head, Section, Sheet

_NOTE = (
    "1PL (Rasch 1960): at a difference of 0 a reply is right one time in two, at +1 in 73 of 100. "
    "The mean of all abilities is 0; a few subjects tell difficulties in bands alone."
)


def _ask(inquiry: Inquiry) -> Section | None:
    of = responses(inquiry.rows, (WHO, "format"))
    if len(of.subjects) < 2:
        return None
    try:
        from avrgym.analyses.items import difficulty_of, fit
    except ModuleNotFoundError as lacks:
        return Section(f"Not asked: {lacks}.")
    found = fit(of)
    able = found.abilities()
    levels = Column.of([setting_of(address) for address in found.items])
    hard = difficulty_of(found, levels.codes, list(levels.values))
    said = []
    hardest = max(hard, key=lambda level: hard[level].value)
    if inquiry.focus in able:
        said.append(
            f"{inquiry.focused}: an ability of {inline(able[inquiry.focus], 'logits')} logits; the "
            f"hardest level, {inquiry.level(hardest)}, is at {inline(hard[hardest], 'logits')}"
        )
    text, image = (inquiry.of, "text"), (inquiry.of, "image")
    if text in able and image in able:
        first, second = (text, image) if able[text].value > able[image].value else (image, text)
        ahead = inline(found.ahead(first, second), "logits")
        said.append(f"{first[1]} is {ahead} logits ahead of {second[1]}, {inquiry.of}")
    return Section(
        sentences(said),
        (
            Sheet(
                "Abilities",
                (Head("subject"), Head("format"), Head("ability", "logits")),
                tuple((who, format_name(name), each) for (who, name), each in able.items()),
            ),
            Sheet(
                "Difficulties of levels",
                (Head("level"), Head("difficulty", "logits"), Head("samples", "count")),
                tuple((inquiry.level(name), each, each.n) for name, each in hard.items()),
                folded=True,
            ),
        ),
        (
            Figure(
                "Abilities above the axis, difficulties of levels below it",
                _drawn({f"{who}, {format_name(f)}": e for (who, f), e in able.items()}, hard),
            ),
        ),
        _NOTE,
    )


def _drawn(able: Mapping[str, Estimate], hard: Mapping[str, Estimate]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report.charts import axis

        return axis(able, hard)

    return draw


DIFFICULTY = Analysis(
    "difficulty", "How able, how hard", "replies of two subjects or in two formats", _ask
)
