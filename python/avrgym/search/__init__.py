"""Search at inference: several replies instead of one, and a choice among them.

A strategy is one file, a frozen dataclass that begins with its ``kind``. Those of ``RANKINGS``
choose among whole replies, which may have been drawn long ago: they read rows and never the model.
Those of ``GROWTHS`` draw replies step by step and need one. Within, each uses earlier ones alone:
aggregation · voting · widths · distinct → grow → strategies → candidates → rerank → frontier · live
→ begin.
"""

from avrgym.search.beam import Beam
from avrgym.search.best_of_n import BestOfN
from avrgym.search.majority import Majority
from avrgym.search.rebase import Rebase
from avrgym.search.sample import Sample
from avrgym.search.weighted_vote import WeightedVote

__all__ = [
    "GROWTHS",
    "RANKINGS",
    "STRATEGIES",
    "Beam",
    "BestOfN",
    "Majority",
    "Rebase",
    "Sample",
    "WeightedVote",
]

#: What chooses among whole replies.
RANKINGS = (Majority, BestOfN, WeightedVote)
#: What draws them step by step.
GROWTHS = (Sample, Rebase, Beam)
#: All of them, by ``kind``.
STRATEGIES = (*RANKINGS, *GROWTHS)
