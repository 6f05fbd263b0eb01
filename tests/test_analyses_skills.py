"""Eyes or mind: held to loops over steps, and to what the core says of replies."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from answered import Row, chain, drawn, row
from avrgym.analyses.hazard import hazard
from avrgym.analyses.modality import skill_gap
from avrgym.analyses.skills import (
    HALLUCINATIONS,
    NO_HALLUCINATIONS,
    SEEING,
    THINKING,
    blamed,
    first_errors,
    given_right,
    hallucinations,
    support,
)
from avrgym.core.corruption import corrupted
from avrgym.core.pieces import Mark, cut
from avrgym.evaluate.results import Result, judged
from recorded import Said

SEEDS = st.integers(0, 2**32 - 1)


def test_every_skill_sees_or_thinks_and_every_reason_is_told_of() -> None:
    assert set(SEEING) | set(THINKING) == set(avrgym.SKILLS)
    assert not set(SEEING) & set(THINKING)
    told = [*HALLUCINATIONS, *NO_HALLUCINATIONS]
    assert Counter(told) == Counter(avrgym.REASONS)


@given(SEEDS, st.integers(1, 40))
def test_first_errors_are_those_that_a_loop_finds(seed: int, n: int) -> None:
    rows = drawn(np.random.default_rng(seed), n, 9)
    first = [next((s for s in each["steps"] if s[3] == "wrong"), None) for each in rows]
    found = first_errors(rows)[()]
    sees = [s is not None and s[2] in SEEING for s in first]
    assert found.seeing.value == pytest.approx(np.mean(sees))
    assert found.none.value == pytest.approx(np.mean([s is None for s in first]))
    assert found.seeing.value + found.thinking.value + found.none.value == pytest.approx(1)
    by = Counter((s[2], s[4]) for s in first if s is not None)
    assert {key: round(each.value * n) for key, each in found.reasons.items()} == by
    skills = Counter(s[2] for s in first if s is not None)
    assert {key: round(each.value * n) for key, each in found.skills.items()} == skills


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(("gold", "fact", "none"))), min_size=1)
)
def test_who_is_blamed_is_as_a_loop_over_steps_has_it(asked: list[tuple[int, str]]) -> None:
    addresses = [f"grid_navigation/rung3#val:5:{at}" for at, _ in asked]
    wrong = corrupted(addresses, kinds=["fact"])
    replies = [
        "" if how == "none" or made is None else made.reply if how == "fact" else sample.rationale
        for (_, how), made, sample in zip(asked, wrong, avrgym.samples(addresses), strict=True)
    ]
    replies = [f"<think>{reply}</think>{reply}" for reply in replies]
    verdicts = avrgym.verify(addresses, replies)
    sees, thinks = blamed(verdicts)
    for at, verdict in enumerate(verdicts):
        first = [s.skill for s in verdict.steps if s.state == "wrong" and not s.thought][:1]
        assert sees[at] == (first != [] and first[0] in SEEING)
        assert thinks[at] == (first != [] and first[0] in THINKING)


@given(SEEDS, st.integers(1, 40))
def test_skills_are_counted_where_all_before_was_right(seed: int, n: int) -> None:
    rows = drawn(np.random.default_rng(seed), n, 9)
    right, tried, places = Counter[str](), Counter[str](), Counter[int]()
    failed = Counter[int]()
    for each in rows:
        for place, (_, _, skill, state, _) in enumerate(each["steps"]):
            if state != "unsupported":
                tried[skill] += 1
                right[skill] += state == "ok"
                places[place] += 1
                failed[place] += state == "wrong"
            if state != "ok":
                break
    found = given_right(rows)[()]
    assert {name: each.n for name, each in found.items()} == dict(tried)
    for name, skill_rate in found.items():
        assert skill_rate.value == pytest.approx(right[name] / tried[name])
    rates = hazard(rows)[()].steps
    assert [each.n for each in rates] == [places[at] for at in range(len(rates))]
    for at, rate in enumerate(rates):
        assert rate.value == pytest.approx(failed[at] / places[at])


@given(SEEDS, st.integers(1, 40))
def test_answers_are_told_apart_by_their_reasons(seed: int, n: int) -> None:
    rows = drawn(np.random.default_rng(seed), n, 9)
    for each in rows[::5]:
        each |= {"correct": False, "parsed": False, "outcome": "unparsed"}
    kinds = Counter[str]()
    for each in rows:
        steps = [(step[2], step[3]) for step in each["steps"]]
        final = steps.pop()[1] if steps and steps[-1][0] == "conclude" else "ok"
        sound = all(state == "ok" for _, state in steps) and final != "unsupported"
        if not each["parsed"]:
            kinds["unanswered"] += 1
        elif not steps:
            kinds["right_unreasoned" if each["correct"] else "wrong_unreasoned"] += 1
        elif each["correct"]:
            kinds["right_for_right" if sound else "right_for_wrong"] += 1
        else:
            kinds["wrong_after_right" if sound else "wrong_after_wrong"] += 1
    found = support(rows)[()]
    for name in found.__slots__:
        assert getattr(found, name).value == pytest.approx(kinds[name] / n), name


@given(SEEDS, st.integers(1, 40))
def test_what_is_named_and_not_there_is_counted(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    rows = drawn(rng, n, 9)
    for step in (step for each in rows for step in each["steps"] if step[3] == "wrong"):
        step[4] = str(rng.choice(avrgym.REASONS[1:]))

    def made(each: Row) -> list[str]:
        return [
            HALLUCINATIONS[reason]
            for _, _, skill, _, reason in each["steps"]
            if reason in HALLUCINATIONS and (reason != "wrong_value" or skill in SEEING)
        ]

    found = hallucinations(rows)[()]
    assert found.replies.value == pytest.approx(np.mean([bool(made(each)) for each in rows]))
    steps = sum(len(each["steps"]) for each in rows)
    assert found.steps.n == steps
    if steps:
        assert found.steps.value == pytest.approx(sum(len(made(each)) for each in rows) / steps)
    for kind, share in found.kinds.items():
        assert share.value == pytest.approx(np.mean([kind in made(each) for each in rows]))


@given(SEEDS, st.integers(1, 40))
def test_steps_in_thoughts_count_where_that_is_asked_for(seed: int, n: int) -> None:
    """Left out, rows are as if such steps were not there; counted, as if they were said aloud."""
    rng = np.random.default_rng(seed)
    mixed = drawn(rng, n, 9)
    for each in mixed:
        each["format"] = str(rng.choice(["text", "image"]))
        each["steps"] = [[*step, bool(rng.random() < 0.4)] for step in each["steps"]]
    said = [each | {"steps": [s[:5] for s in each["steps"] if not s[5]]} for each in mixed]
    aloud = [each | {"steps": [s[:5] for s in each["steps"]]} for each in mixed]
    asked: tuple[Any, ...] = (first_errors, given_right, support, hallucinations, hazard)
    if {(m["address"], m["format"]) for m in mixed} >= {
        (mixed[0]["address"], format) for format in ("text", "image")
    }:
        asked += (skill_gap,)
    for ask in asked:
        by = () if ask is skill_gap else ("format",)
        # As text, since where nothing was asked a share is NaN, which equals nothing.
        assert str(ask(mixed, *by)) == str(ask(said, *by))
        assert str(ask(mixed, *by, thoughts=True)) == str(ask(aloud, *by))


def test_a_wrong_step_in_a_thought_is_kept_and_not_counted() -> None:
    sample = avrgym.Source("grid_navigation", "simple", "test").samples([0])[0]
    lines = sample.rationale.splitlines()
    said = "\n".join(["<think>", *lines[:2], *lines[3:-1], "</think>", sample.rationale])
    [result] = judged(
        [avrgym.Prompt(sample.address)], [Said(said.encode())], stage="", decoding="greedy"
    )
    made = result.row()
    assert {step[3] for step in made["steps"] if step[5]} >= {"wrong"}
    assert {step[3] for step in made["steps"] if not step[5]} == {"ok"}
    assert Result.of(made) == result
    assert first_errors([made])[()].none.value == 1.0
    assert first_errors([made], thoughts=True)[()].none.value == 0.0
    pieces = cut(said, [Mark(*step) for step in made["steps"]])
    assert any(piece.note.endswith(", in a thought") for piece in pieces if piece.state == "wrong")
    assert not any("thought" in piece.note for piece in pieces[-3:])
    older = made | {"steps": [step[:5] for step in made["steps"]]}
    assert Result.of(older).steps[0] == (*older["steps"][0], False)


def test_a_hazard_that_is_constant_or_grows_is_told() -> None:
    rng = np.random.default_rng(5)

    def rows(rate: float, growth: float) -> Iterator[Row]:
        for item in range(400):
            steps = []
            for place in range(30):
                odds = np.log(rate / (1 - rate)) + growth * place
                wrong = bool(rng.random() < 1 / (1 + np.exp(-odds)))
                steps.append(("read", "wrong" if wrong else "ok", "wrong_value" if wrong else ""))
                if wrong:
                    break
            yield row(item, steps=steps, level=f"maze/{'simple' if item % 2 else 'hard'}")

    readings = Counter[str]()
    for _ in range(20):
        trend = hazard(rows(0.04, 0.0))[()].trend
        assert trend is not None
        readings[trend.reading] += 1
        assert (trend.p < 0.05) == (trend.reading != "constant") or abs(trend.p - 0.05) < 1e-3
    assert readings["constant"] >= 17
    for growth, reading in ((0.1, "growing"), (-0.1, "falling")):
        trend = hazard(rows(0.05, growth))[()].trend
        assert trend is not None and trend.reading == reading and growth in trend.slope
    assert hazard([row(steps=chain(rng, 5, 0.0))])[()].trend is None
    assert hazard([row()])[()].steps == []


def test_a_steady_hazard_of_other_levels_and_skills_is_constant() -> None:
    """Long problems err more at each step, and conclusions most: none is worse for that."""
    rng = np.random.default_rng(6)
    rows = []
    for item in range(1500):
        hard = item % 2
        length, rate = (24, 0.06) if hard else (6, 0.01)
        steps = []
        for place in range(length):
            last = place == length - 1
            wrong = rng.random() < (0.3 if last else rate)
            skill = "conclude" if last else "move"
            steps.append((skill, "wrong" if wrong else "ok", "obstacle" if wrong else ""))
            if wrong:
                break
        rows.append(row(item, steps=steps, level=f"maze/{hard}"))
    trend = hazard(rows)[()].trend
    assert trend is not None and trend.reading == "constant"


def test_what_the_rationale_says_is_all_right_and_a_broken_one_is_not() -> None:
    """Of every task, with the core's own steps."""
    samples = [
        sample
        for task in avrgym.TASKS
        for sample in avrgym.Source(task, "simple", "test").samples(range(12))
    ]
    prompts = [avrgym.Prompt(sample.address) for sample in samples]
    whole = judged(
        prompts, [Said(s.rationale.encode()) for s in samples], stage="oracle", decoding="greedy"
    )
    rows = [result.row() for result in whole]
    for key, found in support(rows, "task").items():
        assert found.right_for_right.value == 1.0, key
    assert all(found.none.value == 1.0 for found in first_errors(rows, "task").values())
    for skills in given_right(rows, "task").values():
        assert skills and all(each.value == 1.0 and each.low > 0.5 for each in skills.values())
    assert hallucinations(rows)[()].replies.value == 0.0
    alone = judged(
        prompts,
        [Said(f"Answer: {s.answer}".encode()) for s in samples],
        stage="alone",
        decoding="greedy",
    )
    bare = support([result.row() for result in alone])[()]
    assert bare.right_unreasoned.value == 1.0


