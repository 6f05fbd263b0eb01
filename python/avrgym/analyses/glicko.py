"""Glicko-2: ratings that move with every game, and say how sure they are (Glickman 2022).

A reply is a game of a subject against an item; partial credit may stand for a draw. Steps are those
of Glickman's "Example of the Glicko-2 system"; all players of a period are rated at once.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, Floats, normal
from avrgym.analyses.responses import Responses
from avrgym.analyses.table import Key

_SCALE = 173.7178
_ENOUGH = 1e-10
_ROUNDS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Of n players.

    Attributes:
        rating: 1500 is where players begin, float64 (n,).
        deviation: How far ratings may be off, 350 at first, float64 (n,).
        volatility: How much ratings move on their own, 0.06 at first, float64 (n,).
    """

    rating: Floats
    deviation: Floats
    volatility: Floats

    @classmethod
    def fresh(cls, n: int) -> "Ratings":
        """Of players of whom nothing is known."""
        return cls(np.full(n, 1500.0), np.full(n, 350.0), np.full(n, 0.06))

    def interval(self, player: int) -> Estimate:
        """A player's rating with its interval; n is 1."""
        return normal(float(self.rating[player]), float(self.deviation[player]), 1)


def period(
    of: Ratings,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    score: Floats,
    *,
    tau: float = 0.5,
) -> Ratings:
    """Ratings after the games of one period; who did not play is less sure of than before.

    Args:
        of: Ratings before, n players.
        first: One player of each game, int64 (g,).
        second: The other, int64 (g,).
        score: What the first made of it, 0 to 1, float64 (g,).
        tau: How fast volatilities change, 0.3 to 1.2 as Glickman advises.

    Raises:
        TaskError: A score is not of 0 to 1.
    """
    if len(score) and not (score.min() >= 0 and score.max() <= 1):
        wrong = float(score[(score < 0) | (score > 1)][0])
        raise TaskError(f"score {wrong} of a game; give 0 to 1, a half for a draw")
    n = len(of.rating)
    mine, other = np.append(first, second), np.append(second, first)
    made = np.append(score, 1.0 - score)
    mu, phi = (of.rating - 1500.0) / _SCALE, of.deviation / _SCALE
    g, due = _damped(phi), expected(of, mine, other)
    known = np.bincount(mine, g[other] ** 2 * due * (1.0 - due), minlength=n)
    gained = np.bincount(mine, g[other] * (made - due), minlength=n)
    played = known > 0
    sigma = of.volatility.copy()
    v = 1.0 / known[played]
    sigma[played] = _volatility(v * gained[played], phi[played], v, sigma[played], tau)
    wider = phi**2 + sigma**2
    narrow = 1.0 / (1.0 / wider + known)
    return Ratings(
        1500.0 + _SCALE * (mu + narrow * gained),
        _SCALE * np.sqrt(np.where(played, narrow, wider)),
        sigma,
    )


def expected(of: Ratings, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
    """The score that ratings expect of the first player of each game, 0 to 1, float64 (g,)."""
    mu, phi = (of.rating - 1500.0) / _SCALE, of.deviation / _SCALE
    scores: Floats = 1.0 / (1.0 + np.exp(-_damped(phi)[second] * (mu[first] - mu[second])))
    return scores


def _damped(phi: Floats) -> Floats:
    """How much a game against players counts who are so unsure."""
    g: Floats = 1.0 / np.sqrt(1.0 + 3.0 * phi**2 / math.pi**2)
    return g


def _volatility(delta: Floats, phi: Floats, v: Floats, sigma: Floats, tau: float) -> Floats:
    """The root of step 5, by the Illinois method on all players at once."""
    start = np.log(sigma**2)

    def f(x: Floats) -> Floats:
        e = np.exp(x)
        whole = phi**2 + v + e
        return e * (delta**2 - whole) / (2 * whole**2) - (x - start) / tau**2

    low = start.copy()
    above = delta**2 > phi**2 + v
    high = np.where(above, np.log(np.where(above, delta**2 - phi**2 - v, 1.0)), start - tau)
    for _ in range(_ROUNDS):
        down = ~above & (f(high) < 0)
        if not down.any():
            break
        high = np.where(down, high - tau, high)
    at_low, at_high = f(low), f(high)
    for _ in range(_ROUNDS):
        if not len(low) or float(np.abs(high - low).max()) <= _ENOUGH:
            break
        spread = np.where(at_high == at_low, 1.0, at_high - at_low)
        new = low + (low - high) * at_low / spread
        new = np.where(at_high == at_low, (low + high) / 2, new)
        at_new = f(new)
        crossed = at_new * at_high <= 0
        low = np.where(crossed, high, low)
        at_low = np.where(crossed, at_high, at_low / 2)
        high, at_high = new, at_new
    return np.exp(low / 2)


def rate(
    of: Responses, *, games: int = 15, tau: float = 0.5, seed: int = 0
) -> tuple[dict[Key, Estimate], dict[str, Estimate]]:
    """Ratings of subjects and of items on one axis.

    A reply has no time, so games are dealt to periods by lot, 10 to 15 a subject in each, for which
    the method is made. Replies of a subject to an item are one game; its score is the share right.

    Args:
        of: Replies.
        games: Of a subject in each period, 1 or more.
        tau: See :func:`period`.
        seed: Of the lot.

    Returns:
        Of subjects, and of items; a harder item has a greater rating; n is the number of games.
    """
    who, what = np.nonzero(of.tried)
    j, i = of.tried.shape
    lot = np.random.default_rng(seed).permutation(len(who))
    order = lot[np.argsort(who[lot], kind="stable")]
    counts = np.bincount(who, minlength=j)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = Ratings.fresh(j + i)
    for at in range(int(turn.max(initial=-1)) // games + 1):
        now = order[turn // games == at]
        score = of.right[who[now], what[now]] / of.tried[who[now], what[now]]
        found = period(found, who[now], what[now] + j, score, tau=tau)
    played = np.bincount(np.append(who, what + j), minlength=j + i).tolist()
    each = [replace(found.interval(player), n=n) for player, n in enumerate(played)]
    return dict(zip(of.subjects, each[:j], strict=True)), dict(zip(of.items, each[j:], strict=True))
