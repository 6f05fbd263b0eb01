"""Which prompts a stage trains on, in which order: one file each, named in ``CURRICULA``."""

from avrgym.train.curricula.levels import Levels
from avrgym.train.curricula.mixture import MixtureRows

__all__ = ["CURRICULA", "Levels", "MixtureRows"]

#: What a stage's ``curriculum`` may be, by its ``kind``.
CURRICULA: tuple[type, ...] = (Levels, MixtureRows)
