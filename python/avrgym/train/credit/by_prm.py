"""Credit by a judge of steps: where a model's score stands in for the verifier's word."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import ranged
from avrgym.core.ladder import expand
from avrgym.core.verdicts import Verdicts
from avrgym.train.credit.by_returns import returns
from avrgym.train.credit.hidden import hides, shown
from avrgym.train.credit.shaping import SHARE, shaped

if TYPE_CHECKING:
    from avrgym.prm.scorer import Scores


@dataclass(frozen=True, slots=True)
class ByPrm:
    """``outcome * A + ahead * R``, R being what a judge pays for a reply, up to where it costs.

    Steps are paid as :func:`avrgym.train.credit.shaping.shaped` says. R is what a reply is paid in
    all, normalised within the group of replies to one address; where it is below the mean, steps
    behind the last one that cost anything have none, see :func:`relative`. The paper has a model
    of values for that. Two simpler ways were tried and broke the grid's model within 150 steps:
    pay normalised step by step, as ``returns`` has it, is not bounded by the reply, and replies
    filled all the room they had; what is still to come, compared at one place of all replies,
    rewards whatever is said behind an error, where nothing is left to lose. Of levels in
    ``hidden`` no answer is shown: there A is 0, and the judge alone decides, which is how a judge
    of easy steps teaches hard ones (Sun et al. 2024).

    Groups are those of one process.

    Attributes:
        kind: Names this rule.
        judge: An earlier stage ``prm`` of the run, by name; the folder of a judge; or ``exact``,
            the verifier as a judge.
        outcome: Weight of the reply's advantage A, 0 to 100.
        ahead: Weight of the steps, 0 to 100.
        scheme: What a step is paid for lowering: ``min``, the least score so far, or ``product``.
        hidden: Levels whose answers are not shown, such as ``grid_navigation/rung2..rung3``.

    Raises:
        TaskError: One of them is out of its range.
    """

    SCORED: ClassVar[bool] = True

    kind: Literal["prm"] = "prm"
    judge: str = "prm"
    outcome: float = 1.0
    ahead: float = 1.0
    scheme: Literal["min", "product"] = "min"
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("outcome", "ahead"):
            ranged(name, getattr(self, name), 0, 100)
        if not self.judge:
            raise TaskError("judge is empty; name a stage, a folder, or exact")
        expand(self.hidden)

    def hides(self, setting: str) -> bool:
        """Whether answers of a level are not shown, whatever the wording it is asked in."""
        return hides(self.hidden, setting)

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
        scores: "Scores | None" = None,
    ) -> NDArray[np.float32]:
        """One advantage per token, float32 (n, t); see :func:`avrgym.train.credit.spans.deal`.

        Args:
            advantages: float32 (n,), one per reply.
            token_bytes: int32 (n, t), bytes of each token; padded on the right.
            token_counts: int64 (n,), tokens of each reply.
            verdicts: Of the n replies, which say where steps are and nothing else here.
            scores: Of the judge, on the steps that stand in no thought.
        """
        from avrgym.train.credit.spans import Effect, Steps, deal

        assert scores is not None, "a judge scores before credit is dealt"
        steps = Steps.of(verdicts)
        aloud = ~verdicts.step_thought
        _, group = np.unique(np.array(verdicts.addresses), return_inverse=True)
        paid = shaped(scores.score, scores.offsets, self.scheme)
        ahead = np.zeros(len(aloud), np.float32)
        ahead[aloud] = self.ahead * relative(paid, scores.offsets, group)
        nothing = np.zeros(len(aloud), bool)
        effect = Effect(nothing, nothing, np.ones(len(aloud), np.float32), ahead)
        known = shown(self.hidden, verdicts.addresses)
        shares = np.where(known, np.float32(self.outcome) * advantages, np.float32(0))
        return deal(shares.astype(np.float32), token_bytes, token_counts, steps, effect)


def relative(
    paid: NDArray[np.float32], offsets: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What each step's reply is paid, compared with the other replies of its group.

    Args:
        paid: Of s steps, float32 (s,); one that costs nothing has the reply's even share.
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.
        group: Of each reply, codes of 0 or more, int (n,).

    Returns:
        float32 (s,): the reply's sum less its group's mean, by the group's deviation, 0 where a
        group's sums are all alike; and 0 for steps of a reply below the mean behind which, and in
        which, nothing more is lost.
    """
    if not len(paid):
        return paid
    counts = np.diff(offsets)
    owner = np.repeat(np.arange(len(counts)), counts)
    whole = np.bincount(owner, paid, len(counts))
    many = np.maximum(np.bincount(group), 1)
    strayed = whole - (np.bincount(group, whole) / many)[group]
    spread = np.sqrt(np.bincount(group, strayed**2) / many)[group]
    alike = spread < 1e-6  # rounding, which would be blown up to 1
    own = np.where(alike, 0, strayed / np.where(alike, 1, spread))[owner]
    lost = (paid < SHARE / counts[owner] - 1e-6).astype(np.float32)
    blamed = returns(lost, offsets, 1.0) > 0
    return np.where((own > 0) | blamed, own, 0).astype(np.float32)
