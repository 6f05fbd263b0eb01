"""Credit by what lies ahead: the outcome, and the exact rewards of the steps still to come."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import ranged
from avrgym.core.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class ByReturns:
    """``outcome * A + ahead * r``, with r the discounted rewards of a token's step and later ones.

    A right step is worth its weight, a wrong one minus that, one that cannot be judged 0. Rewards
    are normalised within the group of replies to one address, by mean and deviation of all its
    steps, then summed from each step to the reply's end: GRPO under process supervision
    (DeepSeekMath, section 4.1.3), with exact rewards where it has a model's, and the outcome beside
    them. A reply's tokens behind its last step have the outcome alone.

    Groups are those of one process.

    Attributes:
        kind: Names this rule.
        outcome: Weight of the reply's advantage A, 0 to 100.
        ahead: Weight of the steps, 0 to 100.
        discount: Of a step's reward by each step before it, 0 to 1; 0 is a step's own reward.
        seeing: Weight of steps that say what is seen, 0 to 100.
        thinking: The same of all others.

    Raises:
        TaskError: One of them is out of its range.
    """

    kind: Literal["returns"] = "returns"
    outcome: float = 1.0
    ahead: float = 0.5
    discount: float = 1.0
    seeing: float = 1.0
    thinking: float = 1.0

    def __post_init__(self) -> None:
        for name in ("outcome", "ahead", "seeing", "thinking"):
            ranged(name, getattr(self, name), 0, 100)
        ranged("discount", self.discount, 0, 1)

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> NDArray[np.float32]:
        """One advantage per token, float32 (n, t); see :func:`avrgym.train.credit.spans.deal`."""
        from avrgym.train.credit.spans import OK, Effect, Steps, deal

        steps = Steps.of(verdicts)
        wrong, nothing = steps.wrong, np.zeros(len(steps.state), bool)
        rewards = steps.weights(self.seeing, self.thinking) * (
            (steps.state == OK).astype(np.float32) - wrong
        )
        _, group = np.unique(np.array(verdicts.addresses), return_inverse=True)
        effect = Effect(
            blamed=nothing,
            ends=nothing,
            weight=np.ones(len(wrong), np.float32),
            ahead=self.ahead
            * returns(normalised(rewards, group[steps.owner]), steps.offsets, self.discount),
        )
        shares = np.float32(self.outcome) * advantages
        return deal(shares, token_bytes, token_counts, steps, effect)


def normalised(rewards: NDArray[np.float32], group: NDArray[np.int64]) -> NDArray[np.float32]:
    """Rewards less their group's mean, by its deviation; 0 where a group's are all alike.

    Args:
        rewards: float32 (s,).
        group: Codes of 0 or more, int (s,).
    """
    if not len(rewards):
        return rewards
    count = np.maximum(np.bincount(group), 1)
    strayed = rewards - (np.bincount(group, rewards) / count)[group]
    spread = np.sqrt(np.bincount(group, strayed**2) / count)[group]
    # Below this it is rounding, which would be blown up to 1.
    alike = spread < 1e-6
    return np.where(alike, 0, strayed / np.where(alike, 1, spread)).astype(np.float32)


def returns(
    rewards: NDArray[np.float32], offsets: NDArray[np.int64], discount: float
) -> NDArray[np.float32]:
    """The discounted sum of each step's reward and those after it in its reply, float32 (s,)."""
    summed = rewards.astype(np.float64)
    longest = int(np.diff(offsets).max(initial=0))
    # All replies at once, from their last steps backwards.
    for back in range(2, longest + 1):
        at = (offsets[1:] - back)[np.diff(offsets) >= back]
        summed[at] += discount * summed[at + 1]
    return summed.astype(np.float32)
