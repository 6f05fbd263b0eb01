"""A judge that learns from what it scores: an implicit reward, trained as a policy is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.completion import Completion
from avrgym.models.load import save
from avrgym.prm.batch import Part, Row, lay
from avrgym.prm.heads import Implicit
from avrgym.prm.judge import Judge
from avrgym.prompts.prompt import Prompt

with needs("train"):
    import torch
    from torch.nn import functional
    from torch.nn.utils import clip_grad_norm_

#: What of a judge a checkpoint has: its model, and beside it the state of what trains it.
OPTIMIZER = "judge.pt"


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a judge made of a batch before it learned from it; numbers are of all processes.

    Attributes:
        rewards: Of each reply of this process float32 (tokens,), β log π_φ / π_ref.
        loss: Mean cross-entropy of those with a label, NaN where none has.
        accuracy: Share of these that it told right from wrong, at one half; NaN likewise.
        score: Mean over all replies of how surely each is right, 0 to 1.
    """

    rewards: list[NDArray[np.float32]]
    loss: float
    accuracy: float
    score: float


class Online:
    """An implicit reward that takes a step on each batch that it scores, by its outcomes.

    The reward of a token is β log π_φ / π_ref, that of a reply their sum, whose sigmoid is held to
    whether the reply is right (Yuan et al. 2024, arXiv 2412.01981; online as Cui et al. 2025, arXiv
    2502.01456). Processes have the same judge as long as they call alike.
    """

    def __init__(
        self,
        judge: Judge,
        rate: float,
        *,
        clip: float = 10.0,
        at_once: int = 64,
        recompute: bool = False,
        summed: Callable[[torch.Tensor], torch.Tensor] = lambda each: each,
    ) -> None:
        """A judge that has learned nothing yet.

        Args:
            judge: With head ``implicit``; the policy as it begins, against itself.
            rate: Of AdamW, above 0.
            clip: The largest norm of the gradient, above 0.
            at_once: Replies that go through it together.
            recompute: Whether it computes twice instead of keeping what the gradient needs.
            summed: Gives the sum over all processes of a tensor that each has.

        Raises:
            TaskError: The judge has another head.
        """
        if not isinstance(judge.settings.head, Implicit):
            raise TaskError(
                f'a judge with head "{judge.settings.head.kind}" has no reward of tokens to train '
                'online; give one with head "implicit"'
            )
        self.judge, self.head = judge, judge.settings.head
        self.clip, self.at_once, self.summed = clip, at_once, summed
        self.weights = [each for each in judge.model.parameters() if each.requires_grad]
        if recompute:
            judge.gradient_checkpointing_enable(
                gradient_checkpointing_kwargs={"use_reentrant": False}
            )
            judge.model.train()  # where alone models look at that
            for module in judge.model.modules():
                if isinstance(module, torch.nn.Dropout):
                    module.p = 0.0  # which would be noise in what tokens are paid
        adam = torch.optim.AdamW(self.weights, lr=rate, weight_decay=0.0)
        self.optimizer: torch.optim.Optimizer = adam

    def hear(
        self,
        prompts: Sequence[Prompt],
        replies: Sequence[Completion],
        right: NDArray[np.float32],
        *,
        learn: bool = True,
    ) -> Heard:
        """Scores a batch, then takes a step on it.

        Args:
            prompts: What was asked, n of them.
            replies: What was said to each, with its tokens.
            right: float32 (n,), 1 or 0; NaN of those from which nothing may be learned.
            learn: Whether a step is taken.
        """
        known = int(self._all([float(np.isfinite(right).sum())])[0])
        rewards: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(prompts)
        # Sums of: loss, told right from wrong, scores, replies.
        counts = np.zeros(4)
        with torch.set_grad_enabled(learn and known > 0):
            for begin in range(0, len(prompts), self.at_once):
                of = range(begin, min(begin + self.at_once, len(prompts)))
                rows = [self._row(prompts[at], replies[at], float(right[at])) for at in of]
                for part in lay(self.judge.loaded, self.judge.settings.picture, rows):
                    told, found = self._heard(part, known)
                    counts += found
                    for place, each in zip(part["places"].tolist(), told, strict=True):
                        rewards[begin + place] = each
        if learn and known:
            self._step()
        loss, hits, score, total = self._all(counts.tolist())
        if not known:
            return Heard(rewards, np.nan, np.nan, score / total)
        return Heard(rewards, loss / known, hits / known, score / total)

    def save(self, folder: Path) -> None:
        """Writes what :meth:`restore` and :func:`avrgym.models.load.restore` take up."""
        save(self.judge.loaded, folder)
        torch.save(self.optimizer.state_dict(), folder / OPTIMIZER)

    def restore(self, folder: Path) -> None:
        """Takes up the state of what trains; weights are those of the model that it was given."""
        state = torch.load(folder / OPTIMIZER, map_location=self.judge.device, weights_only=True)
        self.optimizer.load_state_dict(state)

    def _row(self, prompt: Prompt, reply: Completion, right: float) -> Row:
        return Row(
            prompt=prompt,
            tokens=self.judge.speller.tokens(reply),
            ends=np.zeros(0, np.int64),
            labels=np.zeros(0, np.float32),
            right=right,
        )

    def _heard(
        self, part: Part, known: int
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.float64]]:
        """Rewards of a part's tokens, and what is counted; adds to the gradient of the mean."""
        seen = self.judge.seen(part)
        rewards = self.head.rewards(seen)
        logits, right = rewards.sum(1), seen.part["right"]
        has = torch.isfinite(right)
        loss = functional.binary_cross_entropy_with_logits(logits[has], right[has], reduction="sum")
        if torch.is_grad_enabled():
            torch.autograd.backward(loss / known)
        found, said = rewards.detach().cpu().numpy(), part["said"].cpu().numpy()
        hits = (logits[has] > 0) == (right[has] > 0.5)
        sums = (loss, hits.sum(), logits.sigmoid().sum())
        counts = [*(float(each.detach()) for each in sums), float(len(right))]
        return [row[its] for row, its in zip(found, said, strict=True)], np.array(counts)

    def _step(self) -> None:
        """Of the gradient of all processes, whichever of them had a label."""
        for weight in self.weights:
            mine = torch.zeros_like(weight) if weight.grad is None else weight.grad
            weight.grad = self.summed(mine)
        clip_grad_norm_(self.weights, self.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _all(self, numbers: Sequence[float]) -> list[float]:
        mine = torch.tensor(numbers, dtype=torch.float32, device=self.judge.device)
        found: list[float] = self.summed(mine).tolist()
        return found
