"""Difficulty of items and ability of subjects on one axis, in logits: 1PL and 2PL.

P(right) = 1 / (1 + exp(-a (θ - b))), with a = 1 in 1PL (Rasch 1960; Birnbaum 1968). What is found
is the most probable a posteriori under θ, b ~ N(0, 1) and log a ~ N(0, ½²), by L-BFGS; errors are
Laplace's. The geometric mean of all a is 1, so that logits are those of 1PL: left free, the most
probable scale of θ is far too small (as of all that is fitted jointly with as many unknowns).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, Floats, normal
from avrgym.analyses.logistic import sigmoid
from avrgym.analyses.responses import Responses
from avrgym.analyses.table import Key
from avrgym.core.extras import needs

with needs("evaluate"):
    from scipy.optimize import minimize

_SPREAD = 0.5  # of log a


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What a model of difficulty says; the mean ability is 0.

    Attributes:
        subjects: As in :class:`avrgym.analyses.responses.Responses`, j of them.
        items: Likewise, i of them.
        ability: θ in logits, float64 (j,).
        ability_covariance: Of θ, float64 (j, j).
        difficulty: b in logits, float64 (i,).
        difficulty_error: Standard error of each b, float64 (i,).
        slope: a, float64 (i,), of geometric mean 1; all 1 in 1PL.
    """

    subjects: list[Key]
    items: list[str]
    ability: Floats
    ability_covariance: Floats
    difficulty: Floats
    difficulty_error: Floats
    slope: Floats

    def abilities(self) -> dict[Key, Estimate]:
        """Each subject's ability, against the mean of all; n is the number of items."""
        errors = np.sqrt(np.diag(self.ability_covariance))
        return {
            subject: normal(float(value), float(error), len(self.items))
            for subject, value, error in zip(self.subjects, self.ability, errors, strict=True)
        }

    def ahead(self, first: Key, second: Key) -> Estimate:
        """How much more able the first is than the second, in logits: a modality gap, say.

        Raises:
            TaskError: There is no such subject.
        """
        missing = [key for key in (first, second) if key not in self.subjects]
        if missing:
            known = ", ".join(map(str, self.subjects))
            raise TaskError(f"no subject {missing[0]}; give one of {known}")
        a, b = self.subjects.index(first), self.subjects.index(second)
        of = self.ability_covariance
        error = float(np.sqrt(of[a, a] + of[b, b] - 2 * of[a, b]))
        return normal(float(self.ability[a] - self.ability[b]), error, len(self.items))

    def rank(self) -> Floats:
        """Each item's place among all by its difficulty, 0 to 1, float64 (i,)."""
        order = np.argsort(np.argsort(self.difficulty, kind="stable"), kind="stable")
        return (order + 0.5) / len(self.items)


def fit(of: Responses, *, slopes: bool = False) -> Items:
    """1PL, or 2PL with ``slopes``.

    Args:
        of: Replies, of one subject or more to one item or more. A few subjects tell abilities well
            and difficulties in bands alone.
        slopes: Whether each item has a slope of its own.

    Raises:
        TaskError: There is no reply.
    """
    if not of.tried.sum():
        raise TaskError("no replies; give rows of results")
    j, i = of.tried.shape
    start = np.zeros(j + i + (i if slopes else 0))
    found = minimize(
        _loss,
        start,
        args=(of.right, of.tried),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 2000, "ftol": 1e-12, "gtol": 1e-7},
    )
    ability, difficulty, logs = _split(np.asarray(found.x, np.float64), j, i)
    covariance, errors = _laplace(of, ability, difficulty, np.exp(logs), slopes)
    middle = float(ability.mean())
    return Items(
        of.subjects,
        of.items,
        ability - middle,
        covariance,
        difficulty - middle,
        errors,
        np.exp(logs),
    )