@given(SEEDS)
def test_first_errors_are_those_of_the_core(seed: int) -> None:
    """Of rationales of every task in which some words stand for others."""
    rng = np.random.default_rng(seed)
    samples = [
        sample
        for task in avrgym.TASKS
        for sample in avrgym.Source(task, "simple", "test", seed).samples(range(4))
    ]
    said = []
    for sample in samples:
        words = sample.rationale.split(" ")
        for at in rng.integers(len(words), size=2):
            words[at] = words[rng.integers(len(words))]
        broken = " ".join(words)
        if rng.random() < 0.5:  # what was thought wrong is no error
            broken = f"<think>\n{broken}\n</think>\n{sample.rationale}"
        said.append(broken)
    verdicts = avrgym.verify([sample.address for sample in samples], said)
    prompts = [avrgym.Prompt(sample.address) for sample in samples]
    results = judged(prompts, [Said(r.encode()) for r in said], stage="sft", decoding="greedy")
    found = first_errors([result.row() for result in results], "address")
    for sample, verdict in zip(samples, verdicts, strict=True):
        mine = found[sample.address,]
        if verdict.first_error is None:
            assert mine.none.value == 1.0 and not mine.reasons
        else:
            step = verdict.steps[verdict.first_error]
            assert mine.reasons.keys() == {(step.skill, step.reason)}
            assert mine.seeing.value == (step.skill in SEEING)
