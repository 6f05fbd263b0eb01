"""The chance that a step is the first wrong one, by its place: does it grow with the way gone?

Where it is constant, long problems fail because there are more steps to fail at; where it grows,
what was learned on short ones does not carry on.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Estimate, normal, share
from avrgym.analyses.logistic import logistic, robust, sigmoid
from avrgym.analyses.skills import judged
from avrgym.analyses.table import Key, Rows, Table
from avrgym.core.verdicts import SKILLS, STATES

_WRONG = STATES.index("wrong")


@dataclass(frozen=True, slots=True)
class Trend:
    """How the log-odds of an error change from one step to the next.

    Attributes:
        slope: Per step.
        p: Of Wald's two-sided test that it is 0.
        reading: ``growing``, ``falling``, or ``constant`` where 0 lies within the interval.
    """

    slope: Estimate
    p: float
    reading: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """Errors by place.

    Attributes:
        steps: Error rate at each place, from 0, given that nothing before was wrong; as far as
            replies go.
        trend: None where there is nothing to tell one by: no error, or errors alone.
    """

    steps: list[Estimate]
    trend: Trend | None


def hazard(rows: Rows, *by: str, thoughts: bool = False) -> dict[Key, Hazard]:
    """Error rates by place in the reply, and whether they change, by columns.

    Counted are steps with nothing but right ones before them, as in
    :func:`avrgym.analyses.skills.given_right`. The slope is of a logistic regression in which each
    skill of each level has its own height, so that it tells neither that levels differ nor that
    conclusions come last; its error allows for replies about one problem. Replies that differ in
    how well they are done make rates seem to fall: those that err easily are gone early.

    Args:
        rows: Of results, with steps.
        by: Names of columns.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, Hazard] = {}
    for key, mine in Table.of(rows).groups(*by):
        steps = mine.steps.counted(thoughts)
        kept = np.flatnonzero(judged(steps))
        owner, place = steps.owner[kept], steps.place[kept]
        wrong, problems = steps.state[kept] == _WRONG, mine.problems[owner]
        order = np.argsort(place, kind="stable")
        ends = np.searchsorted(place[order], np.arange(int(place.max(initial=-1)) + 2))
        rates = [
            share(wrong[order[first:last]], problems[order[first:last]])
            for first, last in pairwise(ends.tolist())
        ]
        strata = mine["level"].codes[owner] * len(SKILLS) + steps.skill[kept]
        found[key] = Hazard(rates, _trend(place, strata, wrong, problems))
    return found


def _trend(
    place: NDArray[np.int64],
    strata: NDArray[np.int64],
    wrong: NDArray[np.bool_],
    problems: NDArray[np.int64],
) -> Trend | None:
    # A stratum without errors, or with errors alone, has its height at infinity and no say.
    tried = np.bincount(strata, minlength=1)
    failed = np.bincount(strata, wrong.astype(np.float64), minlength=1)
    telling = ((failed > 0) & (failed < tried))[strata]
    if not telling.any():
        return None
    place, wrong, problems = place[telling], wrong[telling], problems[telling]
    strata = np.unique(strata[telling], return_inverse=True)[1]
    middle = float(place.mean())
    # Steps of one stratum and place are one row of the design.
    cells, codes = np.unique(strata * (int(place.max()) + 1) + place, return_inverse=True)
    of, at = cells // (int(place.max()) + 1), cells % (int(place.max()) + 1)
    if not (np.bincount(of) > 1).any():
        return None
    design = np.zeros((len(cells), int(of.max()) + 2))
    design[np.arange(len(cells)), of] = 1.0
    design[:, -1] = at - middle
    fit = logistic(
        design, np.bincount(codes, wrong).astype(np.float64), np.bincount(codes).astype(np.float64)
    )
    strayed = wrong - sigmoid(design @ fit.weights)[codes]
    influence = (design @ fit.inverse[-1])[codes] * strayed
    error = math.sqrt(float(robust(influence[:, None], problems)[0, 0]))
    slope = normal(float(fit.weights[-1]), error, len(place))
    p = 2 * NormalDist().cdf(-abs(slope.value) / error) if error > 0 else 1.0
    if 0.0 in slope:
        return Trend(slope, p, "constant")
    return Trend(slope, p, "growing" if slope.value > 0 else "falling")
