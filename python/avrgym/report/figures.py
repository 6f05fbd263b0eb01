"""The figures of a run's training, as SVG text."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from avrgym.analyses.accuracy import shares
from avrgym.analyses.interval import Estimate
from avrgym.analyses.parting import Span, parted
from avrgym.analyses.table import Key, Table
from avrgym.core.address import task_of
from avrgym.core.extras import needs
from avrgym.core.score import Score
from avrgym.report.drawing import ACROSS, SHADE, STYLE, svg
from avrgym.report.names import broken, format_color, format_name, is_direct, level_name
from avrgym.report.palette import rising, stand_in
from avrgym.report.stages import Rows, Told

with needs("train"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, PercentFormatter

# Of what trainers log, where they do.
LOGGED = ("loss", "reward", "entropy", "completions/mean_length")
_COLUMNS = 4
_WINDOW = 10  # steps of sampled replies taken together


def climb(task: str, stages: Sequence[Told], probes: Rows, rows: Table) -> str:
    """Greedy accuracy over training, a panel per level: checks as lines, evaluations as points.

    Args:
        task: Which.
        stages: Of the run.
        probes: Events of quick checks.
        rows: Of the run's results.
    """
    mine = rows.where(task=task)
    checks = [event for event in probes if task_of(event["level"]) == task]
    asked = mine.by("level", "format")[1] if len(mine) else []
    asked = [*asked, *((event["level"], event["format"]) for event in checks)]
    levels = list(dict.fromkeys(str(level) for level, _ in asked))
    formats = list(dict.fromkeys(str(name) for _, name in asked))
    scores = shares(mine, "stage", "level", "format", "decoding") if len(mine) else {}

    def draw(panel: Axes, level: str) -> None:
        for name in formats:
            _line(panel, stages, level, name, checks, scores)

    return _panels(levels, stages, draw, titles=[level_name(level) for level in levels])


def sampled(task: str, stages: Sequence[Told], events: Rows) -> str:
    """How often replies drawn in training were right, a panel per format, ten steps a point."""
    mine = [event for event in events if task_of(event["level"]) == task]
    formats = list(dict.fromkeys(event["format"] for event in mine))
    levels = list(dict.fromkeys(event["level"] for event in mine))
    levels.sort(key=lambda level: (len(level), level))
    drew = {event["stage"] for event in mine}
    at = [place for place, stage in enumerate(stages) if stage.name in drew]
    shown = stages[at[0] : at[-1] + 1] if at else ()

    def draw(panel: Axes, name: str) -> None:
        for place, level in enumerate(levels):
            color = rising(place, len(levels))
            label: str | None = level_name(level)
            for stage in shown:  # apart: between two that draw there may be one that does not
                held = [
                    event
                    for event in mine
                    if (event["stage"], event["format"], event["level"])
                    == (stage.name, name, level)
                ]
                if not held:
                    continue
                points = [
                    (min(stage.first + step, stage.last), score) for step, score in _windows(held)
                ]
                _band(panel, points, color, label=label)
                label = None

    return _panels(formats, shown, draw, titles=[format_name(name) for name in formats])


def standing(stage: Told, events: Rows) -> str:
    """What a stage drew by level, and how often that was right, ten steps a point.

    Args:
        stage: Which.
        events: Of replies that it drew, see :func:`sampled`.
    """
    levels = list(dict.fromkeys(event["level"] for event in events))
    levels.sort(key=lambda level: (len(level), level))
    whole = dict(_windows(events))
    points = {
        level: dict(_windows([event for event in events if event["level"] == level]))
        for level in levels
    }
    steps = {bucket: min(stage.first + bucket, stage.last) for bucket in whole}

    def draw(panel: Axes, name: str) -> None:
        below = [0.0] * len(whole)
        for place, level in enumerate(levels):
            color, held = rising(place, len(levels)), points[level]
            if name == "right":
                line = [(steps[bucket], held[bucket]) for bucket in whole if bucket in held]
                _band(panel, line, color, label=level_name(level))
                continue
            shares = [held[at].n / all_.n if at in held else 0.0 for at, all_ in whole.items()]
            above = [low + share for low, share in zip(below, shares, strict=True)]
            if len(whole) > 1:
                panel.fill_between(list(steps.values()), below, above, color=color, lw=0)
            else:
                panel.bar(list(steps.values()), shares, bottom=below, color=color)
            below = above

    return _panels(["drawn", "right"], [stage], draw, titles=["share drawn", "right"])


def judged(stage: Told, told: Sequence[Span]) -> str:
    """A judge's score and what is right on one axis, first errors by class, a mark where they part.

    Args:
        stage: Which.
        told: Its spans, each drawn at its last step; steps are the stage's own.
    """
    steps = [span.last for span in told]
    alone = "o" if len(told) == 1 else None

    def draw(panel: Axes, _: str) -> None:
        scores = [span.score for span in told]
        rights = list(zip(steps, (span.right for span in told), strict=True))
        style: Mapping[str, Any] = {"lw": 1.6, "marker": alone, "ms": 4}
        panel.plot(steps, scores, color=stand_in("c2"), label="judge's score", **style)
        _band(panel, rights, stand_in("c0"), label="right")
        for name, color in (("seeing", "c3"), ("thinking", "c4")):
            shares = [getattr(span, name) for span in told]
            if not all(map(math.isnan, shares)):
                label = f"first wrong: {name}"
                panel.plot(steps, shares, color=stand_in(color), label=label, **style, ls="--")
        if found := parted(told):
            at = found[1].first
            panel.axvline(at, color=stand_in("bad"), lw=1, ls=":")
            panel.annotate(
                "they part",
                (at, 1.0),
                (4, -2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                va="top",
                color=stand_in("bad"),
            )

    own = replace(stage, first=0, last=stage.last - stage.first)
    return _panels([stage.name], [own], draw, titles=[""])


def logged(stages: Sequence[Told], events: Rows) -> str:
    """What trainers logged, a panel per number, over the steps of all stages."""
    names = [name for name in LOGGED if any(name in event for event in events)]

    def draw(panel: Axes, name: str) -> None:
        for stage in stages:
            mine = [e for e in events if e["stage"] == stage.name and name in e]
            steps = [stage.first + event["step"] for event in mine]
            alone = "o" if len(mine) == 1 else None
            numbers = [event[name] for event in mine]
            panel.plot(steps, numbers, color=stand_in("ink"), lw=1.2, marker=alone, ms=3)

    titles = [name.rpartition("/")[2].replace("_", " ") for name in names]
    return _panels(names, stages, draw, titles=titles, shares=False)


def _panels(
    names: Sequence[str],
    stages: Sequence[Told],
    draw: Callable[[Axes, str], None],
    *,
    titles: Sequence[str],
    shares: bool = True,
) -> str:
    """A figure of a panel per name over one axis of steps, its stages shaded; empty without any."""
    if not names:
        return ""
    columns = min(_COLUMNS, len(names))
    lines = -(-len(names) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(11.3, (2.3 if columns > 2 else 2.9) * lines))
        figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08)
        panels: list[Axes] = list(
            figure.subplots(lines, columns, sharex=True, sharey=shares, squeeze=False).flat
        )
        for panel in panels[len(names) :]:
            panel.set_visible(False)
        for panel, name, title in zip(panels, names, titles, strict=False):
            draw(panel, name)
            panel.set_title(broken(title, ACROSS // columns), pad=17)
            if shares:
                panel.set_ylim(-0.02, 1.02)
                panel.yaxis.set_major_formatter(PercentFormatter(1.0))
            panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            _shade(panel, stages)
        for panel in panels[max(0, len(names) - columns) : len(names)]:
            panel.set_xlabel("training step")
            panel.tick_params(labelbottom=True)
        handles: dict[str, Any] = {}
        for panel in panels[: len(names)]:
            shown, said = panel.get_legend_handles_labels()
            handles |= dict(zip(said, shown, strict=True))
        if handles:
            figure.legend(
                handles.values(), handles, frameon=False, loc="outside lower left", ncols=6
            )
        return svg(figure)


def _line(
    panel: Axes,
    stages: Sequence[Told],
    level: str,
    name: str,
    probes: Rows,
    scores: Mapping[Key, Estimate],
) -> None:
    """One format's line with its band, and its evaluations: filled greedy, hollow sampled."""
    color, said = format_color(name), format_name(name)
    first = {stage.name: stage.first for stage in stages}
    points = [
        (first[event["stage"]] + event["step"], _share(Score(event["right"], event["total"])))
        for event in probes
        if (event["level"], event["format"]) == (level, name)
    ]
    for decoding, marker, face in (("greedy", "o", color), ("sampled", "D", stand_in("card"))):
        found = [
            (stage.last, scores[key])
            for stage in stages
            if (key := (stage.name, level, name, decoding)) in scores
        ]
        if decoding == "greedy":
            points = sorted([*points, *found], key=lambda point: point[0])
            _band(panel, points, color, label=said, dashed=is_direct(name))
        if found:
            below = [score.value - score.low for _, score in found]
            above = [score.high - score.value for _, score in found]
            panel.errorbar(
                [step for step, _ in found],
                [score.value for _, score in found],
                yerr=(below, above),
                fmt=marker,
                ms=4,
                mfc=face,
                mec=color,
                ecolor=color,
                elinewidth=1,
                label=None if decoding == "greedy" else f"{said}, sampled",
            )


