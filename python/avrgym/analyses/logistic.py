"""Logistic regression, and errors of its weights that allow for rows about one problem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Floats

_STEPS = 100
_ENOUGH = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A regression at its maximum.

    Attributes:
        weights: One for each column of the design, float64 (p,).
        inverse: Inverse of the negated second derivatives, float64 (p, p); the covariance of the
            weights where rows are independent.
    """

    weights: Floats
    inverse: Floats


def logistic(design: Floats, right: Floats, tried: Floats, ridge: float = 1e-6) -> Fit:
    """Weights by Newton's method with halved steps.

    Args:
        design: float64 (n, p).
        right: How often it happened in each row, float64 (n,).
        tried: How often it could, float64 (n,), ``right`` or more.
        ridge: Of the normal prior on the weights; what little keeps a weight finite that nothing
            bounds.
    """
    weights = np.zeros(design.shape[1])
    here = _loss(design, right, tried, weights, ridge)
    inverse: Floats = np.zeros((len(weights), len(weights)))
    for _ in range(_STEPS):
        chance = sigmoid(design @ weights)
        slope = design.T @ (right - tried * chance) - ridge * weights
        curved = design.T @ (design * (tried * chance * (1 - chance))[:, None])
        inverse = np.asarray(np.linalg.inv(curved + ridge * np.eye(len(weights))), np.float64)
        step = inverse @ slope
        if float(slope @ step) < _ENOUGH:
            break
        for _ in range(_STEPS):
            there = _loss(design, right, tried, weights + step, ridge)
            if there <= here:
                break
            step = step / 2
        weights, here = weights + step, there
    return Fit(weights, inverse)


def robust(influence: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Covariance of weights whose rows are alike within clusters (Liang and Zeger 1986).

    Args:
        influence: What each row moves the weights by, float64 (n, p): the inverse times its score.
        clusters: Codes of 0 or more, int (n,).
    """
    there = np.bincount(clusters) > 0
    summed = np.stack([np.bincount(clusters, column)[there] for column in influence.T], axis=1)
    count = len(summed)
    return np.asarray(summed.T @ summed * (count / max(1, count - 1)), np.float64)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x), without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def _loss(design: Floats, right: Floats, tried: Floats, weights: Floats, ridge: float) -> float:
    odds = design @ weights
    return float(
        (tried * np.logaddexp(0.0, odds) - right * odds).sum() + ridge / 2 * weights @ weights
    )
