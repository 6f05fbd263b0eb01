"""The figures of sections: stacked bars, lines with bands, things on one axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avrgym.analyses.interval import Estimate
from avrgym.analyses.skills import SEEING
from avrgym.core.extras import needs
from avrgym.report.drawing import ACROSS, STYLE, svg
from avrgym.report.names import broken
from avrgym.report.palette import CATEGORIES, category, stand_in

with needs("train"):
    import matplotlib
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

_WIDTH = 11.3  # inches of a figure as wide as the page
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """Shares along an axis.

    Attributes:
        at: Where, n numbers.
        shares: n of them.
    """

    at: Sequence[float]
    shares: Sequence[Estimate]


def stacked(bars: Mapping[str, Sequence[float]], names: Sequence[str]) -> str:
    """Bars made of shares, a colour for each name: those of seeing are blue, the others orange.

    Args:
        bars: By label, a share for each name.
        names: Skills.
    """
    if not bars or not names:
        return ""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, 0.9 + 0.27 * len(bars)))
        figure.set_layout_engine("constrained")
        panel: Axes = figure.subplots()
        labels = list(bars)
        left = [0.0] * len(labels)
        sees = thinks = 0
        for place, name in enumerate(names):
            if name in SEEING:
                color, sees = f"s{sees % 4}", sees + 1
            else:
                color, thinks = f"t{thinks % 6}", thinks + 1
            widths = [bars[label][place] for label in labels]
            shade = stand_in(color)
            panel.barh(labels, widths, left=left, color=shade, label=name, height=0.66)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        panel.invert_yaxis()
        panel.xaxis.set_major_formatter(PercentFormatter(1.0))
        panel.set_xlim(0, min(1.0, max(*left, 0.01) * 1.04))
        panel.tick_params(left=False)
        panel.spines["left"].set_visible(False)
        panel.grid(axis="x", color=stand_in("line"), lw=0.6)
        panel.set_axisbelow(True)
        figure.legend(frameon=False, loc="outside lower left", ncols=9)
        return svg(figure)


def bands(
    panels: Mapping[str, Mapping[str, Line]],
    share: str,
    *,
    diagonal: bool = False,
    doubled: str = "",
) -> str:
    """Lines of shares with their intervals, a panel per title, a colour per label.

    Where there are more labels than colours the further ones are dashed.

    Args:
        panels: By title, by label.
        share: What the shares are of.
        diagonal: Whether the line on which both axes agree is drawn.
        doubled: What the axis below is of, where each step of it is twice the one before.
    """
    if not panels:
        return ""
    labels = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, 2.5 * rows + 0.3))
        figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08)
        spots: list[Axes] = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
        for spot in spots[len(panels) :]:
            spot.set_visible(False)
        for spot, (title, lines) in zip(spots, panels.items(), strict=False):
            for label, line in lines.items():
                place = labels.index(label)
                color, dash = category(place), ("-", "--", ":")[place // CATEGORIES % 3]
                shares = [each.value for each in line.shares]
                alone = "o" if len(shares) < 12 else None
                spot.plot(
                    line.at, shares, color=color, ls=dash, lw=1.5, marker=alone, ms=3.5, label=label
                )
                low, high = ([getattr(e, end) for e in line.shares] for end in ("low", "high"))
                spot.fill_between(line.at, low, high, color=color, alpha=0.13, lw=0)
            if diagonal:
                spot.plot((0, 1), (0, 1), color=stand_in("soft"), lw=0.8, ls=":")
            spot.set_title(broken(title, ACROSS // columns))
            spot.yaxis.set_major_formatter(PercentFormatter(1.0))
            if doubled:
                spot.set_xscale("log", base=2)
                spot.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:.2g}"))
                spot.set_xlabel(doubled)
            else:
                spot.xaxis.set_major_locator(MaxNLocator(5, integer=not diagonal))
            spot.grid(axis="y", color=stand_in("line"), lw=0.6)
        top = max(
            max(e.high for e in ln.shares) for each in panels.values() for ln in each.values()
        )
        spots[0].set_ylim(-0.02, 1.02 if share == "right" else min(1.02, 1.1 * top))
        spots[0].set_ylabel(share)
        handles: dict[str, Artist] = {}
        for spot in spots[: len(panels)]:
            shown, said = spot.get_legend_handles_labels()
            handles |= dict(zip(said, shown, strict=True))
        figure.legend(handles.values(), handles, frameon=False, loc="outside lower left", ncols=6)
        return svg(figure)


def axis(above: Mapping[str, Estimate], below: Mapping[str, Estimate]) -> str:
    """Two kinds of things on one axis of logits, a line each, in order.

    Args:
        above: Abilities by label.
        below: Difficulties by label.
    """
    order = sorted(above, key=lambda name: -above[name].value)
    under = sorted(below, key=lambda name: -below[name].value)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, 0.7 + 0.21 * (len(order) + len(under) + 1)))
        figure.set_layout_engine("constrained")
        panel: Axes = figure.subplots()
        groups = ((order, above, "o", "accent", 0), (under, below, "D", "c3", len(order) + 1))
        for names, held, marker, color, first in groups:
            values = [held[name].value for name in names]
            spread = [min(held[n].high - held[n].value, 9.0) if len(names) else 0.0 for n in names]
            panel.errorbar(
                values,
                [first + place for place in range(len(names))],
                xerr=spread,
                fmt=marker,
                ms=4.5,
                color=stand_in(color),
                elinewidth=1,
            )
        ticks = [*range(len(order)), *range(len(order) + 1, len(order) + 1 + len(under))]
        panel.set_yticks(ticks, [*order, *under])
        for place, label in enumerate(panel.get_yticklabels()):
            label.set_color(stand_in("ink" if place < len(order) else "soft"))
        panel.axhline(len(order), color=stand_in("line"), lw=0.8)
        panel.axvline(0, color=stand_in("line"), lw=0.8)
        panel.invert_yaxis()
        panel.tick_params(left=False)
        panel.spines["left"].set_visible(False)
        panel.set_xlabel("logits: abler and harder to the right")
        return svg(figure)
