"""Rewards by name: what is registered in ``POLICIES`` is known everywhere."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from avrgym._core import TaskError
from avrgym.core.verdicts import Verdicts, verify
from avrgym.rewards import answers, stepwise, transcripts
from avrgym.rewards.shape import Completion, Points, Policy, Reward, reply

#: Points for verdicts, by the reward's name.
POLICIES: dict[str, Policy] = {
    "correctness": answers.correctness,
    "format": answers.format,
    "steps": stepwise.steps,
    "progress": answers.progress,
    "transcription": transcripts.transcription,
}

#: The names that :func:`score` and :func:`weighted` know.
REWARDS: tuple[str, ...] = tuple(POLICIES)


def weights(reward: str | Mapping[str, float]) -> dict[str, float]:
    """A reward by name, or several by weight, as weights by name.

    Raises:
        TaskError: No such reward, or none at all.
    """
    given = {reward: 1.0} if isinstance(reward, str) else dict(reward)
    if not given:
        raise TaskError(f"weights are empty; name at least one of {', '.join(POLICIES)}")
    for name in given:
        if name not in POLICIES:
            raise TaskError(f'unknown reward "{name}"; known rewards: {", ".join(REWARDS)}')
    return given


def score(
    verdicts: Verdicts,
    reward: str | Mapping[str, float] = "correctness",
    *,
    thoughts: bool = False,
) -> Points:
    """Points for replies that are judged already, float64 (n,).

    Args:
        verdicts: Of n replies.
        reward: A name of :data:`REWARDS`, or weights by name.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: No such reward, or none at all.
    """
    points = np.zeros(len(verdicts))
    for name, weight in weights(reward).items():
        points += weight * POLICIES[name](verdicts, thoughts)
    return points


def paid(
    reward: str | Mapping[str, float],
    completions: Sequence[Completion],
    address: Iterable[str],
    *,
    strict: bool = False,
    thoughts: bool = False,
) -> list[float]:
    """Points for completions as TRL has them, judged in one call."""
    verdicts = verify(address, map(reply, completions), strict=strict)
    points: list[float] = score(verdicts, reward, thoughts=thoughts).tolist()
    return points


def weighted(
    reward: Mapping[str, float], *, strict: bool = False, thoughts: bool = False
) -> Reward:
    """The weighted sum of several rewards, the batch judged once.

    Args:
        reward: Weights by name, e.g. ``{"correctness": 1.0, "progress": 0.5}``.
        strict: Whether marked answers alone count.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: No such reward, or none at all.
    """
    given = weights(reward)

    def total(
        completions: Sequence[Completion], address: Sequence[str], **columns: object
    ) -> list[float]:
        return paid(given, completions, address, strict=strict, thoughts=thoughts)

    total.__name__ = "+".join(f"{weight:g}*{name}" for name, weight in given.items())
    return total
