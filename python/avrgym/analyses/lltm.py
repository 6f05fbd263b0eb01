"""What each feature of a sample adds to its difficulty: the linear logistic test model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.difficulty import features
from avrgym.analyses.interval import Estimate, Floats, normal
from avrgym.analyses.logistic import logistic, robust, sigmoid
from avrgym.analyses.responses import SUBJECT
from avrgym.analyses.table import Key, Rows, Table


@dataclass(frozen=True, slots=True)
class Effects:
    """Abilities and difficulties in logits.

    Attributes:
        features: By name, how much harder a sample is whose feature is greater by one standard
            deviation, all others being as they are.
        abilities: By subject, on samples whose features are all at their mean.
    """

    features: dict[str, Estimate]
    abilities: dict[Key, Estimate]


def lltm(rows: Rows, subject: tuple[str, ...] = SUBJECT) -> Effects:
    """Fits P(right) = 1 / (1 + exp(Σ η q - θ)), q being the features of a sample (Fischer 1973).

    Features of one task are asked for: give rows of one. Those that do not vary are left out, and
    so is one that others say already, the later by name. Errors allow for what of an item's
    difficulty its features do not say.

    Args:
        rows: Of results.
        subject: Columns that tell subjects apart.

    Raises:
        TaskError: The rows are of several tasks or of none, or lack a column.
    """
    held = Table.of(rows)
    tasks = held.by("task")[1]
    if len(tasks) != 1:
        named = ", ".join(str(task) for (task,) in tasks) or "no task"
        raise TaskError(f"rows are of {named}; give those of one task, whose features they share")
    told = {name: column for name, column in features(held).items() if column.std() > 0}
    names = independent(told)
    columns = (
        np.stack([told[name] for name in names], axis=1) if names else np.zeros((len(held), 0))
    )
    subjects, who = held.by(*subject)
    return effects(subjects, who, columns, names, held.correct.astype(np.float64), held.problems)


def effects(
    subjects: NDArray[np.int64],
    who: list[Key],
    columns: Floats,
    names: list[str],
    right: Floats,
    problems: NDArray[np.int64],
) -> Effects:
    """The same of numbers.

    Args:
        subjects: Whose each reply is, int64 (n,), places in ``who``.
        who: The subjects.
        columns: The features, none of them constant, float64 (n, k).
        names: Of the features.
        right: 0 or 1 each, float64 (n,).
        problems: The problem of each reply, int64 (n,).
    """
    scaled = (columns - columns.mean(0)) / columns.std(0)
    design = np.hstack([np.eye(len(who))[subjects], -scaled])
    fit = logistic(design, right, np.ones(len(right)))
    strayed = right - sigmoid(design @ fit.weights)
    errors = np.sqrt(np.diag(robust((design @ fit.inverse) * strayed[:, None], problems)))
    found = [
        normal(float(weight), float(error), len(right))
        for weight, error in zip(fit.weights, errors, strict=True)
    ]
    return Effects(
        dict(zip(names, found[len(who) :], strict=True)),
        dict(zip(who, found[: len(who)], strict=True)),
    )


def independent(told: dict[str, Floats]) -> list[str]:
    """Features none of which is a sum of the others (and a constant), taken in their order."""
    kept: list[str] = []
    basis: list[Floats] = []
    for name, column in told.items():
        centred = column - column.mean()
        left = centred.copy()
        for direction in (*basis, *basis):  # twice is enough (Kahan, in Parlett 1980)
            left = left - direction * float(direction @ left)
        size = float(np.linalg.norm(left))
        if size > 1e-6 * float(np.linalg.norm(centred)):
            kept.append(name)
            basis.append(left / size)
    return kept
