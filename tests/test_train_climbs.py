"""Levels that take turns by a rule, before a learner that is simulated: wiring, not worth."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError
from avrgym.core import facts
from avrgym.core.address import setting_of
from sources import is_held_out

pytest.importorskip("pydantic")

from avrgym.train.curricula import CLIMBS, Levels
from avrgym.train.curricula.adarft import AdaRft
from avrgym.train.curricula.climb import Climb, Fared
from avrgym.train.curricula.climbing import Climbing
from avrgym.train.curricula.cosine import Cosine
from avrgym.train.curricula.easy2hard import Easy2Hard
from avrgym.train.curricula.gate import Gate
from avrgym.train.curricula.gaussian import Gaussian
from avrgym.train.curricula.glicko import Glicko
from avrgym.train.curricula.learnability import Learnability
from avrgym.train.curricula.occasion import Curriculum, Occasion, Seen
from avrgym.train.curricula.sec import Sec
from avrgym.train.curricula.sequential import Sequential
from avrgym.train.curricula.ucb import Ucb
from avrgym.train.curricula.uniform import Uniform
from avrgym.train.curricula.variance import Variance
from avrgym.train.curricula.window import Window

REPLIES, TOGETHER = 8, 6
LADDER = Levels(task="grid_navigation", levels="rung0..rung4", formats={"image": 2, "text": 1})
RUNGS = [f"grid_navigation/rung{rung}" for rung in range(5)]
CLIMBING: list[Climb] = [each() for each in CLIMBS if each is not Uniform]
NAMES = [each.kind for each in CLIMBING]
#: How often a learner is right, by rung.
Learner = Callable[[int], float]


def occasion(drawings: int = 40, **given: Any) -> Occasion:
    return Occasion(**{"rows": drawings * TOGETHER, "together": TOGETHER, **given})


def rung(address: str) -> int:
    return RUNGS.index(setting_of(address))


def fared(prompts: list[avrgym.Prompt], learner: Learner) -> list[Seen]:
    """What a learner makes of prompts, by lot of their addresses."""
    return [
        Seen(
            prompt,
            int(
                np.random.default_rng(list(prompt.address.encode())).binomial(
                    REPLIES, learner(rung(prompt.address))
                )
            ),
            REPLIES,
        )
        for prompt in prompts
    ]


def drawings(made: Curriculum, learner: Learner, count: int) -> Iterator[list[avrgym.Prompt]]:
    for _ in range(count):
        prompts = made.draw(TOGETHER)
        made.observe(fared(prompts, learner))
        yield prompts


def fading(rate: float) -> Learner:
    return lambda level: max(0.0, 0.95 - rate * level)


@settings(max_examples=60, deadline=None)
@given(
    climb=st.sampled_from([*CLIMBING, Uniform()]),
    before=st.integers(0, 12),
    rate=st.sampled_from([0.0, 0.1, 0.24, 0.9]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_climb_goes_on_anywhere_as_if_nothing_had_been_and_all_processes_draw_alike(
    climb: Climb, before: int, rate: float, seed: int
) -> None:
    plan, learner = replace(LADDER, climb=climb), fading(rate)
    whole, other = (plan.made(occasion(14, seed=seed)) for _ in range(2))
    drawn = list(drawings(whole, learner, before))
    assert drawn == list(drawings(other, learner, before))
    again = plan.made(occasion(14, seed=seed))
    again.restore(json.loads(json.dumps(whole.state())))
    assert again.state() == whole.state() and again.news() == []  # which was heard
    whole.news()
    assert list(drawings(again, learner, 4)) == list(drawings(whole, learner, 4))
    assert again.metrics() == whole.metrics() and again.news() == whole.news()
    assert (again.drawn, again.state()) == (whole.drawn, whole.state())


@settings(max_examples=30, deadline=None)
@given(
    climb=st.sampled_from(CLIMBING),
    formats=st.sampled_from(
        [{"image": 2.0, "text": 1.0}, {"text": 0.3, "image": 1, "text-direct": 2}]
    ),
    rate=st.sampled_from([0.0, 0.24, 0.9]),
    together=st.sampled_from([1, 5, 16]),
    seed=st.integers(0, 2**32 - 1),
)
def test_what_is_drawn_is_new_admitted_of_one_modality_and_shared_as_formats_say(
    climb: Climb, formats: dict[str, float], rate: float, together: int, seed: int
) -> None:
    plan = replace(LADDER, climb=climb, formats=formats)
    made = plan.made(Occasion(seed=seed, rows=20 * together, together=together))
    found: list[avrgym.Prompt] = []
    for _ in range(20):
        prompts = made.draw(together)
        assert len({prompt.format.pictured for prompt in prompts}) == 1
        made.observe(fared(prompts, fading(rate)))
        found += prompts
    addresses = [prompt.address for prompt in found]
    assert not any(is_held_out(each, 4) for each in avrgym.contents(addresses))
    if climb.kind != "variance":  # which asks again what it remembers
        assert len(set(addresses)) == len(addresses)
    assert {(setting_of(p.address), p.format.name) for p in found} <= {
        (setting, format.name) for setting, format in made.asks()
    }
    if together > 1:
        share = sum(prompt.format.pictured for prompt in found) / len(found)
        assert abs(share - made.pictured) <= 1 / 20
    for pictured in (True, False):
        more = made.draw(3, pictured)
        assert [prompt.format.pictured for prompt in more] == [pictured] * 3


@settings(max_examples=60, deadline=None)
@given(
    climb=st.sampled_from(CLIMBING),
    groups=st.lists(st.tuples(st.integers(0, 4), st.integers(0, REPLIES)), min_size=1, max_size=60),
    time=st.floats(0, 1),
)
def test_shares_are_shares_whatever_is_observed_and_a_drawing_keeps_them(
    climb: Climb, groups: list[tuple[int, int]], time: float
) -> None:
    rule = climb.made(RUNGS)
    asked = [avrgym.Prompt(f"{RUNGS[arm]}#train:0:{i}") for i, (arm, _) in enumerate(groups)]
    for at in range(0, len(groups), 7):
        batch = list(zip(asked, groups, strict=True))[at : at + 7]
        rule.observe([Fared(arm, p, right, REPLIES) for p, (arm, right) in batch], time)
        shares = rule.shares(time)
        assert shares.shape == (5,) and (shares >= 0).all()
        assert math.isclose(shares.sum(), 1, rel_tol=1e-9)
        least = getattr(climb, "even", 0.0) / 5
        if isinstance(climb, Cosine):
            least = 2 / (5 * 6)
        if isinstance(climb, Learnability):
            least = climb.floor / (4 + climb.floor)
        assert (shares >= least - 1e-12).all()
    if isinstance(climb, Variance):
        return  # of which a part is asked again
    made = Climbing(RUNGS, {"image": 2, "text": 1}, rule, occasion(), "plain")
    counts = Counter(rung(prompt.address) for prompt in made.draw(TOGETHER))
    now = rule.shares(0.0)
    assert all(abs(counts[arm] - TOGETHER * now[arm]) < 1 + 1e-9 for arm in range(5))
    assert not any(counts[arm] for arm in range(5) if not now[arm])


SEQUENCES: list[Climb] = [Sequential(), Cosine(), Gaussian(), Gaussian(beta=2.0, sigma=1.0)]


@pytest.mark.parametrize("climb", SEQUENCES, ids=lambda each: each.kind)
def test_what_goes_by_time_climbs_and_is_had_anywhere(climb: Climb) -> None:
    made = replace(LADDER, climb=climb).made(Occasion(rows=400))
    assert not replace(LADDER, climb=climb).adapts()
    places = made.at(range(400))
    assert made.at([399, 7]) == [places[399], places[7]]
    heights = np.array([rung(prompt.address) for prompt in places])
    assert np.all(np.diff([heights[at : at + 100].mean() for at in range(0, 400, 100)]) > 0)
    drawn = [rung(prompt.address) for prompt in made.draw(400)]
    assert abs(np.mean(drawn) - heights.mean()) < 0.3
    pictured = sum(prompt.format.pictured for prompt in places) / 400
    assert abs(pictured - 2 / 3) < 0.1


def test_schedules_are_those_of_the_papers() -> None:
    n = np.arange(5)
    half = [climb.made(RUNGS).shares(0.5) for climb in (Cosine(), Gaussian(beta=1, sigma=0.5))]
    assert np.allclose(half[0], 0.2)
    bell = np.exp(-((n - 2.0) ** 2) / 0.5)
    assert np.allclose(half[1], bell / bell.sum())
    assert np.allclose(Cosine().made(RUNGS).shares(0.0), (5 - n) / 15)
    assert Sequential().made(RUNGS).shares(1.0).tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("climb", [Learnability(), Sec(), Ucb(), Glicko(), AdaRft(step=5.0)])
def test_what_adapts_prefers_what_is_half_right(climb: Climb) -> None:
    made = replace(LADDER, climb=climb).made(occasion(200))
    success = (1.0, 0.97, 0.5, 0.03, 0.0)
    found = [prompt for prompts in drawings(made, success.__getitem__, 200) for prompt in prompts]
    late = Counter(rung(prompt.address) for prompt in found[600:])
    assert late.most_common(1)[0][0] == 2 and late[2] > 1.3 * 600 / 5
    share, right = made.standing()[RUNGS[2]]
    assert share > 0.25 and abs(right - 0.5) < 0.1


def test_a_target_moves_by_its_formula_and_stays_on_the_scale() -> None:
    rule = AdaRft(start=40.0, step=10.0, slope=2.0, aim=0.5).made(RUNGS)
    prompt = avrgym.Prompt(f"{RUNGS[0]}#train:0:0")
    rule.observe([Fared(0, prompt, 6, 8), Fared(1, prompt, 8, 8)], 0.1)
    assert math.isclose(rule.metrics()["target"], 40 + 10 * math.tanh(2 * (14 / 16 - 0.5)))
    for _ in range(20):
        rule.observe([Fared(0, prompt, 8, 8)], 0.2)
    assert rule.metrics()["target"] == 100 and rule.shares(0.2).tolist() == [0, 0, 0, 0, 1]


def test_a_window_counts_its_top_level_alone_and_keeps_its_width() -> None:
    rule = Window(width=2, promote=0.75, prompts=2).made(RUNGS)
    prompt = avrgym.Prompt(f"{RUNGS[0]}#train:0:0")
    rule.observe([Fared(0, prompt, 8, 8), Fared(1, prompt, 8, 8)], 0.0)
    assert rule.metrics()["top"] == 0
    rule.observe([Fared(0, prompt, 4, 8)], 0.0)  # 12 of 16 are enough
    assert rule.metrics()["top"] == 1 and rule.shares(0.0).tolist() == [0.5, 0.5, 0, 0, 0]
    rule.observe([Fared(1, prompt, 8, 8), Fared(1, prompt, 3, 8)], 0.0)  # 11 are not, and are gone
    rule.observe([Fared(1, prompt, 8, 8)], 0.0)
    assert rule.metrics()["top"] == 1
    rule.observe([Fared(1, prompt, 8, 8)], 0.0)
    assert rule.shares(0.0).tolist() == [0, 0.5, 0.5, 0, 0]


@pytest.mark.parametrize("climb", [Window(), AdaRft()], ids=["window", "adarft"])
def test_a_climb_that_rests_is_told_once_for_each_level(climb: Climb) -> None:
    made = replace(LADDER, climb=climb).made(occasion(40))
    list(drawings(made, lambda level: 0.3, 9))
    assert made.news() == []  # not for so long
    list(drawings(made, lambda level: 0.3, 31))
    [words] = made.news()
    assert words.startswith(f"{climb.kind}: {'the target' if climb.kind == 'adarft' else RUNGS[0]}")
    assert "25% of the budget" in words and "lower" in words
    mastered = replace(LADDER, climb=climb).made(occasion(40))
    list(drawings(mastered, lambda level: 0.97, 40))
    assert not any(words.startswith(climb.kind) for words in mastered.news())
    assert mastered.standing()[RUNGS[4]][1] > 0.9


@settings(max_examples=25, deadline=None)
@given(
    patience=st.floats(0.05, 0.4),
    count=st.integers(20, 60),
    stop=st.integers(1, 60),
    data=st.data(),
)
def test_a_rest_is_told_when_patience_ends_and_by_who_goes_on_never_again(
    patience: float, count: int, stop: int, data: st.DataObject
) -> None:
    kinds: list[Climb] = [Window(patience=patience), AdaRft(patience=patience, step=50.0)]
    climb = data.draw(st.sampled_from(kinds))
    plan = replace(LADDER, climb=climb)
    made = plan.made(occasion(count))
    moved = None  # when the second level was reached: the first is then mastered, it is not
    told: list[tuple[str, float]] = []
    for drawing in range(count):
        if drawing == stop % count:
            again = plan.made(occasion(count))
            again.restore(json.loads(json.dumps(made.state())))
            made = again
        before = now(made)
        success = (1.0 if told else 0.3, 0.3, 0.3, 0.3, 0.3)
        list(drawings(made, success.__getitem__, 1))
        time = (drawing + 1) / count
        moved = time if moved is None and now(made) == 1 != before else moved
        told += [(words, time) for words in made.news() if words.startswith(climb.kind)]
    [(first, at), *more] = told
    assert RUNGS[0] in first and patience <= at < patience + 1.01 / count
    if isinstance(climb, Window) and moved is not None and moved + patience < 1 - 1 / count:
        [(second, later)] = more
        assert RUNGS[1] in second and patience <= later - moved < patience + 1.01 / count
    named = [next(rung for rung in RUNGS if rung in words) for words, _ in told]
    assert len(set(named)) == len(named)


def now(made: Curriculum) -> int:
    """The place of the level about which a climb is."""
    metrics = made.metrics()
    return round(metrics["top"] if "top" in metrics else metrics["target"] / 25)


@pytest.mark.parametrize("climb", [*CLIMBING, Uniform()], ids=[*NAMES, "uniform"])
@pytest.mark.parametrize("success", [0.0, 1.0])
def test_every_climb_says_when_nothing_is_learned(climb: Climb, success: float) -> None:
    made = replace(LADDER, climb=climb).made(occasion(40))
    list(drawings(made, lambda level: success, 40))
    [words] = [each for each in made.news() if each.startswith("of ")]
    assert "0 had both right and wrong replies" in words
    fine = replace(LADDER, climb=climb).made(occasion(40))
    list(drawings(fine, lambda level: 0.5, 40))
    assert not any(each.startswith("of ") for each in fine.news())


def test_prompts_whose_replies_differ_are_asked_again() -> None:
    made = replace(LADDER, climb=Variance(keep=0.9, memory=4)).made(occasion(40))
    first = made.draw(TOGETHER)
    pictured = first[0].format.pictured
    made.observe([Seen(p, 4 if i < 2 else 0, REPLIES) for i, p in enumerate(first)])
    assert made.metrics()["kept"] == 2
    again = made.draw(TOGETHER, pictured)
    assert set(first[:2]) < set(again)
    made.observe([Seen(prompt, 8, REPLIES) for prompt in again])  # mastered, and forgotten
    assert made.metrics()["kept"] == 0
    assert not set(first) & set(made.draw(TOGETHER, pictured))


JUNK: list[Any] = [-1, math.nan, "much", True, None]
# Numbers that may be as large as one likes.
ENDLESS = {"beta", "sigma", "slope", "temperature", "spread", "tau"} | {"adarft.step"}
KNOBS = [
    (each, knob, junk)
    for each in CLIMBING
    for knob in (field.name for field in fields(each) if field.name != "kind")  # type: ignore[arg-type]
    for junk in [*JUNK, *([] if {knob, f"{each.kind}.{knob}"} & ENDLESS else [2**70])]
]


@pytest.mark.parametrize(("climb", "knob", "junk"), KNOBS)
def test_a_knob_that_is_out_of_range_is_one_error_with_its_name(
    climb: Climb, knob: str, junk: Any
) -> None:
    with pytest.raises(TaskError) as wrong:
        replace(climb, **{knob: junk})  # type: ignore[type-var]
    assert knob in str(wrong.value) and "give" in str(wrong.value)


def test_levels_that_cannot_climb_are_one_error() -> None:
    with pytest.raises(
        TaskError, match=r"climb window has one level, .*rung0, to climb; name several"
    ):
        replace(LADDER, levels="rung0", climb=Window())
    with pytest.raises(TaskError, match="levels have weights, and climb sec gives them others"):
        replace(LADDER, levels={"rung0": 1.0, "rung1": 2.0}, climb=Sec())


@settings(max_examples=40, deadline=None)
@given(first=st.integers(1, 8), size=st.integers(1, 8), bands=st.integers(1, 9))
def test_a_range_is_cut_into_bands_that_are_whole(first: int, size: int, bands: int) -> None:
    given: dict[str, Any] = {
        "levels": "consecutive_table_readout/rung3",
        "widen": {"cells": f"{first}-{first + size - 1}"},
        "bands": bands,
    }
    if size < bands:
        with pytest.raises(TaskError, match=f"give bands = {size} or fewer"):
            Levels(**given)
        return
    plan = Levels(**given)
    settings = list(dict.fromkeys(setting for setting, _ in plan.asks(Occasion(rows=8))))
    found = [setting.partition("cells=")[2].partition("&")[0] for setting in settings]
    ends = [tuple(map(int, (each + "-" + each).split("-")[:2])) for each in found if each]
    if len(ends) == bands:  # one that is the level's own has no override
        assert ends[0][0] == first and ends[-1][1] == first + size - 1
        assert all(a[1] + 1 == b[0] for a, b in pairwise(ends))
        assert max(b - a for a, b in ends) - min(b - a for a, b in ends) <= 1


@settings(max_examples=40, deadline=None)
@given(sides=st.integers(1, 4), bands=st.integers(1, 12))
def test_tables_grow_with_the_paths_on_them(sides: int, bands: int) -> None:
    plan = Levels(
        levels="consecutive_table_readout/rung0",
        widen={"rows": f"4-{3 + sides}", "columns": f"4-{3 + sides}", "cells": "1-12"},
        bands=bands,
    )
    settings = list(dict.fromkeys(setting for setting, _ in plan.asks(Occasion(rows=bands))))
    assert len(settings) == bands  # no two alike
    found = [
        [
            facts.features([f"{setting}#train:0:{at}" for at in range(40)])[name]
            for setting in settings
        ]
        for name in ("rows", "columns", "cells")
    ]
    for values in found:  # nowhere does one shrink, and all ends are reached
        assert all(np.max(a) <= np.max(b) and np.min(a) <= np.min(b) for a, b in pairwise(values))
    if bands >= sides:
        rows, columns, _ = (np.concatenate(values) for values in found)
        assert set(rows) == set(columns) == set(range(4, 4 + sides))
        assert (rows == columns).all()  # each number's share of the bands is the same in both


def test_a_climb_widens_a_range() -> None:
    plan = Levels(
        levels="consecutive_table_readout/rung3",
        params={"names": "letters"},
        widen={"cells": "1-16"},
        climb=Window(width=4, promote=0.5, prompts=4),
    )
    made = plan.made(occasion(30))
    assert len(made.asks()) == 4
    reach = []
    for _ in range(30):
        prompts = made.draw(TOGETHER)
        made.observe([Seen(prompt, REPLIES, REPLIES) for prompt in prompts])
        cells = facts.features([prompt.address for prompt in prompts])["cells"]
        reach.append(float(np.max(cells)))
    assert reach[0] <= 4 and max(reach) > 12 and max(reach) <= 16
    with pytest.raises(TaskError, match=r"widen.cells is '16-1'; give a range"):
        replace(plan, widen={"cells": "16-1"})


@settings(max_examples=100, deadline=None)
@given(
    tries=st.integers(1, 4),
    together=st.integers(1, 12),
    drawings_=st.integers(1, 12),
    rounds=st.integers(1, 3),
    processes=st.sampled_from([1, 2, 3]),
    chance=st.sampled_from([0.0, 0.3, 1.0]),
    seed=st.integers(0, 99),
)
def test_a_gate_spends_its_budget_and_no_more(
    tries: int, together: int, drawings_: int, rounds: int, processes: int, chance: float, seed: int
) -> None:
    lot = np.random.default_rng(seed)
    gate = Gate(tries, together, drawings_ * together, rounds)
    drawn = step = 0
    while not gate.spent(step, drawn):
        drawn += together
        lacking = int(lot.binomial(together, chance))
        for _ in range(tries):
            more = gate.more(lacking, drawn, processes, replies=2)
            assert more == 0 or (more >= lacking and more * 2 % processes == 0)
            drawn += more
            lacking = int(lot.binomial(lacking, chance)) if more else 0
        step += rounds
        assert drawn <= gate.budget and step <= drawings_ * rounds
        assert 0 <= gate.skipped(step, drawn) <= drawings_ * rounds - step
    assert drawn > gate.budget - together
    if chance == 0:
        assert step == drawings_ * rounds and gate.skipped(step, drawn) == 0


@given(
    successes=st.permutations([0.9, 0.6, 0.4, 0.2, 0.0]),
    measured=st.sampled_from([0.05, 0.1, 0.25, 0.5]),
)
def test_easy_to_hard_goes_by_what_failed_while_all_were_drawn_alike(
    successes: list[float], measured: float
) -> None:
    rule = Easy2Hard(measured=measured).made(RUNGS)
    prompt = avrgym.Prompt(f"{RUNGS[0]}#train:0:0")
    led: list[int] = []
    for step in range(100):
        shares = rule.shares(step / 100)
        if (step + 0.5) / 100 < measured:
            assert shares.tolist() == [0.2] * 5
        else:
            led.append(int(np.argmax(shares)))
            assert shares.max() == 1.0
        # Of what comes later nothing moves the order: by then the learner is another.
        late = [Fared(arm, prompt, 8 * (arm % 2), 8) for arm in range(5)]
        first = [Fared(arm, prompt, round(100 * p), 100) for arm, p in enumerate(successes)]
        rule.observe(late if led else first, (step + 1) / 100)
    order = list(dict.fromkeys(led))
    assert order == sorted(range(5), key=lambda arm: -successes[arm])
    counts = Counter(led)
    assert max(counts.values()) - min(counts.values()) <= 2
    failures = [rule.metrics()[f"failure/{level}"] for level in RUNGS]
    assert failures == pytest.approx([1 - p for p in successes])


def test_easy_to_hard_keeps_the_order_given_where_all_fail_alike() -> None:
    plan = replace(LADDER, climb=Easy2Hard(even=0.5))
    drawn = list(drawings(plan.made(occasion(50)), lambda level: 0.0, 50))
    counts = [Counter(rung(p.address) for p in chain(*drawn[i : i + 9])) for i in range(5, 50, 9)]
    assert [count.most_common(1)[0][0] for count in counts] == [0, 1, 2, 3, 4]
    assert all(len(count) == 5 for count in counts), "half are dealt evenly"
    with pytest.raises(TaskError, match=r"measured is 0\.6; give"):
        Easy2Hard(measured=0.6)
