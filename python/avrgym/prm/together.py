"""Several scorers as one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.models.completion import Completion
from avrgym.prm.scorer import Scorer, Scores
from avrgym.prompts.prompt import Prompt

_LEAST = 1e-6  # of a score, whose logarithm would be infinite


class Together:
    """The mean of what several scorers say, in logits: the sure ones weigh more."""

    def __init__(self, scorers: Sequence[Scorer]) -> None:
        """Asks nothing yet.

        Args:
            scorers: 1 or more.
        """
        self.scorers = tuple(scorers)

    @property
    def weights(self) -> int | None:
        """Of all of them; None where one does not say."""
        each = [getattr(scorer, "weights", 0) for scorer in self.scorers]
        return None if None in each else sum(each)

    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        """See :class:`avrgym.prm.scorer.Scorer`; where one says nothing, the others decide.

        Raises:
            TaskError: They do not find the same steps.
        """
        found = [scorer.scores(prompts, replies) for scorer in self.scorers]
        first = found[0]
        if any(not np.array_equal(each.ends, first.ends) for each in found[1:]):
            raise TaskError("these scorers do not find the same steps, so they cannot be one")
        return Scores(
            first.offsets,
            first.ends,
            _mean([each.score for each in found]),
            _mean([each.outcome for each in found]),
            first.bare,
        )


def _mean(said: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    held = np.clip(np.stack(said).astype(np.float64), _LEAST, 1 - _LEAST)
    logits = np.log(held) - np.log1p(-held)
    known = ~np.isnan(logits)
    counts = known.sum(0)
    sums = np.where(known, logits, 0.0).sum(0)
    mean = np.divide(sums, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
    return np.asarray(1 / (1 + np.exp(-mean)), np.float32)
