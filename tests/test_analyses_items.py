"""Models of difficulty: what was simulated is found again, examples to the last digit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from answered import Row, row
from avrgym import TaskError
from avrgym.analyses.difficulty import by_feature, features
from avrgym.analyses.glicko import Ratings, period, rate
from avrgym.analyses.interval import Floats
from avrgym.analyses.lltm import independent, lltm
from avrgym.analyses.logistic import logistic, sigmoid
from avrgym.analyses.responses import Responses, responses
from avrgym.analyses.table import Table

pytest.importorskip("scipy")

from scipy import linalg, optimize

from avrgym.analyses.items import difficulty_of, fit


def simulated(
    rng: np.random.Generator, j: int, i: int, tries: int, slope: Floats | None = None
) -> tuple[Responses, Floats, Floats]:
    ability, difficulty = rng.normal(size=j), rng.normal(size=i)
    a = np.ones(i) if slope is None else slope
    tried = np.full((j, i), float(tries))
    right = rng.binomial(tries, sigmoid(a * (ability[:, None] - difficulty))).astype(float)
    keys = [(f"model {at}",) for at in range(j)]
    return Responses(keys, [str(at) for at in range(i)], right, tried), ability, difficulty


def test_difficulties_and_abilities_are_found_again() -> None:
    rng = np.random.default_rng(0)
    of, ability, difficulty = simulated(rng, 60, 150, 2)
    found = fit(of)
    assert np.corrcoef(found.difficulty, difficulty)[0, 1] > 0.95
    assert np.corrcoef(found.ability, ability)[0, 1] > 0.98
    assert (found.slope == 1).all() and abs(found.ability.mean()) < 1e-9
    # Errors are as large as they say.
    off = (found.difficulty - (difficulty - ability.mean())) / found.difficulty_error
    assert 0.85 < float(np.sqrt((off**2).mean())) < 1.15
    inside = [
        true - ability.mean() in each
        for true, each in zip(ability, found.abilities().values(), strict=True)
    ]
    assert np.mean(inside) > 0.85
    best, worst = int(np.argmax(ability)), int(np.argmin(ability))
    ahead = found.ahead((f"model {best}",), (f"model {worst}",))
    assert ability[best] - ability[worst] in ahead
    with pytest.raises(TaskError, match="no subject"):
        found.ahead(("nobody",), ("model 0",))
    rank = found.rank()
    assert (np.diff(found.difficulty[np.argsort(rank)]) >= 0).all() and 0 < rank.min()


def test_slopes_are_found_again() -> None:
    rng = np.random.default_rng(1)
    slope = np.exp(rng.normal(0, 0.5, 100))
    of, ability, difficulty = simulated(rng, 200, 100, 4, slope)
    found = fit(of, slopes=True)
    assert np.corrcoef(found.difficulty, difficulty)[0, 1] > 0.95
    assert np.corrcoef(np.log(found.slope), np.log(slope))[0, 1] > 0.9
    off = (found.difficulty - (difficulty - ability.mean())) / found.difficulty_error
    assert 0.8 < float(np.sqrt((off**2).mean())) < 1.25


@pytest.mark.parametrize("slopes", [False, True])
def test_what_is_fitted_is_a_maximum_with_the_errors_of_its_curvature(slopes: bool) -> None:
    """Against scipy's slopes by differences, and the whole matrix turned over."""
    from avrgym.analyses import items

    rng = np.random.default_rng(2)
    of, _, _ = simulated(rng, 4, 7, 30)
    of.tried[1, 3] = of.right[1, 3] = 0.0
    x = rng.normal(size=4 + 7 * (2 if slopes else 1)) / 2
    value = items._loss(x, of.right, of.tried)
    wanted = optimize.approx_fprime(x, lambda y: items._loss(y, of.right, of.tried)[0], 1e-7)
    assert value[1] == pytest.approx(wanted, abs=1e-3)
    found = fit(of, slopes=slopes)
    at = np.concatenate([found.ability, found.difficulty] + [np.log(found.slope)] * slopes)
    # Directions in which log a may move: their sum stays 0.
    ways = np.eye(len(at))
    if slopes:
        ways = np.hstack([ways[:, :11], linalg.block_diag(np.zeros((11, 0)), np.eye(7)[:, :6])])
        ways[11:, 11:] -= 1 / 7
    size = 1e-4
    whole = np.array(
        [
            (
                items._loss(at + size * e, of.right, of.tried)[1]
                - items._loss(at - size * e, of.right, of.tried)[1]
            )
            / (2 * size)
            for e in np.eye(len(at))
        ]
    )
    covariance = ways @ np.linalg.inv(ways.T @ (whole + whole.T) @ ways / 2) @ ways.T
    about = np.eye(len(at))
    about[:11, :4] -= 1 / 4
    covariance = about @ covariance @ about.T
    tolerance = (
        0.35 if slopes else 0.02
    )  # ours expects what is there; in 2PL that is less than half
    assert np.diag(found.ability_covariance) == pytest.approx(
        np.diag(covariance)[:4], rel=tolerance
    )
    assert found.difficulty_error**2 == pytest.approx(np.diag(covariance)[4:11], rel=tolerance)


