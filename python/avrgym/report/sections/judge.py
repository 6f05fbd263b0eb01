"""Whether a policy that learns from a judge of steps has learned to fool it."""

import math
from collections.abc import Callable, Sequence

from avrgym.analyses.parting import Span, parted, spans
from avrgym.report.cells import sentences
from avrgym.report.inquiry import Inquiry
from avrgym.report.section import Analysis, Cell, Figure, Head, Section, Sheet
from avrgym.report.stages import Told

_NOTE = (
    "Of replies drawn in training, all levels and formats together, so a climb to harder levels "
    "moves both; replies that were left out are counted, and not scored. They part at the first "
    "steps from which on to the end less is right than in the best ones, both intervals apart, "
    "while the judge scores higher than it did then. Intervals count training steps."
)


def _ask(inquiry: Inquiry) -> Section | None:
    runs = [source for source in inquiry.gathered.sources if source.is_run]
    figures, sheets, words = list[Figure](), list[Sheet](), list[str]()
    for source in runs:
        for stage in source.stages:
            mine = [event for event in source.events if event.get("stage") == stage.name]
            told = spans(mine)
            if not told:
                continue
            of = f"{stage.label} of {source.name}" if len(runs) > 1 else stage.label
            figures.append(
                Figure(f"{of}: the judge's score, and what is right", _drawn(stage, told))
            )
            sheets.append(_sheet(f"{of}: by steps", told))
            words.append(_words(of, told))
    return Section(sentences(words), tuple(sheets), tuple(figures), _NOTE) if sheets else None


def _sheet(title: str, told: Sequence[Span]) -> Sheet:
    heads = [Head("steps"), Head("judge's score", "share"), Head("right", "share")]
    blames = any(not math.isnan(span.seeing) for span in told)
    if blames:
        heads += [Head("first wrong: seeing", "share"), Head("first wrong: thinking", "share")]
    rows = list[tuple[Cell, ...]]()
    for span in told:
        blamed: tuple[Cell, ...] = (span.seeing, span.thinking) if blames else ()
        rows.append((_steps(span), span.score, span.right, *blamed))
    return Sheet(title, tuple(heads), tuple(rows))


def _words(of: str, told: Sequence[Span]) -> str:
    """How far both went, and where they parted."""
    first, last = told[0], told[-1]
    was, now, before, after = (
        f"{100 * share:.0f}"
        for share in (first.score, last.score, first.right.value, last.right.value)
    )
    said = (
        f"{of}: the judge's score went from {was} to {now} %, right replies from {before} "
        f"to {after} %"
    )
    if (found := parted(told)) is None:
        return f"{said}; they do not part"
    best, since = found
    return (
        f"{said}; they part at steps {_steps(since)}: from there on less is right than at steps "
        f"{_steps(best)}, and the judge scores higher, so it is being fooled"
    )


def _steps(span: Span) -> str:
    return f"{span.first:,} to {span.last:,}" if span.first < span.last else f"{span.first:,}"


def _drawn(stage: Told, told: Sequence[Span]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report import figures

        return figures.judged(stage, told)

    return draw


JUDGE = Analysis(
    "judge",
    "Whether the judge is fooled",
    "a stage paid by a judge (credit prm or prime)",
    _ask,
    rows=False,
)
