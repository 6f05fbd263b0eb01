"""The figures of a report, as SVG text."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from avrgym.core.score import Score
from avrgym.runs.record import Event, Record

COLOURS = {"image": "#c2410c", "text": "#0f766e"}
LABELS = {"image": "pictures", "text": "twins"}
STAGE_SHADES = {"sft": "#f5f5f4", "grpo": "#fff7ed", "dpo": "#eff6ff"}
STAGE_NAMES = {"sft": "SFT", "grpo": "GRPO", "dpo": "DPO"}
STYLE: Any = {  # a settings table of matplotlib's, whose keys its stubs spell out one by one
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#a8a29e",
    "axes.labelcolor": "#44403c",
    "xtick.color": "#78716c",
    "ytick.color": "#78716c",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "avrgym",  # same run, same bytes
}


def climb(record: Record, settings: dict[str, Any]) -> str:
    """Greedy accuracy over training, a panel per level: checks as lines, evaluations as points."""
    probes = list(record.events("probe"))
    evaluated = list(record.events("evaluated"))
    levels = list(dict.fromkeys(event["level"] for event in evaluated))
    if not levels:
        return ""
    spans = stage_spans(record, settings)
    columns = min(4, len(levels))
    lines = -(-len(levels) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(2.75 * columns + 0.3, 2.35 * lines), layout="constrained")
        panels: list[Axes] = list(
            figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).flat
        )
        for panel in panels[len(levels) :]:
            panel.set_visible(False)
        for panel, level in zip(panels, levels, strict=False):
            _shade(panel, spans)
            panel.set_title(level)
            panel.set_ylim(-0.02, 1.02)
            panel.yaxis.set_major_formatter(PercentFormatter(1.0))
            panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            for modality in COLOURS:
                mine = [e for e in probes if e["level"] == level and e["modality"] == modality]
                marks = [e for e in evaluated if e["level"] == level and e["modality"] == modality]
                _draw(panel, modality, mine, marks, spans)
        for panel in panels[max(0, len(levels) - columns) : len(levels)]:
            panel.set_xlabel("training step")
        lines_and_names = panels[0].get_legend_handles_labels()
        figure.legend(*lines_and_names, frameon=False, loc="outside lower left", ncols=4)
        return _svg(figure)


def sampled(record: Record) -> str:
    """How often the replies that GRPO drew were right, by level, averaged over ten steps."""
    events = list(record.events("sampled"))
    if not events:
        return ""
    keys = sorted({(event["modality"], event["level"]) for event in events})
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7.5, 2.5), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True)
        shades = matplotlib.colormaps["viridis"]
        levels = sorted({level for _, level in keys})
        for modality, level in keys:
            mine = [e for e in events if (e["modality"], e["level"]) == (modality, level)]
            steps, scores = zip(*_windows(mine, 10), strict=True)
            panel = panels[0 if modality == "image" else 1]
            colour = shades(0.85 * levels.index(level) / max(1, len(levels) - 1))
            panel.plot(steps, [s.accuracy for s in scores], color=colour, lw=1.6, label=level)
            low, high = zip(*(s.interval() for s in scores), strict=True)
            panel.fill_between(steps, low, high, color=colour, alpha=0.13, lw=0)
        for panel, modality in zip(panels, LABELS, strict=True):
            panel.set_title(LABELS[modality])
            panel.set_xlabel("GRPO step")
            panel.set_ylim(0, 1)
            panel.yaxis.set_major_formatter(PercentFormatter(1.0))
            if panel.lines:
                panel.legend(frameon=False, ncols=2, loc="lower right")
        return _svg(figure)


def stage_spans(record: Record, settings: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """First and last step of each stage on one axis."""
    spans: dict[str, tuple[int, int]] = {"start": (0, 0)}
    at = 0
    begun = {
        event["job"] for event in record.events() if "step" in event or event["event"] == "done"
    }
    for stage in STAGE_NAMES:
        if stage in begun:
            spans[stage] = (at, at + settings[stage]["steps"])
            at += settings[stage]["steps"]
    return spans


def _draw(
    panel: Axes,
    modality: str,
    probes: Sequence[Event],
    marks: Sequence[Event],
    spans: dict[str, tuple[int, int]],
) -> None:
    """One modality's line with its band, and its evaluations."""
    colour = COLOURS[modality]
    points = [(spans[e["job"]][0] + e["step"], Score(e["right"], e["total"])) for e in probes]
    points += [
        (spans[e["stage"]][1], Score(e["right"], e["total"]))
        for e in marks
        if e["decoding"] == "greedy"
    ]
    points.sort(key=lambda point: point[0])
    if not points:
        return
    steps = [step for step, _ in points]
    low, high = zip(*(score.interval() for _, score in points), strict=True)
    panel.plot(
        steps,
        [s.accuracy for _, s in points],
        color=colour,
        lw=1.7,
        label=f"{LABELS[modality]}, greedy",
    )
    panel.fill_between(steps, low, high, color=colour, alpha=0.12, lw=0)
    for decoding, marker, face in (("greedy", "o", colour), ("sampled", "D", "white")):
        mine = [
            (spans[e["stage"]][1], Score(e["right"], e["total"]))
            for e in marks
            if e["decoding"] == decoding
        ]
        if not mine:
            continue
        at = [step for step, _ in mine]
        middle = [score.accuracy for _, score in mine]
        below = [score.accuracy - score.interval()[0] for _, score in mine]
        above = [score.interval()[1] - score.accuracy for _, score in mine]
        panel.errorbar(
            at,
            middle,
            yerr=(below, above),
            fmt=marker,
            ms=4,
            mfc=face,
            mec=colour,
            ecolor=colour,
            elinewidth=1,
            label=None if decoding == "greedy" else f"{LABELS[modality]}, sampled",
        )


def _shade(panel: Axes, spans: dict[str, tuple[int, int]]) -> None:
    for stage, (first, last) in spans.items():
        if stage in STAGE_SHADES:
            panel.axvspan(first, last, color=STAGE_SHADES[stage], lw=0, zorder=0)
            panel.text(
                (first + last) / 2,
                0.0,
                STAGE_NAMES[stage],
                ha="center",
                va="bottom",
                color="#a8a29e",
                size=7.5,
            )


def _windows(events: Sequence[Event], width: int) -> Iterator[tuple[int, Score]]:
    """Scores of ``width`` steps taken together, placed at the last of them."""
    buckets: dict[int, Score] = {}
    for event in events:
        bucket = (event["step"] // width + 1) * width
        buckets[bucket] = buckets.get(bucket, Score(0, 0)) + Score(event["right"], event["total"])
    yield from sorted(buckets.items())


def _svg(figure: Figure) -> str:
    """The figure as an ``<svg>`` element that can stand in a page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