def _band(
    panel: Axes,
    points: Sequence[tuple[int, Estimate]],
    color: str,
    *,
    label: str | None,
    dashed: bool = False,
) -> None:
    """A line of scores with their intervals."""
    if not points:
        return
    steps = [step for step, _ in points]
    low, high = ([getattr(score, end) for _, score in points] for end in ("low", "high"))
    values = [score.value for _, score in points]
    alone = "o" if len(points) == 1 else None
    style = "--" if dashed else "-"
    panel.plot(steps, values, color=color, lw=1.6, ls=style, marker=alone, ms=4, label=label)
    panel.fill_between(steps, low, high, color=color, alpha=0.12, lw=0)


def _shade(panel: Axes, stages: Sequence[Told]) -> None:
    """The steps of each stage in its color, its name above where it has room."""
    first = min((stage.first for stage in stages), default=0)
    last = max((stage.last for stage in stages), default=0)
    room = 0.02 * max(last - first, 1)
    panel.set_xlim(first - room, last + room)
    for stage in stages:
        if stage.first == stage.last:
            continue
        panel.axvspan(stage.first, stage.last, color=stage.shade, lw=0, zorder=0, gid=SHADE)
        panel.annotate(
            stage.label if stage.last - stage.first > 0.12 * (last - first) else "",
            ((stage.first + stage.last) / 2, 1.0),
            (0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=stand_in("soft"),
            size=7.5,
        )


def _share(score: Score) -> Estimate:
    return Estimate(score.accuracy, *score.interval(), score.total)


def _windows(events: Rows) -> Iterator[tuple[int, Estimate]]:
    """Scores of several steps taken together, placed at the last of them."""
    buckets: dict[int, Score] = {}
    for event in events:
        bucket = max(1, -(-event["step"] // _WINDOW)) * _WINDOW  # of replies the first step is 1
        buckets[bucket] = buckets.get(bucket, Score(0, 0)) + Score(event["right"], event["total"])
    for bucket in sorted(buckets):
        yield bucket, _share(buckets[bucket])
