"""Mixtures: which samples a model learns from, in which formats, in which order and how often.

A mixture is data: phases of weighted parts. Row i of a phase is a pure function of the mixture, so
shards, workers and restarts agree without talking to each other. The k-th instance of a level under
one seed is the same problem in every format, and counts are exact: a part of weight w among weights
of sum W gets w / W of the phase's rows, rounded by largest remainder.
"""

from avrgym.mixtures.checks import check_written
from avrgym.mixtures.files import SUFFIXES, build, load
from avrgym.mixtures.named import NAMES, named
from avrgym.mixtures.order import Exclude, Item, items, pick
from avrgym.mixtures.parts import Internalise, Mixture, Part, Phase
from avrgym.mixtures.wording import chats, rows
from avrgym.prompts.format import Format

__all__ = [
    "NAMES",
    "SUFFIXES",
    "Exclude",
    "Format",
    "Internalise",
    "Item",
    "Mixture",
    "Part",
    "Phase",
    "build",
    "chats",
    "check_written",
    "items",
    "load",
    "named",
    "pick",
    "rows",
]
