"""Whether errors grow with the way gone: the chance that a step is the first wrong one."""

from collections.abc import Callable, Mapping

from avrgym.analyses.hazard import Hazard, hazard
from avrgym.analyses.table import Key
from avrgym.report.cells import chance, sentences
from avrgym.report.gathered import WHO
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import format_name, task_name
from avrgym.report.section import Analysis, Figure, Head, Section, Sheet
from avrgym.report.sections.skills import reasoned

_PLACES = 40  # drawn at most: behind them few replies are left
_LEAST = 8  # replies at a place that is drawn


def _ask(inquiry: Inquiry) -> Section | None:
    found = hazard(reasoned(inquiry.rows), "task", WHO, "format")
    told = {key: each for key, each in found.items() if each.trend}
    if not told:
        return None
    rows = tuple(
        (
            *(task_name(task), who, format_name(format)),
            *(each.trend.slope, each.trend.p, each.trend.reading, each.trend.slope.n),
        )
        for (task, who, format), each in told.items()
        if each.trend
    )
    heads = (
        *(Head("task"), Head("subject"), Head("format"), Head("slope", "slope"), Head("p", "p")),
        *(Head("error rate"), Head("steps", "count")),
    )
    return Section(
        sentences(_words(inquiry, told)),
        (Sheet("Change of the log-odds of an error, per step", heads, rows),),
        (Figure("Error rate by step, given no error before", _drawn(inquiry, found)),),
        note="Constant: long samples fail because there are more steps to fail at. Growing: what "
        "was learned on short ones does not carry on. Skills and levels have heights of their own.",
    )


def _words(inquiry: Inquiry, told: Mapping[Key, Hazard]) -> list[str]:
    said = []
    for (task, *of), each in told.items():
        if tuple(of) == inquiry.focus and each.trend:
            p = "" if each.trend.reading == "constant" else f", p {_p(each.trend.p)}"
            said.append(
                f"{task_name(task)}: errors per step are {each.trend.reading} along the way{p}"
            )
    return [*said[:-1], f"{said[-1]} ({inquiry.focused})"] if said else []


def _p(p: float) -> str:
    return chance(p) if p < 0.001 else f"= {chance(p)}"


def _drawn(inquiry: Inquiry, found: Mapping[Key, Hazard]) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report.charts import Line, bands

        panels: dict[str, dict[str, Line]] = {}
        for (task, who, format), each in found.items():
            steps = [rate for rate in each.steps[:_PLACES] if rate.n >= _LEAST]
            if format == inquiry.shown and who in inquiry.models and steps:
                line = Line([place + 1.0 for place in range(len(steps))], steps)
                panels.setdefault(f"{task_name(task)}, step", {})[who] = line
        return bands(panels, "wrong")

    return draw


HAZARD = Analysis(
    "hazard", "Whether errors grow along the way", "replies with errors in steps", _ask
)
