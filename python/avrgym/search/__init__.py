"""Search at inference: several replies instead of one, and a choice among them.

A strategy is one file, a frozen dataclass that begins with its ``kind``. Those of ``RANKINGS``
choose among whole replies, which may have been drawn long ago: they read rows and never the model.
Those of ``GROWTHS`` draw replies step by step and need one. Within, each uses earlier ones alone:
aggregation · widths · candidates → strategies → rerank · grow → frontier.
"""

from avrgym.search.best_of_n import BestOfN
from avrgym.search.majority import Majority
from avrgym.search.weighted_vote import WeightedVote

__all__ = ["RANKINGS", "BestOfN", "Majority", "WeightedVote"]

#: What chooses among whole replies, by ``kind``.
RANKINGS: tuple[type[Majority] | type[BestOfN] | type[WeightedVote], ...] = (
    Majority,
    BestOfN,
    WeightedVote,
)
