"""Rewards by name: what is registered in ``POLICIES`` is known everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from avrgym._core import TaskError
from avrgym.core.arguments import named, number, table, truth
from avrgym.core.verdicts import Verdicts, verify
from avrgym.rewards import answers, owed, stepwise, tagged, transcripts
from avrgym.rewards.owed import Formats
from avrgym.rewards.shape import Completion, Points, Policy, replies

#: Points for verdicts, by the reward's name.
POLICIES: dict[str, Policy] = {
    "correctness": answers.correctness,
    "format": answers.format,
    "steps": stepwise.steps,
    "progress": answers.progress,
    "transcription": transcripts.transcription,
    "tags": tagged.tags,
}

#: The names that :func:`score` and :func:`weighted` know.
REWARDS: tuple[str, ...] = tuple(POLICIES)


def weights(reward: str | Mapping[str, float]) -> dict[str, float]:
    """A reward by name, or several by weight, as weights by name.

    Raises:
        TaskError: No such reward, none at all, or a weight is no finite number.
    """
    given = {reward: 1.0} if isinstance(reward, str) else table("reward", reward)
    if not given:
        raise TaskError(f"weights are empty; name at least one of {', '.join(POLICIES)}")
    return {
        named("reward", name, POLICIES): number(f'reward "{name}"', weight)
        for name, weight in given.items()
    }


def score(
    verdicts: Verdicts,
    reward: str | Mapping[str, float] = "correctness",
    *,
    thoughts: bool = False,
    formats: Formats = None,
) -> Points:
    """Points for replies that are judged already, float64 (n,).

    Args:
        verdicts: Of n replies.
        reward: A name of :data:`REWARDS`, or weights by name.
        thoughts: Whether steps inside thoughts count as well.
        formats: What each row asked for: its column ``format``; an answer if not given.

    Raises:
        TaskError: No such reward or format, none at all, or not a format for each reply.
    """
    points = np.zeros(len(verdicts))
    for name, weight in weights(reward).items():
        points += weight * owed.points(POLICIES[name], verdicts, formats, thoughts)
    return points


def paid(
    reward: str | Mapping[str, float],
    completions: Sequence[Completion],
    address: Sequence[str],
    format: Formats = None,
    *,
    strict: bool = False,
    thoughts: bool = False,
) -> list[float]:
    """Points for completions as TRL has them, judged in one call."""
    verdicts = verify(address, replies(completions), strict=strict)
    points: list[float] = score(verdicts, reward, thoughts=thoughts, formats=format).tolist()
    return points


@dataclass(frozen=True, slots=True)
class Weighted:
    """The weighted sum of several rewards as TRL calls it: a value that can be pickled.

    Attributes:
        weights: By the rewards' names.
        strict: Whether marked answers alone count.
        thoughts: Whether steps inside thoughts count as well.
    """

    weights: Mapping[str, float] = field(hash=False)
    strict: bool = False
    thoughts: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", weights(self.weights))
        truth("strict", self.strict)
        truth("thoughts", self.thoughts)

    @property
    def __name__(self) -> str:
        """What trainers name their metrics after, e.g. ``1*correctness+0.5*steps``."""
        return "+".join(f"{weight:g}*{name}" for name, weight in self.weights.items())

    def __call__(
        self,
        completions: Sequence[Completion],
        address: Sequence[str],
        *,
        format: Formats = None,
        **columns: object,
    ) -> list[float]:
        """Points, one a completion; see :class:`Reward`."""
        return paid(
            self.weights,
            completions,
            address,
            format,
            strict=self.strict,
            thoughts=self.thoughts,
        )


def weighted(
    reward: Mapping[str, float], *, strict: bool = False, thoughts: bool = False
) -> Weighted:
    """The weighted sum of several rewards, the batch judged once.

    Args:
        reward: Weights by name, e.g. ``{"correctness": 1.0, "progress": 0.5}``.
        strict: Whether marked answers alone count.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: No such reward, or none at all.
    """
    return Weighted(reward, strict, thoughts)