def _split(x: Floats, j: int, i: int) -> tuple[Floats, Floats, Floats]:
    free = x[j + i :] if len(x) > j + i else np.zeros(i)
    return x[:j], x[j : j + i], free - free.mean()


def _loss(x: Floats, right: Floats, tried: Floats) -> tuple[float, Floats]:
    """Negative log of the posterior, and its slopes."""
    j, i = tried.shape
    ability, difficulty, logs = _split(x, j, i)
    slope = np.exp(logs)
    apart = ability[:, None] - difficulty
    odds = slope * apart
    loss = float((tried * np.logaddexp(0.0, odds) - right * odds).sum())
    loss += (
        float(ability @ ability + difficulty @ difficulty + (logs / _SPREAD) @ (logs / _SPREAD)) / 2
    )
    strayed = tried * sigmoid(odds) - right
    parts = [
        (strayed * slope).sum(1) + ability,
        -(strayed * slope).sum(0) + difficulty,
    ]
    if len(x) > j + i:
        free = (strayed * odds).sum(0) + logs / _SPREAD**2
        parts.append(free - free.mean())
    return loss, np.concatenate(parts)


def _laplace(
    of: Responses, ability: Floats, difficulty: Floats, slope: Floats, slopes: bool
) -> tuple[Floats, Floats]:
    """Covariance of abilities about their mean and errors of difficulties about it.

    Items do not act on each other, so what is inverted is as large as there are subjects (Schur).
    """
    j, i = of.tried.shape
    apart = ability[:, None] - difficulty
    chance = sigmoid(slope * apart)
    weight = of.tried * chance * (1 - chance)
    # Expected second derivatives by θ; by θ and each item's own numbers; by those among themselves.
    width = 2 if slopes else 1
    across = np.zeros((i, j, width))
    across[:, :, 0] = -(weight * slope**2).T
    own = np.zeros((i, width, width))
    own[:, 0, 0] = (weight * slope**2).sum(0) + 1.0
    if slopes:
        across[:, :, 1] = (weight * slope * slope * apart).T
        own[:, 0, 1] = own[:, 1, 0] = -(weight * slope * slope * apart).sum(0)
        own[:, 1, 1] = (weight * (slope * apart) ** 2).sum(0) + 1 / _SPREAD**2
    inverse = np.linalg.inv(own)
    carried = across @ inverse
    schur = np.diag((weight * slope**2).sum(1) + 1.0) - np.einsum("ijk,ilk->jl", carried, across)
    covariance = np.linalg.inv(schur)
    # About the mean ability, which both axes are moved by.
    centred = np.eye(j) - 1.0 / j
    # b = -carried θ, and the mean of θ is taken from both.
    loads = -carried[:, :, 0] - 1.0 / j
    spread = ((loads @ covariance) * loads).sum(1) + inverse[:, 0, 0]
    if slopes:  # what is known beside: the sum of all log a is 0
        pull = -covariance @ carried[:, :, 1].sum(0)
        each = inverse[:, :, 1] - np.einsum("ijk,j->ik", carried, pull)
        strength = float(each[:, 1].sum())
        covariance = covariance - np.outer(pull, pull) / strength
        spread = spread - (each[:, 0] - pull.mean()) ** 2 / strength
    return np.asarray(centred @ covariance @ centred), np.sqrt(spread)


def difficulty_of(found: Items, groups: NDArray[np.int64], names: list[str]) -> dict[str, Estimate]:
    """Mean difficulty of groups of items, so that levels stand on the axis of abilities.

    Args:
        found: Of :func:`fit`.
        groups: The group of each item, int64 (i,).
        names: Of the groups.
    """
    means: dict[str, Estimate] = {}
    for place, name in enumerate(names):
        mine = found.difficulty[groups == place]
        spread = float(mine.std(ddof=1)) if len(mine) > 1 else float("inf")
        means[name] = normal(float(mine.mean()), spread / np.sqrt(len(mine)), len(mine))
    return means
