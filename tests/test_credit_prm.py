"""Credit by a judge of steps: what is paid, to which tokens, and in a run."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import TaskError
from avrgym.analyses.parting import SCORE, SEES, THINKS
from avrgym.train.credit.by_prm import relative
from avrgym.train.credit.shaping import BOUND, SHARE, shaped

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Completion
from avrgym.prm.exact import Exact
from avrgym.prm.scorer import Scores
from avrgym.prompts.prompt import Prompt
from avrgym.train import checks
from avrgym.train.credit import ByOutcome, ByPrm, Credit
from avrgym.train.run import train
from trained import GRPO, ONE, PRM, SPOKEN

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

REPLIES = st.lists(st.lists(st.floats(0, 1, width=32), max_size=6), max_size=6)


def columns(replies: list[list[float]]) -> tuple[Any, Any]:
    flat = np.array([score for each in replies for score in each], np.float32)
    return flat, np.cumsum([0, *map(len, replies)])


@given(REPLIES)
def test_what_steps_are_paid_telescopes(replies: list[list[float]]) -> None:
    """min(u, min p) - u + .25 in all, as the paper's code has it, step by step."""
    flat, offsets = columns(replies)
    paid = shaped(flat, offsets)
    for mine, (a, b) in zip(replies, pairwise(offsets), strict=True):
        low, plain = BOUND, []
        for score in mine:
            plain.append(min(score - low, 0) + SHARE / len(mine))
            low = min(low, score)
        assert paid[a:b] == pytest.approx(plain, abs=1e-6)
        if mine:
            assert paid[a:b].sum() == pytest.approx(min(BOUND, *mine) - BOUND + SHARE, abs=1e-5)
            assert -0.25 - 1e-6 <= paid[a:b].sum() <= 0.25 + 1e-6


@given(REPLIES)
def test_a_product_telescopes_too(replies: list[list[float]]) -> None:
    flat, offsets = columns(replies)
    paid = shaped(flat, offsets, "product")
    for mine, (a, b) in zip(replies, pairwise(offsets), strict=True):
        if mine:
            whole = BOUND * float(np.prod(np.array(mine, np.float64))) - BOUND + SHARE
            assert paid[a:b].sum() == pytest.approx(whole, abs=1e-5)


def test_what_nobody_knows_lowers_nothing() -> None:
    paid = shaped(np.array([np.nan, 0.25, np.nan], np.float32), np.array([0, 3]))
    assert paid == pytest.approx([SHARE / 3, -0.25 + SHARE / 3, SHARE / 3])


def dealt(rule: ByPrm, replies: list[str], address: str, advantages: list[float]) -> Any:
    """By a token a byte."""
    said = [reply.encode() for reply in replies]
    prompts = [Prompt(address)] * len(said)
    scores: Scores = Exact().scores(prompts, [Completion(each) for each in said])
    verdicts = avrgym.verify([address] * len(said), said)
    longest = max(map(len, said))
    ones = np.ones((len(said), longest), np.int32)
    counts = np.array([len(each) for each in said], np.int64)
    found = rule.deal(np.array(advantages, np.float32), ones, counts, verdicts, scores)
    return [row[:count] for row, count in zip(found, counts, strict=True)], verdicts


def test_tokens_get_what_lies_ahead_of_them() -> None:
    [sample] = avrgym.samples("grid_navigation/rung1#val:0:3")
    right = sample.rationale
    wrong = right.replace("up", "down", 1)
    rule = ByPrm(judge="exact", outcome=0.0)
    (good, bad), verdicts = dealt(rule, [right, wrong], sample.address, [1.0, -1.0])
    fault = verdicts[1].steps[verdicts[1].first_error or 0]
    # Blame ends with the error, behind which nothing more is lost; praise is for all of a reply.
    assert (bad[: fault.end] < -0.5).all() and (good > 0.5).all()
    last = max(step.end for step in verdicts[1].steps if step.state == "wrong")
    assert last == fault.end or (bad[fault.end : fault.end + 1] <= 0).all()
    assert not bad[last + 1 :].any()
    whole = ByPrm(judge="exact", outcome=1.0)
    (more, less), _ = dealt(whole, [right, wrong], sample.address, [1.0, -1.0])
    assert more == pytest.approx(good + 1) and less == pytest.approx(bad - 1)


