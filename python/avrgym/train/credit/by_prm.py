"""Credit by a judge of steps: where a model's score stands in for the verifier's word."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.arguments import ranged
from avrgym.core.ladder import expand
from avrgym.core.verdicts import Verdicts
from avrgym.train.credit.by_returns import returns
from avrgym.train.credit.shaping import shaped

if TYPE_CHECKING:
    from avrgym.prm.scorer import Scores


@dataclass(frozen=True, slots=True)
class ByPrm:
    """``outcome * A + ahead * R``, R being what a judge pays for a token's step and later ones.

    Steps are paid as :func:`avrgym.train.credit.shaping.shaped` says, and summed to the reply's
    end; less the mean of what the group's replies to one address still get from a step of that
    place on, by the deviation of what they get in all, see :func:`relative`. Normalised step by
    step, as ``returns`` has it, pay would no longer be bounded by the reply, and longer replies
    would earn more: a model paid so filled all the room it had within 150 steps. Of levels in
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
        return not {setting, setting.partition("?")[0]}.isdisjoint(expand(self.hidden))

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
        shown = [not self.hides(setting_of(address)) for address in verdicts.addresses]
        shares = np.where(shown, np.float32(self.outcome) * advantages, np.float32(0))
        return deal(shares.astype(np.float32), token_bytes, token_counts, steps, effect)


def relative(
    paid: NDArray[np.float32], offsets: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What lies ahead of each step, compared with the other replies of its group.

    Args:
        paid: Of s steps, float32 (s,).
        offsets: int64 (n + 1,); reply i has the steps ``offsets[i]:offsets[i + 1]``.
        group: Of each reply, codes of 0 or more, int (n,).

    Returns:
        float32 (s,): the sum from a step to the reply's end, less the group's mean of that over
        the replies that have a step of that place, by the deviation of the group's whole sums;
        0 where these are all alike. So over the steps of one place the group's sum to 0, and how
        many steps a reply has earns nothing.
    """
    if not len(paid):
        return paid
    ahead = returns(paid, offsets, 1.0).astype(np.float64)
    counts = np.diff(offsets)
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(paid)) - np.repeat(offsets[:-1], counts)
    _, beside = np.unique(group[owner] * (int(counts.max()) + 1) + place, return_inverse=True)
    base = (np.bincount(beside, ahead) / np.bincount(beside))[beside]
    whole = np.bincount(owner, paid, len(counts))
    many = np.maximum(np.bincount(group), 1)
    strayed = whole - (np.bincount(group, whole) / many)[group]
    spread = np.sqrt(np.bincount(group, strayed**2) / many)[group][owner]
    alike = spread < 1e-6  # rounding, which would be blown up to 1
    found = np.where(alike, 0, (ahead - base) / np.where(alike, 1, spread))
    return found.astype(np.float32)
