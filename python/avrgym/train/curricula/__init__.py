"""Which prompts a stage trains on, in which order: one file each.

``CURRICULA`` says what there is to draw from, ``CLIMBS`` by which rule levels take turns.
"""

from avrgym.train.curricula.adarft import AdaRft
from avrgym.train.curricula.cosine import Cosine
from avrgym.train.curricula.easy2hard import Easy2Hard
from avrgym.train.curricula.gaussian import Gaussian
from avrgym.train.curricula.glicko import Glicko
from avrgym.train.curricula.learnability import Learnability
from avrgym.train.curricula.levels import Levels
from avrgym.train.curricula.mixture import MixtureRows
from avrgym.train.curricula.sec import Sec
from avrgym.train.curricula.sequential import Sequential
from avrgym.train.curricula.ucb import Ucb
from avrgym.train.curricula.uniform import Uniform
from avrgym.train.curricula.variance import Variance
from avrgym.train.curricula.window import Window

__all__ = ["CLIMBS", "CURRICULA", "Levels", "MixtureRows"]

#: What a stage's ``curriculum`` may be, by its ``kind``.
CURRICULA: tuple[type, ...] = (Levels, MixtureRows)

#: What the ``climb`` of ``levels`` may be, by its ``kind``.
CLIMBS: tuple[type, ...] = (
    Uniform,
    Sequential,
    Cosine,
    Gaussian,
    Window,
    AdaRft,
    Sec,
    Ucb,
    Variance,
    Learnability,
    Glicko,
    Easy2Hard,
)