@given(REPLIES, st.randoms(use_true_random=False))
def test_a_reply_is_paid_as_a_whole_and_blamed_up_to_where_it_costs(
    replies: list[list[float]], dice: Any
) -> None:
    flat, offsets = columns(replies)
    group = np.array([dice.randrange(2) for _ in replies], np.int64)
    paid = shaped(flat, offsets)
    found = relative(paid, offsets, group)
    sums = [float(paid[a:b].sum()) for a, b in pairwise(offsets)]
    for at, (mine, (a, b)) in enumerate(zip(replies, pairwise(offsets), strict=True)):
        beside = [each for each, other in zip(sums, group, strict=True) if other == group[at]]
        spread = float(np.std(beside))
        own = (sums[at] - float(np.mean(beside))) / spread if spread > 1e-5 else 0.0
        costs, low = [], BOUND
        for place, score in enumerate(mine):
            if score < low - 1e-5:
                costs.append(place)
            low = min(low, score)
        for place, each in enumerate(found[a:b].tolist()):
            if spread > 1e-5 and own < -1e-3 and place > max(costs, default=-1):
                assert each == 0 or abs(each - own) < 1e-2
            elif spread > 1e-5:
                assert each == pytest.approx(own, abs=1e-2)


def test_hidden_answers_pay_nothing() -> None:
    [sample] = avrgym.samples("grid_navigation/rung1?style=terse#val:0:3")
    wrong = sample.rationale.replace("Answer: ", "Answer: up, ")
    for hidden in (("grid_navigation/rung0..rung1",), ("grid_navigation/rung1?style=terse",)):
        rule = ByPrm(judge="exact", ahead=0.0, hidden=hidden)
        assert rule.hides(sample.address.partition("#")[0])
        (first, second), _ = dealt(rule, [sample.rationale, wrong], sample.address, [1.0, -1.0])
        assert not first.any() and not second.any()
    other = ByPrm(judge="exact", ahead=0.0, hidden=("grid_navigation/rung2",))
    (first, second), _ = dealt(other, [sample.rationale, wrong], sample.address, [1.0, -1.0])
    assert (first == 1).all() and (second == -1).all()


def test_a_run_goes_by_its_own_judge(tmp_path: Path) -> None:
    """Two steps of it, of the verifier as a judge, and of none."""
    from safetensors.torch import load_file

    grpo = replace(GRPO, curriculum=ONE, replies=4)
    rules: dict[str, Credit] = {
        "own": ByPrm(judge="prm"),
        "exact": ByPrm(judge="exact"),
        "outcome": ByOutcome(),
    }
    made = {}
    for name, rule in rules.items():
        stages = (SPOKEN, PRM, replace(grpo, credit=rule))
        run = trained.run(*stages, name=name, evaluation=Evaluation(suite=()))
        record = train(run, folder=tmp_path)
        made[name] = load_file(record.model("grpo") / "model.safetensors")
        logged = [event for event in record.events("log") if event["stage"] == "grpo"]
        for event in logged:
            assert (SCORE in event) == (SEES in event) == (THINKS in event) == (name != "outcome")
        replies = list(record.rollouts())
        wrong = np.mean([each["first_error"] is not None for each in replies])
        told = [event[SEES] + event[THINKS] for event in logged if SEES in event]
        assert not told or np.mean(told) == pytest.approx(wrong)
    flat = {
        name: np.concatenate([v.numpy().ravel() for v in m.values()]) for name, m in made.items()
    }
    assert all(np.isfinite(each).all() for each in flat.values())
    # Two steps teach a judge nothing that pays; the verifier as one does.
    assert not np.array_equal(flat["exact"], flat["outcome"])


def test_a_judge_that_will_not_be_there_is_told_before_anything_is_trained() -> None:
    late = trained.run(SPOKEN, replace(GRPO, credit=ByPrm(judge="prm")), PRM)
    with pytest.raises(
        TaskError, match=r'stages\[1\] \(grpo\): credit.judge "prm" is no stage "prm" bef'
    ):
        checks.settings(late)
    checks.settings(trained.run(SPOKEN, PRM, replace(GRPO, credit=ByPrm(judge="prm"))))
    checks.settings(trained.run(SPOKEN, replace(GRPO, credit=ByPrm(judge="exact"))))
    never = ByPrm(judge="exact", hidden=("grid_navigation/rung9",))
    with pytest.raises(
        TaskError, match=r'hidden has "grid_navigation/rung9", .* never asks for it'
    ):
        checks.settings(trained.run(SPOKEN, replace(GRPO, credit=never)))
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"judge": ""}, "judge is empty"),
        ({"outcome": -1}, "outcome=-1"),
        ({"hidden": ("grid_navigation/rung99",)}, "rung99"),
    )
    for how, words in wrong:
        with pytest.raises(TaskError, match=words):
            ByPrm(**how)
