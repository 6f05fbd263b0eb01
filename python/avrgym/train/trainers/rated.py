"""Pairs with the share of the other replies that each of their two would win against.

Scores are exact, so what a preference model estimates elsewhere (Wu et al. 2024, arXiv 2405.00675)
is known here: P(y beats y') = 1 / (1 + exp(-k (s - s'))), and a reply's share is the mean of that
over all replies to its prompt, itself among them at one half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym import rewards
from avrgym.core.verdicts import Verdicts, verify
from avrgym.prompts.prompt import Prompt
from avrgym.train.trainers.pairs import Contrast


@dataclass(frozen=True, slots=True)
class Rated:
    """The best and the worst reply to a prompt.

    Attributes:
        pair: Both, whole.
        wins: The share that the best wins against, ½ to 1.
        loses: The share that the worst wins against, 0 to ½.
    """

    pair: Contrast
    wins: float
    loses: float


def shares(scores: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """Of n scores the share that each wins against, float64 (n,); ½ where all are equal."""
    wins = 1 / (1 + np.exp(-sharpness * (scores[:, None] - scores[None])))
    found: NDArray[np.float64] = wins.mean(axis=1)
    return found


def rated(
    prompts: Sequence[Prompt],
    said: Sequence[bytes],
    paid: Mapping[str, float],
    sharpness: float,
    verdicts: Verdicts | None = None,
) -> list[Rated]:
    """The best against the worst reply to each prompt that has replies of different scores.

    Args:
        prompts: What was asked, the same one several times.
        said: A reply to each.
        paid: Weights of rewards by name, whose sum is the score.
        sharpness: k, how much a difference of scores decides.
        verdicts: Those on the replies, where they are known.
    """
    formats = [prompt.format.name for prompt in prompts]
    if verdicts is None:
        verdicts = verify([prompt.address for prompt in prompts], said)
    scores = rewards.score(verdicts, paid, formats=formats)
    places: dict[Prompt, list[int]] = {}
    for place, prompt in enumerate(prompts):
        places.setdefault(prompt, []).append(place)
    found: list[Rated] = []
    for prompt, mine in places.items():
        own = scores[mine]
        best, worst = int(own.argmax()), int(own.argmin())
        if own[best] > own[worst]:
            share = shares(own, sharpness)
            ends = mine[best], mine[worst]
            pair = Contrast(prompt, said[ends[0]], said[ends[1]], cut=False, drawn=ends)
            found.append(Rated(pair, float(share[best]), float(share[worst])))
    return found