def test_levels_stand_on_the_axis_of_abilities() -> None:
    rng = np.random.default_rng(3)
    of, _, difficulty = simulated(rng, 30, 80, 2)
    groups = (difficulty > 0).astype(np.int64)
    found = difficulty_of(fit(of), groups, ["SIMPLE", "HARD"])
    assert found["SIMPLE"].high < found["HARD"].low and found["HARD"].n == groups.sum()


def test_responses_are_counts() -> None:
    rows = [
        row(item, right, format=name, draw=draw)
        for name in ("text", "image")
        for item in range(3)
        for draw, right in enumerate((True, item > 0))
        if name == "text" or item
    ]
    of = responses(rows)
    assert of.subjects == [("start", "text"), ("start", "image")] and len(of.items) == 3
    assert of.tried.tolist() == [[2, 2, 2], [0, 2, 2]]
    assert of.right.tolist() == [[1, 2, 2], [0, 2, 2]]
    with pytest.raises(TaskError, match="no replies"):
        fit(Responses([], [], np.zeros((0, 0)), np.zeros((0, 0))))


def test_glickmans_example() -> None:
    of = Ratings(
        np.array([1500.0, 1400.0, 1550.0, 1700.0]),
        np.array([200.0, 30.0, 100.0, 300.0]),
        np.full(4, 0.06),
    )
    games = np.zeros(3, np.int64), np.arange(1, 4), np.array([1.0, 0.0, 0.0])
    found = period(of, *games)
    assert round(float(found.rating[0]), 2) == 1464.05  # 1464.06 where he rounds on the way
    assert round(float(found.deviation[0]), 2) == 151.52
    assert math.floor(1e5 * float(found.volatility[0])) == 5999  # he cuts it off
    with pytest.raises(TaskError, match=r"score 1\.5 of a game"):
        period(of, games[0], games[1], np.array([1.0, 1.5, 0.0]))


