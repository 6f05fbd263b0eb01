"""Credit by step: a reply's advantage goes as far as its steps can have earned it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avrgym.core.arguments import named, ranged
from avrgym.core.verdicts import Verdicts

_AFTER = ("thinking", "any", "none")


@dataclass(frozen=True, slots=True)
class BySteps:
    """Each token has the reply's advantage A as far as its step can have earned it.

    All tokens begin with A, and what cannot have earned it is taken back:

    * **A wrong step is never praised**: its tokens get ``min(A, 0)``, also a token in which a right
      step ends.
    * **What follows an error says nothing**: after it every token gets 0. Which errors do so is
      ``ends``: as a rule steps of *thinking* (a move, a conclusion). *Readings* (`locate`, `read`,
      `avoid`, `transcribe`) stand or fall by themselves: the moves after a wrong one are judged on
      their own.
    * **A right step keeps A, also when A is negative**: a move may be valid and yet lead nowhere.

    Over three seeds of Grid Navigation it did neither better nor worse than A for every token
    (``docs/results/grid_navigation_credit.md``); on one seed, forms that gave right steps before
    the error ``max(A, 0)`` did worse than both.

    Attributes:
        kind: Names this rule.
        seeing: Weight of A in tokens of steps that say what is seen, 0 to 100.
        thinking: The same of all other steps. What is in no step has weight 1.
        ends: Wrong steps behind which every token gets 0: of ``thinking``, ``any`` (the first error
            is the last thing that counts), or ``none``.

    Raises:
        TaskError: One of them is out of its range.
    """

    kind: Literal["steps"] = "steps"
    seeing: float = 1.0
    thinking: float = 1.0
    ends: Literal["thinking", "any", "none"] = "thinking"

    def __post_init__(self) -> None:
        ranged("seeing", self.seeing, 0, 100)
        ranged("thinking", self.thinking, 0, 100)
        named("ends", self.ends, _AFTER)

    def deal(
        self,
        advantages: NDArray[np.float32],
        token_bytes: NDArray[np.int32],
        token_counts: NDArray[np.int64],
        verdicts: Verdicts,
    ) -> NDArray[np.float32]:
        """One advantage per token, float32 (n, t); see :func:`avrgym.train.credit.spans.deal`."""
        from avrgym.train.credit.spans import Effect, Steps, deal

        steps = Steps.of(verdicts)
        wrong = steps.wrong
        ending = {"thinking": wrong & ~steps.seeing, "any": wrong, "none": np.zeros_like(wrong)}
        effect = Effect(
            blamed=wrong,
            ends=ending[self.ends],
            weight=steps.weights(self.seeing, self.thinking),
            ahead=np.zeros(len(wrong), np.float32),
        )
        return deal(advantages, token_bytes, token_counts, steps, effect)
