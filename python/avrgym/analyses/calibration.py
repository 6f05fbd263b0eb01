"""Whether what is said with confidence is right, and whether a judge agrees with the verifier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.bins import quantile_bins
from avrgym.analyses.interval import Estimate, Floats, bootstrap, mean, per_problem, share
from avrgym.analyses.table import Key, Rows, Table

# Confidences hardly repeat, so that each problem is drawn by itself: a tenth of the time.
_RESAMPLES = 2_000


#: A confidence that every row has whose model gave log-probabilities, see :func:`sequence`.
SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Bar:
    """Replies of about one confidence, from ``low`` to ``high``, both within.

    Attributes:
        low: Least confidence.
        high: Greatest.
        confidence: Mean of it.
        right: Share right.
    """

    low: float
    high: float
    confidence: float
    right: Estimate


@dataclass(frozen=True, slots=True)
class Calibration:
    """Confidence beside truth.

    Attributes:
        error: Expected calibration error: the mean distance of confidence from the share right over
            the bars, weighted by their replies. It is above 0 also of the perfectly calibrated.
        brier: Mean of (confidence - right)² (Brier 1950).
        bars: The reliability diagram.
    """

    error: Estimate
    brier: Estimate
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A judge beside the verifier.

    Attributes:
        accuracy: Share of replies that the judge calls as the verifier does.
        kappa: Cohen's κ (1960), agreement beyond chance; None where both call all replies alike, so
            that chance agrees as well.
        accepted: Share of wrong replies that the judge calls right; None where none is wrong.
        refused: Share of right replies that the judge calls wrong; None where none is right.
    """

    accuracy: Estimate
    kappa: Estimate | None
    accepted: Estimate | None
    refused: Estimate | None


def calibration(
    rows: Rows, *by: str, confidence: str = "confidence", bins: int = 10
) -> dict[Key, Calibration]:
    """How far confidence is from the share right, by columns; rows without one are left out.

    Bars hold about as many replies each (Nguyen and O'Connor 2015).

    Args:
        rows: Of results.
        by: Names of columns.
        confidence: The column with it, 0 to 1 or None; or ``sequence``, which follows from the
            columns ``logprob`` and ``tokens``, see :func:`sequence`.
        bins: Bars at most, 1 or more.

    Raises:
        TaskError: The rows lack a column, or a confidence is not of 0 to 1.
    """
    found: dict[Key, Calibration] = {}
    for key, mine in Table.of(rows).groups(*by):
        said = sequence(mine) if confidence == SEQUENCE else mine[confidence].numbers()
        known = np.isfinite(said)
        if known.any():
            right, problems = mine.correct[known], mine.problems[known]
            found[key] = calibrated(said[known], right, problems, bins)
    return found


def sequence(rows: Rows) -> Floats:
    """How sure a model was of the tokens that it said, float64 (n,), NaN where nobody knows.

    The geometric mean of their probabilities, exp(logprob / tokens), as Malinin and Gales (2021)
    have it: the probability of the whole reply would fall with its length alone. It is of the words
    and not of the answer: a model may be sure of how replies are worded, and not of what is true.

    Args:
        rows: Of results.

    Raises:
        TaskError: The rows lack the columns ``logprob`` and ``tokens``.
    """
    held = Table.of(rows)
    tokens = held["tokens"].numbers()
    logprob = held["logprob"].numbers()
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(tokens > 0, logprob / tokens, np.nan)
    return np.exp(np.minimum(means, 0.0))


def calibrated(
    confidence: Floats, right: NDArray[np.bool_], problems: NDArray[np.int64], bins: int = 10
) -> Calibration:
    """The same of numbers.

    Args:
        confidence: 0 to 1 each, float64 (n,), n of 1 or more.
        right: Whether each reply is, bool (n,).
        problems: Which problem each is about, int64 (n,).
        bins: Bars at most, 1 or more.

    Raises:
        TaskError: A confidence is not of 0 to 1.
    """
    if not (confidence.min() >= 0 and confidence.max() <= 1):
        wrong = float(confidence[(confidence < 0) | (confidence > 1)][0])
        raise TaskError(f"confidence {wrong} is no probability; give 0 to 1")
    codes, ends = quantile_bins(confidence, bins)
    strayed = confidence - right
    held = per_problem(
        problems,
        *(np.where(codes == at, strayed, 0.0) for at in range(len(ends))),
        np.ones(len(right)),
    )
    bars = [
        Bar(*end, float(confidence[mine].mean()), share(right[mine], problems[mine]))
        for at, end in enumerate(ends)
        for mine in [codes == at]
    ]
    return Calibration(
        bootstrap(_distance, held, resamples=_RESAMPLES), mean(strayed**2, problems), bars
    )


def _distance(totals: Floats) -> Floats:
    return np.asarray(np.abs(totals[:, :-1]).sum(1) / totals[:, -1], np.float64)


def agreement(rows: Rows, *by: str, judge: str = "judge") -> dict[Key, Agreement]:
    """How often a judge says what the verifier says, by columns, of rows that it judged.

    Args:
        rows: Of results; ``correct`` is the verifier's word.
        by: Names of columns.
        judge: The column with the judge's: true or false, or None.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, Agreement] = {}
    for key, mine in Table.of(rows).groups(*by):
        said = mine[judge].numbers()
        known = np.isfinite(said)
        if known.any():
            found[key] = agreed(said[known] > 0, mine.correct[known], mine.problems[known])
    return found


def agreement_by(
    rows: Rows, values: Floats, *, judge: str = "judge", bins: int = 5
) -> list[tuple[tuple[float, float], Agreement]]:
    """Agreement in bins of a number of each row: a length, a difficulty.

    Args:
        rows: Of results, n of them.
        values: float64 (n,), NaN where unknown; see :func:`avrgym.analyses.difficulty.features`.
        judge: As in :func:`agreement`.
        bins: At most, 1 or more.

    Returns:
        (Least, greatest) number and agreement of each bin, rising; n counts rows.

    Raises:
        TaskError: The rows lack a column.
    """
    held = Table.of(rows)
    said = held[judge].numbers()
    known = np.isfinite(said) & np.isfinite(values)
    if not known.any():
        return []
    right, problems, judged = held.correct[known], held.problems[known], said[known] > 0
    codes, ends = quantile_bins(values[known], bins)
    return [
        (end, agreed(judged[codes == at], right[codes == at], problems[codes == at]))
        for at, end in enumerate(ends)
    ]


def agreed(
    judge: NDArray[np.bool_], truth: NDArray[np.bool_], problems: NDArray[np.int64]
) -> Agreement:
    """The same of flags, each (n,), n of 1 or more."""
    four = per_problem(problems, judge & truth, judge & ~truth, ~judge & truth, ~judge & ~truth)
    alike = bool(judge.all() and truth.all()) or not (judge.any() or truth.any())
    return Agreement(
        share(judge == truth, problems),
        None if alike else bootstrap(kappa, four),
        share(judge[~truth], problems[~truth]) if not truth.all() else None,
        share(~judge[truth], problems[truth]) if truth.any() else None,
    )


def kappa(totals: Floats) -> Floats:
    """Cohen's κ of counts both, judge alone, truth alone, neither, float64 (b, 4)."""
    both, judge, truth, neither = (totals / totals.sum(1, keepdims=True)).T
    seen = both + neither
    chance = (both + judge) * (both + truth) + (neither + judge) * (neither + truth)
    return np.asarray((seen - chance) / (1.0 - chance), np.float64)
