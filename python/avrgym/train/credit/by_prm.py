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
from avrgym.train.credit.by_returns import normalised, returns
from avrgym.train.credit.shaping import shaped

if TYPE_CHECKING:
    from avrgym.prm.scorer import Scores


@dataclass(frozen=True, slots=True)
class ByPrm:
    """``outcome * A + ahead * R``, R being what a judge pays for a token's step and later ones.

    Steps are paid as :func:`avrgym.train.credit.shaping.shaped` says, normalised within the group
    of replies to one address, and summed to the reply's end, as ``returns`` does with the
    verifier's own word. Of levels in ``hidden`` no answer is shown: there A is 0, and the judge
    alone decides, which is how a judge of easy steps teaches hard ones (Sun et al. 2024).

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
        paid = normalised(paid, group[scores.owner])
        ahead = np.zeros(len(aloud), np.float32)
        ahead[aloud] = self.ahead * returns(paid, scores.offsets, 1.0)
        nothing = np.zeros(len(aloud), bool)
        effect = Effect(nothing, nothing, np.ones(len(aloud), np.float32), ahead)
        shown = [not self.hides(setting_of(address)) for address in verdicts.addresses]
        shares = np.where(shown, np.float32(self.outcome) * advantages, np.float32(0))
        return deal(shares.astype(np.float32), token_bytes, token_counts, steps, effect)
