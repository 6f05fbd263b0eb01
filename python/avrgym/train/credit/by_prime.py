"""Credit by PRIME: an implicit reward of every token, of a judge that learns as the policy does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import ranged
from avrgym.core.ladder import expand
from avrgym.core.verdicts import Verdicts
from avrgym.train.credit.hidden import shown

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """What a judge that learns makes of n replies, of t tokens at most.

    Attributes:
        rewards: float32 (n, t), β log π_φ / π_ref of each token; 0 on padding.
        others: float32 (n,), mean reward of a token in the other replies to its prompt.
        replies: To each prompt, over all processes.
        largest: Of the sums of rewards from a token to its reply's end, whatever their sign, of
            all processes.
    """

    rewards: Floats
    others: Floats
    replies: int
    largest: float


@dataclass(frozen=True, slots=True)
class ByPrime:
    """``outcome * A + process * R``, both held against the other replies to the same prompt.

    PRIME (Cui et al. 2025, arXiv 2502.01456, Eq. 5). A judge begins as the policy does, and r of a
    token is β log π_φ / π_ref, how much likelier it is to the judge than to what that began as. R
    of a token is the sum of r over it and all that follow, less in each the mean reward of a token
    in the other replies; A is what a reply was paid, less what the others were on average. The
    sum of a reply's rewards is the logit by which the judge says whether it is right, and it is
    trained on each batch's own outcomes by cross-entropy, once the batch was scored (single
    forward): one pass gives both, and no reply is paid for an outcome that the judge was shown. The
    paper's scripts score anew after the update, which takes a second pass.

    Where the sum ahead of any token in a batch is more than 1, all rewards are divided by the
    largest, so that the judge does not drown the outcome; the paper's code divides always, which
    makes as much of a judge that knows nothing yet. Left out: the whitening of advantages over a
    batch, which that code has and the equation has not.

    Of levels in ``hidden`` no answer is shown, neither to the policy nor to the judge: there A is
    0, and the judge alone decides.

    Attributes:
        kind: Names this rule.
        beta: β, above 0.
        rate: The judge's learning rate (AdamW), above 0. That of the paper, 1e-6, is for whole
            models of billions of weights; adapters take about 1e-5, models made here 1e-3.
        clip: The largest norm of the judge's gradient, above 0.
        outcome: Weight of the outcome, 0 to 100.
        process: Weight of the judge's rewards, 0 to 100.
        hidden: Levels whose answers are not shown, such as ``grid_navigation/rung2..rung3``.

    Raises:
        TaskError: One of them is out of its range.
    """

    LEARNS: ClassVar[bool] = True
    #: A is no deviation: what a group of equals strays by would be blown up beside R.
    TRL: ClassVar[Mapping[str, Any]] = {"scale_rewards": "none"}

    kind: Literal["prime"] = "prime"
    beta: float = 0.05
    rate: float = 1e-6
    clip: float = 10.0
    outcome: float = 1.0
    process: float = 1.0
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, fit in (("beta", 0.05), ("rate", 1e-6), ("clip", 10)):
            if ranged(name, getattr(self, name), 0, 1e6) <= 0:
                raise TaskError(f"{name} {getattr(self, name)} is not above 0; give {fit} or so")
        for name in ("outcome", "process"):
            ranged(name, getattr(self, name), 0, 100)
        expand(self.hidden)

    def deal(
        self,
        advantages: Floats,
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
        implied: Implied | None = None,
    ) -> Floats:
        """One advantage per token, float32 (n, t), 0 on padding.

        Args:
            advantages: float32 (n,), of each reply what it was paid less its group's mean.
            token_bytes: int32 (n, t), bytes of each token; padded on the right.
            token_counts: int64 (n,), tokens of each reply.
            verdicts: Of the n replies, whose addresses alone are looked at.
            implied: What the judge made of them.
        """
        assert implied is not None, "a judge scores before credit is dealt"
        said = np.arange(token_bytes.shape[1]) < token_counts[:, None]
        bound = max(1.0, implied.largest)
        ahead = np.where(said, (implied.rewards - implied.others[:, None]) / bound, 0)
        ahead = ahead[:, ::-1].cumsum(1, dtype=np.float64)[:, ::-1]
        alone = implied.replies / (implied.replies - 1)  # from the group's mean to that of others
        own = np.where(shown(self.hidden, verdicts.addresses), alone * advantages, 0)
        dealt = self.outcome * own[:, None] + self.process * ahead
        return np.where(said, dealt, 0).astype(np.float32)


def of_others(means: Floats, addresses: NDArray[Any]) -> Floats:
    """The mean of what other replies to the same address have, float32 (n,); one's own if alone.

    Args:
        means: float32 (n,).
        addresses: Of each, (n,).
    """
    if not len(means):
        return means
    _, group = np.unique(addresses, return_inverse=True)
    beside = (np.bincount(group) - 1)[group]
    rest = np.bincount(group, means)[group] - means
    return np.where(beside, rest / np.maximum(beside, 1), means).astype(np.float32)


def told(rewards: Floats) -> tuple[float, float, float]:
    """Of a reply's rewards their sum and mean, and the largest of their sums from a token on.

    Args:
        rewards: Of its tokens, float32 (t,).
    """
    sums = rewards[::-1].cumsum(dtype=np.float64)
    if not len(sums):
        return 0.0, 0.0, 0.0
    return float(sums[-1]), float(sums[-1]) / len(sums), float(np.abs(sums).max())
