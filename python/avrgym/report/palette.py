"""Colours of pages, each for light and for dark; figures name them by variables of the page.

matplotlib takes no variables, so a figure is drawn in stand-ins, which no other colour has, and
they are replaced in its text.
"""

import re
from collections.abc import Mapping

#: By variable, in light and in dark.
COLORS: Mapping[str, tuple[str, str]] = {
    "ground": ("#faf9f7", "#161413"),
    "card": ("#ffffff", "#1f1c1b"),
    "ink": ("#1c1917", "#ece9e6"),
    "soft": ("#6b645f", "#a59e98"),
    "line": ("#e6e3df", "#36312e"),
    "ok": ("#15803d", "#4ade80"),
    "bad": ("#b91c1c", "#f87171"),
    "odd": ("#a16207", "#eab308"),
    "accent": ("#c2410c", "#fb923c"),
    # Of what is told apart, also by eyes that see red and green alike.
    "c0": ("#c2410c", "#fb923c"),
    "c1": ("#0f766e", "#2dd4bf"),
    "c2": ("#6d28d9", "#a78bfa"),
    "c3": ("#0369a1", "#38bdf8"),
    "c4": ("#a16207", "#facc15"),
    "c5": ("#be185d", "#f472b6"),
    "c6": ("#57534e", "#a8a29e"),
    # Skills of seeing, and of thinking.
    "s0": ("#0c4a6e", "#075985"),
    "s1": ("#0284c7", "#0284c7"),
    "s2": ("#38bdf8", "#38bdf8"),
    "s3": ("#bae6fd", "#bae6fd"),
    "t0": ("#7c2d12", "#9a3412"),
    "t1": ("#c2410c", "#c2410c"),
    "t2": ("#f97316", "#ea580c"),
    "t3": ("#fdba74", "#fb923c"),
    "t4": ("#fde6cc", "#fed7aa"),
    "t5": ("#a8a29e", "#78716c"),
    # What follows one upon the other: levels from easy to hard.
    "q0": ("#440154", "#8a6fd1"),
    "q1": ("#482173", "#7f86d6"),
    "q2": ("#433e85", "#6f9bd6"),
    "q3": ("#38588c", "#5eaed0"),
    "q4": ("#2d708e", "#4fbfc4"),
    "q5": ("#25858e", "#48cdb3"),
    "q6": ("#1e9b8a", "#55d99c"),
    "q7": ("#2ab07f", "#72e283"),
    "q8": ("#51c56a", "#97e96a"),
    "q9": ("#85d54a", "#bdee56"),
}
_NAMES = tuple(COLORS)
_STAND_IN = re.compile(r"#01fe([0-9a-f]{2})")


def stand_in(name: str) -> str:
    """What a figure is drawn in instead of a variable, see :func:`named`.

    Args:
        name: A key of :data:`COLORS`.
    """
    return f"#01fe{_NAMES.index(name):02x}"


def named(svg: str) -> str:
    """The text of a figure with variables for stand-ins."""
    return _STAND_IN.sub(lambda found: f"var(--{_NAMES[int(found[1], 16)]})", svg)


#: Things that colours tell apart; further ones begin anew.
CATEGORIES = 7


def category(place: int) -> str:
    """The stand-in of one of several things, from 0."""
    return stand_in(f"c{place % CATEGORIES}")


def rising(place: int, count: int) -> str:
    """The stand-in of one of ``count`` things in order."""
    return stand_in(f"q{round(9 * place / max(1, count - 1))}")


def declared(dark: bool) -> str:
    """The variables as a style sheet declares them."""
    return " ".join(f"--{name}: {pair[dark]};" for name, pair in COLORS.items())
