"""SPPO: shares by exact scores, the loss by hand, and both replies going where they should."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
import trained
from avrgym import Prompt, TaskError, config, rewards
from avrgym.evaluate.suite import Evaluation
from avrgym.prompts.format import Format
from trained import ONE, QUIET, SPOKEN, TASK

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym.train.run import train
from avrgym.train.stages import Sppo
from avrgym.train.trainers.ches import log_probabilities, looked_at
from avrgym.train.trainers.compared import BEFORE, Held, moved
from avrgym.train.trainers.pairs import Contrast
from avrgym.train.trainers.rated import Rated, rated, shares
from avrgym.train.trainers.sppo import SurvivingSppo

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

UNMEASURED = Evaluation(suite=())
SPPO = Sppo(
    steps=6,
    samples=16,
    replies=6,
    max_reply=20,
    batch=4,
    draw=96,
    rewards={"correctness": 1.0, "format": 0.5},
    probe_every=0,
    curriculum=ONE,
    trl={"learning_rate": 1e-3, **QUIET},
)


SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(SCORES, st.floats(0.1, 100))
def test_shares_are_those_of_a_plain_loop(scores: list[float], sharpness: float) -> None:
    found = shares(np.array(scores), sharpness)
    for own, share in zip(scores, found, strict=True):
        wins = [1 / (1 + np.exp(-sharpness * (own - other))) for other in scores]
        assert share == pytest.approx(sum(wins) / len(wins))
    assert found.mean() == pytest.approx(0.5)  # what one wins another loses
    assert np.argmax(found) == np.argmax(scores) or len(set(scores)) < len(scores)


PROMPTS = [Prompt(a, Format("text")) for a in avrgym.Source(TASK, "rung2").addresses(range(3))]
SAMPLES = dict(zip(PROMPTS, avrgym.samples([each.address for each in PROMPTS]), strict=True))


@given(
    st.lists(
        st.tuples(st.sampled_from(PROMPTS), st.sampled_from(["whole", "bare", "half", "none"])),
        max_size=20,
    )
)
def test_the_best_meets_the_worst_reply_where_scores_differ(
    asked: list[tuple[Prompt, str]],
) -> None:
    def said(prompt: Prompt, how: str) -> bytes:
        lines = SAMPLES[prompt].rationale.split("\n")
        return {
            "whole": "\n".join(lines),
            "bare": lines[-1],
            "half": "\n".join(lines[: len(lines) // 2]),
            "none": "",
        }[how].encode()

    prompts, replies = [each[0] for each in asked], [said(*each) for each in asked]
    found = {each.pair.prompt: each for each in rated(prompts, replies, {"steps": 1.0}, 10.0)}
    verdicts = avrgym.verify([prompt.address for prompt in prompts], replies)
    points = rewards.score(verdicts, "steps", formats=["text"] * len(prompts))
    for prompt in set(prompts):
        own = {r: s for p, r, s in zip(prompts, replies, points, strict=True) if p == prompt}
        assert (prompt in found) == (len(set(own.values())) > 1)
        if prompt in found:
            each = found[prompt]
            assert own[each.pair.chosen] == max(own.values())
            assert own[each.pair.rejected] == min(own.values())
            assert each.loses < 0.5 < each.wins and not each.pair.cut


LOGS = st.tuples(st.floats(-50, 0), st.floats(-50, 0))


@given(LOGS, LOGS, st.floats(0.5, 1), st.floats(0, 0.5), st.floats(0.001, 1))
def test_hard_labels_of_moved_log_probabilities_are_soft_ones(
    before: tuple[float, float],
    now: tuple[float, float],
    wins: float,
    loses: float,
    beta: float,
) -> None:
    pair = Contrast(PROMPTS[0], b"right", b"wrong", cut=False)
    there = moved(Held(Rated(pair, wins, loses), {}, before), beta)
    hard = (now[0] - there[BEFORE[0]] - 0.5 / beta) ** 2
    hard += (now[1] - there[BEFORE[1]] + 0.5 / beta) ** 2
    soft = sum(
        (after - first - (share - 0.5) / beta) ** 2
        for after, first, share in zip(now, before, (wins, loses), strict=True)
    )
    assert hard == pytest.approx(soft, rel=1e-6, abs=1e-6)


def test_the_loss_is_that_of_the_paper_and_both_replies_go_where_they_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: of what moved since the begin, and the shares; TRL's is twice the paper's."""
    seen: list[tuple[float, float]] = []
    begun: dict[tuple[float, float], tuple[float, float]] = {}
    own: Any = SurvivingSppo._compute_loss

    def compute(self: Any, model: Any, inputs: Any, return_outputs: bool) -> Any:
        batch = {name: value for name, value in inputs.items() if name not in BEFORE}
        [(out, ids, scored)] = looked_at(model, iter([batch]), states=False)
        now = log_probabilities(out.logits, ids, scored).chunk(2)
        model.train()
        loss, outputs = own(self, model, inputs, True)
        target = [
            (now[0] - inputs[BEFORE[0]] - 0.5 / SPPO.beta) ** 2,
            (now[1] - inputs[BEFORE[1]] + 0.5 / SPPO.beta) ** 2,
        ]
        seen.append((float(loss.detach()), float((target[0] + target[1]).mean())))
        for at in range(len(now[0])):
            key = (float(inputs[BEFORE[0]][at]), float(inputs[BEFORE[1]][at]))
            begun.setdefault(key, (float(now[0][at]), float(now[1][at])))
        return (loss, outputs) if return_outputs else loss

    monkeypatch.setattr(SurvivingSppo, "_compute_loss", compute)
    record = train(trained.run(SPOKEN, SPPO, evaluation=UNMEASURED), folder=tmp_path)
    assert len(seen) == SPPO.steps
    for loss, plain in seen:
        assert loss == pytest.approx(plain, rel=1e-3)
    # Of what is seen first nothing has moved: log p before is moved by (1 - P) / beta, P' / beta.
    first = list(begun.items())[: SPPO.batch]
    for (lower, other), (chosen, rejected) in first:
        wins, loses = 1 - (chosen - lower) * SPPO.beta, (other - rejected) * SPPO.beta
        assert 0.5 < wins < 1 and 0 < loses < 0.5
    noted = list(record.events("displacement"))
    assert noted[0]["chosen"] == 0 and noted[-1]["chosen"] > 0 > noted[-1]["rejected"]
    logged = [event for event in record.events("log") if event["stage"] == "sppo"]
    assert logged and not any(name.startswith("rewards/") for event in logged for name in event)


def test_no_reply_better_than_another_is_one_clear_error(tmp_path: Path) -> None:
    """An untrained model is as wrong in all of them."""
    stage = replace(SPPO, rewards={"correctness": 1.0})
    with pytest.raises(TaskError, match="to none of 16 prompts one of 6 replies scored more"):
        train(trained.run(stage, evaluation=UNMEASURED), folder=tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"beta": 0.0}, "beta 0 is not above 0"),
        ({"sharpness": -1.0}, "sharpness -1 is not above 0"),
        ({"rewards": {"nice": 1.0}}, "nice"),
        ({"replies": 1}, "replies=1 is out of range"),
    ],
)
def test_a_wrong_setting_is_told_with_the_remedy(change: dict[str, Any], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        config.build(Sppo, {**config.table(SPPO), **change})


@pytest.mark.parametrize("name", ["loss_type", "beta", "precompute_ref_log_probs"])
def test_what_the_stage_decides_is_not_passed_through(name: str) -> None:
    with pytest.raises(TaskError, match=f"trl.{name} is not passed through"):
        replace(SPPO, trl={name: 1}).check({}, 1)
