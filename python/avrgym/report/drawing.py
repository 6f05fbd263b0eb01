"""How figures look, and how they become text of a page."""

import io
import re
from typing import Any

from avrgym.core.extras import needs
from avrgym.report.palette import declared, named, stand_in

with needs("train"):
    from matplotlib.figure import Figure

#: What is painted behind a stage of training; the page takes it back in the dark.
SHADE = "shade"

#: Characters of titles that stand side by side across a figure as wide as the page.
ACROSS = 100

STYLE: Any = {  # a settings table of matplotlib's, whose keys its stubs spell out one by one
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": stand_in("soft"),
    "axes.linewidth": 0.6,
    "axes.labelcolor": stand_in("soft"),
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.labelcolor": stand_in("ink"),
    "text.color": stand_in("ink"),
    "xtick.color": stand_in("soft"),
    "ytick.color": stand_in("soft"),
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "avrgym",  # same run, same bytes
    "svg.fonttype": "none",  # words stay words, to be found and read aloud
}


def svg(figure: Figure) -> str:
    """The figure as an ``<svg>`` element that can stand in a page of either scheme."""
    buffer = io.StringIO()
    nothing: Any = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans'")
    return named(text)


def alone(svg: str) -> str:
    """A figure as a file of its own, light or dark as the system is.

    Args:
        svg: Of :func:`svg`.
    """
    light, dark = declared(dark=False), declared(dark=True)
    style = (
        f"<style>svg {{ {light} background: var(--card); }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }}</style>"
    )
    return re.sub(r"<svg[^>]*>", lambda found: found[0] + style, svg, count=1)


def apart(svg: str, name: str) -> str:
    """A figure whose names are its own among those of a page; names that nobody uses are dropped.

    Args:
        svg: Of :func:`svg`.
        name: What no other figure of the page is called.
    """
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))

    def own(found: re.Match[str]) -> str:
        if found[1] == SHADE:
            return f' class="{SHADE}"'
        return f' id="{name}-{found[1]}"' if found[1] in used else ""

    return re.sub(r'(url\(|href=")#', rf"\1#{name}-", re.sub(r'\sid="([^"]*)"', own, svg))