def rated(
    own: tuple[float, float, float], others: list[tuple[float, float, float]], tau: float
) -> tuple[float, float, float]:
    """Glickman's steps for one player against (rating, deviation, score), the root by Brent."""
    mu, phi, sigma = (own[0] - 1500) / 173.7178, own[1] / 173.7178, own[2]
    v = gained = 0.0
    for rating, deviation, score in others:
        g = 1 / math.sqrt(1 + 3 * (deviation / 173.7178) ** 2 / math.pi**2)
        due = 1 / (1 + math.exp(-g * (mu - (rating - 1500) / 173.7178)))
        v, gained = v + g * g * due * (1 - due), gained + g * (score - due)
    if not others:
        return own[0], 173.7178 * math.hypot(phi, sigma), sigma

    def f(x: float) -> float:
        whole = phi**2 + 1 / v + math.exp(x)
        return (
            math.exp(x) * ((gained / v) ** 2 - whole) / (2 * whole**2)
            - (x - math.log(sigma**2)) / tau**2
        )

    start = math.log(sigma**2)
    sigma = math.exp(optimize.brentq(f, start - 20, start + 20, xtol=1e-13) / 2)
    narrow = 1 / (1 / (phi**2 + sigma**2) + v)
    return 1500 + 173.7178 * (mu + narrow * gained), 173.7178 * math.sqrt(narrow), sigma


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(0, 20), st.floats(0.3, 1.2))
def test_ratings_of_a_period_are_those_of_each_player_alone(
    seed: int, n: int, games: int, tau: float
) -> None:
    rng = np.random.default_rng(seed)
    of = Ratings(rng.normal(1500, 300, n), rng.uniform(40, 350, n), rng.uniform(0.04, 0.9, n))
    first = rng.integers(n, size=games)
    second = (first + rng.integers(1, n, size=games)) % n
    score = rng.choice([0.0, 0.5, 1.0], games)
    found = period(of, first, second, score, tau=tau)
    for player in range(n):
        own = of.rating[player], of.deviation[player], of.volatility[player]
        mine = [(b, s) for a, b, s in zip(first, second, score, strict=True) if a == player]
        mine += [(a, 1 - s) for a, b, s in zip(first, second, score, strict=True) if b == player]
        wanted = rated(own, [(of.rating[b], of.deviation[b], s) for b, s in mine], tau)
        told = found.rating[player], found.deviation[player], found.volatility[player]
        assert told == pytest.approx(wanted, rel=1e-8)


def test_ratings_tell_subjects_and_items_apart() -> None:
    rng = np.random.default_rng(4)
    of, ability, difficulty = simulated(rng, 40, 100, 1)
    subjects, items = rate(of)
    assert np.corrcoef([each.value for each in subjects.values()], ability)[0, 1] > 0.93
    assert np.corrcoef([each.value for each in items.values()], difficulty)[0, 1] > 0.9
    assert {each.n for each in items.values()} == {40}


def real(level: str, chance: dict[str, float], items: int = 400) -> list[Row]:
    """Replies to real samples that are harder the greater some features are."""
    rng = np.random.default_rng(7)
    rows = [
        row(item, level=level, format=name) for name in ("text", "image") for item in range(items)
    ]
    told = features(Table.of(rows))
    odds = np.array([1.5 if each["format"] == "text" else 0.5 for each in rows])
    for name, weight in chance.items():
        odds -= weight * (told[name] - told[name].mean()) / told[name].std()
    for each, right in zip(rows, rng.random(len(rows)) < sigmoid(odds), strict=True):
        each["correct"] = bool(right)
    return rows


def test_what_features_add_is_found_again() -> None:
    task = avrgym.TASKS[0]
    level = f"{task}/hard"
    probe = features(Table.of([row(item, level=level) for item in range(50)]))
    name = independent({key: v for key, v in probe.items() if v.std() > 0})[0]
    rows = real(level, {name: 1.0})
    found = lltm(rows)
    assert 1.0 in found.features[name]
    assert 1.5 in found.abilities["start", "text"] and 0.5 in found.abilities["start", "image"]
    bins = by_feature(rows)[level,][name]
    assert bins[0].right.low > bins[-1].right.high
    assert sum(each.right.n for each in bins) == len(rows)
    with pytest.raises(TaskError, match="rows are of no task"):
        lltm([])


@given(st.integers(0, 2**32 - 1))
def test_features_that_others_say_are_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=30), rng.normal(size=30)
    told = {"a": a, "twice": 2 * a + 3, "b": b, "sum": a - b, "c": rng.normal(size=30)}
    assert independent(told) == ["a", "b", "c"]


@given(st.integers(0, 2**32 - 1))
def test_regressions_are_at_their_maximum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    design = np.hstack([np.ones((80, 1)), rng.normal(size=(80, 2))])
    tried = rng.integers(1, 5, 80).astype(float)
    right = rng.binomial(tried.astype(int), sigmoid(design @ rng.normal(size=3))).astype(float)
    found = logistic(design, right, tried, 1e-3)

    def loss(w: Floats) -> float:
        odds = design @ w
        return float((tried * np.logaddexp(0, odds) - right * odds).sum() + 5e-4 * w @ w)

    wanted = optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-6})
    assert found.weights == pytest.approx(wanted.x, abs=1e-3)
    assert loss(found.weights) <= wanted.fun + 1e-9
