"""How judges are measured, against plain references, and the verifier as a judge."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Format, Prompt, TaskError
from avrgym.cli.measured import as_json, as_table, measured
from avrgym.evaluate.results import judged
from avrgym.models.completion import Completion
from avrgym.prm.data import Labelled, balanced, of_completions, of_rows
from avrgym.prm.exact import Exact
from avrgym.prm.measure import (
    auc,
    average_precision,
    best_threshold,
    by_level,
    by_skill,
    ece,
    first_error_f1,
    first_errors,
    measure,
    ranking,
    worth,
)
from avrgym.prm.scorer import Scores
from avrgym.prm.spans import spans

PROMPTS = [
    Prompt(address, Format("text"))
    for task, level in (
        ("grid_navigation", "rung0"),
        ("grid_navigation", "rung2"),
        ("table_readout", "rung0"),
        ("visual_analogy", "rung0"),
    )
    for address in avrgym.Source(task, level).addresses(range(6))
]
GOLD = [sample.rationale.encode() for sample in avrgym.samples([p.address for p in PROMPTS])]
# Few values, so that many tie.
SCORED = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=30)
REPLIES = st.lists(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=5), min_size=1, max_size=12
)


def columns(scored: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([s / 4 for s, _ in scored], np.float32), np.array([g for _, g in scored], bool)


@given(SCORED)
def test_auc_is_the_chance_that_a_right_step_scores_higher(scored: list[tuple[int, bool]]) -> None:
    score, good = columns(scored)
    pairs = [(a > b) + (a == b) / 2 for a, b in product(score[good], score[~good])]
    found = auc(score, good)
    assert found == pytest.approx(np.mean(pairs)) if pairs else math.isnan(found)


@given(SCORED)
def test_average_precision_sums_precision_over_recall(scored: list[tuple[int, bool]]) -> None:
    score, wanted = columns(scored)
    found = average_precision(score, wanted)
    if not wanted.any():
        assert math.isnan(found)
        return
    area = before = 0.0
    for threshold in sorted(set(score.tolist()), reverse=True):
        taken = score >= threshold
        recall = (taken & wanted).sum() / wanted.sum()
        area += (recall - before) * (taken & wanted).sum() / taken.sum()
        before = recall
    assert found == pytest.approx(area)


@given(REPLIES, st.sampled_from([0.2, 0.5, 0.8]))
def test_first_errors_are_scored_as_processbench_does(
    replies: list[list[tuple[int, bool]]], threshold: float
) -> None:
    flat = [step for reply in replies for step in reply]
    score, good = columns(flat)
    offsets = np.append(0, np.cumsum([len(reply) for reply in replies])).astype(np.int64)
    named = [next((i for i, (s, _) in enumerate(r) if s / 4 < threshold), -1) for r in replies]
    truth = [next((i for i, (_, g) in enumerate(r) if not g), -1) for r in replies]
    assert first_errors(offsets, score, threshold).tolist() == named
    assert first_errors(offsets, good.astype(np.float32)).tolist() == truth
    bad = [n == t for n, t in zip(named, truth, strict=True) if t >= 0]
    fine = [n == t for n, t in zip(named, truth, strict=True) if t < 0]
    found, clean, f1 = first_error_f1(np.array(named), np.array(truth))
    if bad and fine:
        a, b = float(np.mean(bad)), float(np.mean(fine))
        assert (found, clean) == (a, b)
        assert f1 == pytest.approx(2 * a * b / (a + b) if a + b else 0.0)
        best = best_threshold(offsets, score, np.array(truth))
        named_best = first_errors(offsets, score, best)
        assert first_error_f1(named_best, np.array(truth))[2] >= f1 - 1e-12
    else:
        assert math.isnan(f1) and math.isnan(found) == (not bad)


@given(SCORED, st.integers(1, 12))
def test_calibration_is_that_of_the_analysis(scored: list[tuple[int, bool]], bins: int) -> None:
    from avrgym.analyses.calibration import calibrated

    score, good = columns(scored)
    wide = score.astype(np.float64)
    known = calibrated(wide, good, np.arange(len(good)), bins).error.value
    assert ece(score, good, bins) == pytest.approx(known)


def spoilt(at: int, line: int) -> bytes:
    """A rationale, one line of which is that of another problem of its level."""
    lines, others = (GOLD[i].split(b"\n") for i in (at, at // 6 * 6 + (at + 1) % 6))
    line %= min(len(lines), len(others))
    return b"\n".join([*lines[:line], others[line], *lines[line + 1 :]])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans()), max_size=24))
def test_ranking_compares_replies_of_one_prompt_alone(said: list[tuple[int, int, bool]]) -> None:
    groups = np.array([group for group, _, _ in said], np.int64)
    value, right = columns([(score, good) for _, score, good in said])
    plain = []
    for group in range(4):
        good = [s for g, s, r in said if g == group and r]
        bad = [s for g, s, r in said if g == group and not r]
        if good and bad:
            plain.append(np.mean([(a > b) + (a == b) / 2 for a in good for b in bad]))
    assert ranking(value, right, groups) == pytest.approx(plain)


@given(REPLIES, st.booleans())
def test_a_reply_is_worth_what_is_said_of_it_or_its_least_step(
    replies: list[list[tuple[int, bool]]], whole: bool
) -> None:
    counts = np.array([len(each) for each in replies])
    score = np.array([s / 4 for each in replies for s, _ in each], np.float32)
    outcome = (
        np.linspace(0, 1, len(replies), dtype=np.float32)
        if whole
        else np.full(len(replies), np.nan, np.float32)
    )
    bare = np.zeros(len(replies), np.int64)
    ends = np.ones(len(score), np.int64)
    said = Scores(np.append(0, counts.cumsum()), ends, score, outcome, bare)
    least = [min((s / 4 for s, _ in each), default=0.0) for each in replies]
    assert worth(said) == pytest.approx(outcome if whole else np.array(least))


class Says:
    """A judge that says one thing of replies, and nothing of their steps."""

    def __init__(self, outcome: np.ndarray) -> None:
        self.outcome = outcome

    def scores(self, prompts: Sequence[Prompt], replies: Sequence[Completion]) -> Scores:
        truth = spans(prompts, [each.reply for each in replies])
        nothing = np.full(len(truth.ends), np.nan, np.float32)
        return Scores(truth.offsets, truth.ends, nothing, self.outcome, truth.bare)


def test_a_judge_of_whole_replies_is_measured_by_what_it_says() -> None:
    """Right for half of the prompts, wrong for the others; between prompts it says nothing true."""
    asked = [prompt for prompt in PROMPTS for _ in range(2)]
    said = [Completion(reply) for gold in GOLD for reply in (gold, gold.replace(b"Answer", b"A:"))]
    rows = [asdict(row) for row in judged(asked, said, stage="", decoding="sampled")]
    sides = [[0.6, 0.4] if at % 2 else [0.1, 0.3] for at in range(len(PROMPTS))]
    made = measured(Says(np.array(sides, np.float32).ravel()), rows, 0.5, 8)
    right = np.array([row["correct"] for row in rows])
    assert right.reshape(-1, 2).tolist() == [[True, False]] * len(PROMPTS)
    assert made.ranking.value == pytest.approx(0.5) and made.ranking.n == len(PROMPTS)
    assert made.replies.value == pytest.approx(auc(np.array(sides).ravel(), right))
    apart = [{**row, "stage": str(at)} for at, row in enumerate(rows)]
    assert measured(Says(np.array(sides, np.float32).ravel()), apart, 0.5, 8).ranking.n == 0
    assert not made.groups and made.twins is None and math.isnan(made.auc.value)
    assert "of one prompt 0.500" in as_table("it", made)
    assert json.loads(as_json("it", made))["auc"]["value"] is None
    with pytest.raises(TaskError, match="says nothing, of steps or of replies"):
        measured(Says(np.full(len(rows), np.nan, np.float32)), rows, 0.5, 8)


def test_gold_rationales_have_nothing_wrong_in_them() -> None:
    said = Exact().scores(PROMPTS, [Completion(reply) for reply in GOLD])
    assert (said.score == 1).all() and (said.outcome == 1).all() and not said.bare.any()
    assert all(len(steps) for steps in said)


@given(st.integers(0, len(PROMPTS) - 1), st.integers(0, 9))
def test_the_verifier_scores_what_is_wrong_as_its_verdicts_say(at: int, line: int) -> None:
    reply = spoilt(at, line) + b"\n\nwell then\xff\n<think>" + GOLD[at][:9] + b"</think>"
    said = Exact().scores([PROMPTS[at]], [Completion(reply)])
    verdict = avrgym.verify(PROMPTS[at].address, reply)[0]
    aloud = [step for step in verdict.steps if not step.thought]
    assert said.ends.tolist() == [step.end for step in aloud]
    assert said.score.tolist() == [step.state != "wrong" for step in aloud]
    first = first_errors(said.offsets, said.score)[0]
    named = verdict.first_error
    assert first == (-1 if named is None else aloud.index(verdict.steps[named]))
    assert said.outcome[0] == verdict.correct
    assert said.bare[0] >= 1  # what is said beside


def test_lines_without_a_step_are_counted() -> None:
    lines = GOLD[0].split(b"\n")
    said = b"\n".join([lines[0], b"so far so good", b"  ", *lines[1:], b"bye"])
    found = Exact().scores(PROMPTS[:2], [Completion(said), Completion(b"")])
    assert found.bare.tolist() == [2, 0] and np.diff(found.offsets).tolist() == [len(lines), 0]


def test_the_verifier_is_a_perfect_judge_of_itself_by_every_measure() -> None:
    replies = [spoilt(at, at) for at in range(len(PROMPTS))]
    said = Exact().scores(PROMPTS, [Completion(reply) for reply in replies])
    truth = spans(PROMPTS, replies)
    whole = measure(said, truth)
    assert (whole.auc, whole.precision, whole.ece, whole.f1) == (1, 1, 0, 1) and whole.wrong > 0
    skills, levels = by_skill(said, truth), by_level(PROMPTS, said, truth)
    assert skills["seeing"].steps + skills["thinking"].steps == whole.steps == truth.judged.sum()
    assert whole.steps < len(said.ends)
    assert sum(each.replies for each in levels.values()) == whole.replies == len(PROMPTS)
    for each in (*skills.values(), *levels.values()):
        assert each.f1 == 1 or math.isnan(each.f1)


def test_measures_by_skill_count_steps_and_replies_of_that_skill() -> None:
    replies = [spoilt(at, at) for at in range(len(PROMPTS))]
    truth = spans(PROMPTS, replies)
    rng = np.random.default_rng(0)
    score = rng.random(len(truth.ends)).astype(np.float32)
    said = Scores(truth.offsets, truth.ends, score, truth.right.astype(np.float32), truth.bare)
    first = first_errors(truth.offsets, truth.ok.astype(np.float32))
    named = first_errors(truth.offsets, score)
    for name, found in by_skill(said, truth).items():
        if name in avrgym.SKILLS:
            code = avrgym.SKILLS.index(name)
            mine = truth.judged & (truth.skill == code)
            assert found.steps == mine.sum()
            own = [
                i
                for i, f in enumerate(first)
                if f >= 0 and truth.skill[truth.offsets[i] + f] == code
            ]
            assert found.replies == len(own) + (first < 0).sum()
            if own:
                assert found.found == np.mean([named[i] == first[i] for i in own])


def test_rows_of_an_evaluation_are_labelled_by_the_verdicts_that_they_hold() -> None:
    replies = [Completion(spoilt(at, at) + b"\xff", finish="length") for at in range(len(PROMPTS))]
    rows = judged(PROMPTS, replies, stage="sft", decoding="sampled")
    found = of_rows([row.row() for row in rows])
    assert found == of_completions(PROMPTS, replies)
    assert [Labelled.read(each.line()) for each in found] == found
    assert {label for each in found for label in each.labels} == {0.0, 1.0, None}


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"labels": (1.0,)}, "a reply of 2 steps has 1 labels and 0 skills; give one a step"),
        (
            {"labels": (1.0, 1.5)},
            r"label 1.5 is no share; give 0 \(wrong\) to 1 \(right\), or None",
        ),
        ({"ends": (2, 9)}, "a step ends at byte 9 of a reply of 5 bytes"),
        ({"skills": ("move",)}, "2 labels and 1 skills"),
    ],
)
def test_labels_that_cannot_be_are_told(given_: dict[str, object], said: str) -> None:
    held: dict[str, object] = {"ends": (2, 5), "labels": (1.0, 0.25), **given_}
    with pytest.raises(TaskError, match=said):
        Labelled(PROMPTS[0], b"ab cd", **held)  # type: ignore[arg-type]


def test_scores_that_are_no_probabilities_are_told() -> None:
    one, none = np.array([0, 1], np.int64), np.array([np.nan], np.float32)
    with pytest.raises(TaskError, match=r"score 1.5 is no probability; give 0 to 1"):
        Scores(one, one[1:], np.array([1.5], np.float32), none, one[:1])
    with pytest.raises(TaskError, match=r"ends has 2 entries, not 1"):
        Scores(one, one, none, none, one[:1])


KINDS = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 2)), min_size=1, max_size=40)


def labelled(kind: tuple[int, int]) -> Labelled:
    """A reply of one of four levels, with its first error at one of three steps or nowhere."""
    labels = tuple(float(at != kind[1]) for at in range(3))
    return Labelled(PROMPTS[kind[0] * 6], b"abc", (1, 2, 3), labels, (), ("move",) * 3)


@given(KINDS, st.integers(0, 100), st.sampled_from([0.0, 0.5, 1.0]))
def test_rows_are_balanced_by_level_and_first_error(
    kinds: list[tuple[int, int]], count: int, balance: float
) -> None:
    rows = [labelled(kind) for kind in kinds]
    order = balanced(rows, count, 0, balance)
    assert order.tolist() == balanced(rows, count, 0, balance).tolist() and len(order) == count
    weights = {kind: kinds.count(kind) ** (1 - balance) for kind in kinds}
    for kind, weight in weights.items():
        mine = [at for at in order if kinds[at] == kind]
        assert abs(len(mine) - count * weight / sum(weights.values())) <= 1
        # None comes again before all have come.
        times = [mine.count(at) for at, each in enumerate(kinds) if each == kind]
        assert max(times) - min(times) <= 1
