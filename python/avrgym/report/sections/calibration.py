"""Whether confidence is due: what replies claim or models give, beside what is right."""

from collections.abc import Callable, Mapping

import numpy as np

from avrgym.analyses.calibration import SEQUENCE, Calibration, calibration, sequence
from avrgym.analyses.table import Key, Table
from avrgym.report.cells import percent, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name
from avrgym.report.section import Analysis, Figure, Head, Section, Sheet

_COLUMN = "confidence"


def _ask(inquiry: Inquiry) -> Section | None:
    found = _confident(inquiry.rows)
    if found is None:
        return None
    column, note = found
    each = calibration(inquiry.rows, WHO, "format", confidence=column)
    about = Head("subject"), Head("format")
    whole = tuple(
        (who, format_name(format), held.error, held.brier, held.error.n)
        for (who, format), held in each.items()
    )
    bars = tuple(
        (who, format_name(format), bar.low, bar.high, bar.confidence, bar.right, bar.right.n)
        for (who, format), held in each.items()
        for bar in held.bars
    )
    said = []
    if held := each.get(inquiry.focus):
        said.append(
            f"confidence is off by {percent(held.error)} on the mean over its bins "
            f"({inquiry.focused})"
        )
    return Section(
        sentences(said),
        (
            Sheet(
                "Expected calibration error and Brier score",
                (
                    *about,
                    Head("error", "share"),
                    Head("Brier", "number"),
                    Head("problems", "count"),
                ),
                whole,
            ),
            Sheet(
                "By confidence",
                (
                    *(*about, Head("from", "number"), Head("to", "number")),
                    *(Head("mean confidence", "number"), Head("right", "share")),
                    Head("replies", "count"),
                ),
                bars,
                folded=True,
            ),
        ),
        (Figure("Right by confidence", _drawn(each)),),
        note,
    )


def _confident(table: Table) -> tuple[str, str] | None:
    """The column that says how sure replies are, and where it is from; None where none does."""
    if _COLUMN in table.columns and np.isfinite(table[_COLUMN].numbers()).any():
        return _COLUMN, "Confidence as rows say it."
    if {"logprob", "tokens"} <= table.columns.keys() and np.isfinite(sequence(table)).any():
        return SEQUENCE, "Confidence is the geometric mean of the chances of a reply's tokens."
    return None


def _drawn(found: Mapping[Key, Calibration]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report.charts import Line, bands

        lines = {
            f"{who}, {format_name(format)}": Line(
                [bar.confidence for bar in held.bars], [bar.right for bar in held.bars]
            )
            for (who, format), held in found.items()
        }
        return bands({"confidence": lines}, "right", diagonal=True)

    return draw


CALIBRATION = Analysis(
    "calibration", "Whether confidence is due", "a confidence or log-probabilities in rows", _ask
)
