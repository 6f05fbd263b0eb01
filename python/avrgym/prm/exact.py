"""The exact verifier as a scorer: what a judge is measured by, and the ceiling of any."""

from collections.abc import Sequence

import numpy as np

from avrgym.models.completion import Completion
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import spans
from avrgym.prompts.prompt import Prompt


class Exact:
    """Gives 0 to what is wrong and 1 to all else, steps and replies alike.

    Steps that cannot be judged, such as most behind an error, are not wrong.
    """

    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        """See :class:`avrgym.prm.scorer.Scorer`."""
        found = spans(prompts, [each.reply for each in replies])
        score, outcome = found.ok.astype(np.float32), found.right.astype(np.float32)
        return Scores(found.offsets, found.ends, score, outcome, found.bare)
