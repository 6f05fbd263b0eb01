"""What scripts/prm.py tells of GRPO as it goes on: a judge's score beside what is right."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from avrgym.analyses.interval import Estimate
from avrgym.analyses.parting import SEES, THINKS, Span, parted, spans
from avrgym.analyses.seeds import entry, half_width
from avrgym.analyses.skills import blamed
from avrgym.core.verdicts import verify
from avrgym.report.charts import Line, bands
from avrgym.report.drawing import alone
from avrgym.runs.record import Record

#: By who pays, the events of each seed's GRPO, as :func:`drawn` has them.
Trained: TypeAlias = Mapping[str, Sequence[Sequence[Mapping[str, Any]]]]

#: Spans of GRPO in the table, and in the figure.
SPANS, POINTS = 5, 15
#: What is told of each, as attributes of a span.
TOLD = ("score", "right", "seeing", "thinking")


def drawn(record: Record) -> list[dict[str, Any]]:
    """Events of a run's GRPO, the log's with classes of first errors by the replies drawn."""
    rows = list(record.rollouts())
    verdicts = verify([row["address"] for row in rows], [row["reply"] for row in rows])
    steps = np.array([row["step"] for row in rows])
    classes = dict(zip((SEES, THINKS), blamed(verdicts), strict=True))
    told, before = list[dict[str, Any]](), 0
    for event in record.events():
        if event.get("stage") != "grpo":
            continue
        if event["event"] == "log":
            mine = (steps > before) & (steps <= event["step"])
            event |= {name: float(flags[mine].mean()) for name, flags in classes.items()}
            before = event["step"]
        told.append(event)
    return told


def section(seeds: Sequence[int], trained: Trained, image: str) -> Iterator[str]:
    """The lines about score and truth as GRPO goes on; none where none did.

    Args:
        seeds: In the order of the runs.
        trained: See :data:`Trained`.
        image: The figure's file, beside the page.
    """
    if not trained:
        return
    held = {title: [spans(events, SPANS) for events in runs] for title, runs in trained.items()}
    yield (
        "\n## As GRPO goes on: the judge's score, and what is right\n\nOf the replies drawn in "
        "training, by its steps: the mean score of their steps, by whoever pays; how many are "
        "right by the verifier; and of how many the first wrong step is one of seeing, or of "
        "thinking. Where the score rises while what is right falls, the judge is being fooled.\n"
    )
    yield from table(held)
    yield (
        "\nThey part for good at the first of these spans from which on less is right than in the "
        "best one, both intervals apart (steps being what they count), while the score is higher "
        "than it was then.\n"
    )
    for title, runs in held.items():
        yield f"* {title}: {'; '.join(_parts(seeds, runs))}."
    yield f"\n![The judge's score and what is right, by steps of GRPO]({image})"


def table(held: Mapping[str, Sequence[Sequence[Span]]]) -> Iterator[str]:
    """The lines of a table of spans, by who pays, of each seed as many."""
    first = next(iter(held.values()))[0]
    yield f"| | of what is drawn | {' | '.join(f'steps {_steps(span)}' for span in first)} |"
    yield "|" + "---|" * (len(first) + 2)
    for title, runs in held.items():
        for what in TOLD:
            columns = zip(
                *([100 * _value(span, what) for span in run] for run in runs), strict=True
            )
            yield f"| {title} | {what} | {' | '.join(map(entry, columns))} |"


def _parts(seeds: Sequence[int], runs: Sequence[Sequence[Span]]) -> Iterator[str]:
    """Where score and truth part, seed by seed."""
    for seed, run in zip(seeds, runs, strict=True):
        where = parted(run)
        said = "nowhere" if where is None else f"at steps {_steps(where[1])}"
        yield f"{said} on seed {seed}"


def _steps(span: Span) -> str:
    return f"{span.first} to {span.last}"


def _value(span: Span, what: str) -> float:
    value: float | Estimate = getattr(span, what)
    return value.value if isinstance(value, Estimate) else value


def figure(trained: Trained) -> str:
    """The same in finer spans, mean over seeds with its interval, as an image of its own."""
    panels = {}
    for title, runs in trained.items():
        held = [spans(events, POINTS) for events in runs]
        lines = {}
        for what in TOLD:
            columns = list(
                zip(*([_value(span, what) for span in run] for run in held), strict=True)
            )
            name = what if what in ("score", "right") else f"first wrong: {what}"
            lines[name] = Line([span.last for span in held[0]], list(map(_over_seeds, columns)))
        panels[f"{title}, by step"] = lines
    return alone(bands(panels, "of replies drawn"))


def _over_seeds(values: Sequence[float]) -> Estimate:
    mean, half = float(np.mean(values)), half_width(values) or 0.0
    return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), len(values))
