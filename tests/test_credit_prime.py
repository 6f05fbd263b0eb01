"""Credit by a judge that learns: what it pays, what it learns, in a run and by two processes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import avrgym
import trained
from avrgym import Format, Prompt, TaskError
from avrgym.train.credit.by_prime import ByPrime, Implied, of_others, told

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from safetensors.torch import load_file

import heard
from avrgym.evaluate.suite import Evaluation
from avrgym.models.completion import Completion
from avrgym.models.load import Loaded, save
from avrgym.models.spec import Lora, Tiny, Transformers
from avrgym.prm.heads import Token
from avrgym.prm.judge import Judge, Settings, from_pretrained
from avrgym.prm.online import Online
from avrgym.runs.record import Record
from avrgym.train import checks
from avrgym.train.run import train
from trained import GRPO, ONE

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
REWARDS = st.floats(-4, 4, width=32)


@given(st.data())
def test_tokens_get_what_lies_ahead_of_them_less_what_others_have(data: st.DataObject) -> None:
    """Eq. 5 of the paper, token by token in plain Python."""
    counts = data.draw(st.lists(st.integers(1, 5), min_size=4, max_size=4))
    said = np.arange(5) < np.array(counts)[:, None]
    rewards = data.draw(arrays.arrays(np.float32, (4, 5), elements=REWARDS)) * said
    paid = data.draw(arrays.arrays(np.float32, 4, elements=REWARDS))
    levels = data.draw(st.lists(st.sampled_from(["rung0", "rung1"]), min_size=2, max_size=2))
    addresses = [
        f"grid_navigation/{level}#val:0:{data.draw(st.integers(0, 1))}"
        for level in levels
        for _ in range(2)
    ]
    rule = ByPrime(outcome=2.0, process=0.5, hidden=("grid_navigation/rung1",))
    own = [row[:count] for row, count in zip(rewards, counts, strict=True)]
    sums, means, largest = np.array([told(row) for row in own]).T
    assert sums == pytest.approx([row.sum() for row in own], abs=1e-4)
    bound = max(1.0, *(abs(row[place:].sum()) for row in own for place in range(len(row))))
    others = of_others(means.astype(np.float32), np.array(addresses))
    verdicts = avrgym.verify(addresses, [b""] * 4)
    advantages = np.array([paid[0] - paid[1], paid[1] - paid[0], *(paid[2:] - paid[2:].mean())])
    advantages[:2] /= 2  # less the mean of two
    found = rule.deal(
        advantages.astype(np.float32),
        np.ones((4, 5), np.int32),
        np.array(counts),
        verdicts,
        Implied(rewards, others, 2, float(largest.max())),
    )
    for at, row in enumerate(own):
        beside = [
            means[other]
            for other, address in enumerate(addresses)
            if other != at and address == addresses[at]
        ]
        base = float(np.mean(beside)) if beside else float(means[at])
        outcome = 0.0 if "rung1" in addresses[at] else float(paid[at] - paid[at ^ 1])
        plain = [
            2 * outcome + 0.5 * sum(float(each) - base for each in row[place:]) / bound
            for place in range(len(row))
        ]
        assert found[at, : len(row)] == pytest.approx(plain, abs=1e-4)
        assert not found[at, len(row) :].any()


def log_chances(loaded: Loaded, prompt: Prompt, ids: list[int]) -> torch.Tensor:
    """Of a reply's tokens, by the whole model, one prompt alone."""
    from avrgym.models.policy import encoded

    asked = encoded(loaded, [prompt], heard.PICTURE)
    length = asked["input_ids"].shape[1]
    whole = torch.cat([asked["input_ids"], torch.tensor([ids])], 1)
    inputs = {**asked, "input_ids": whole, "attention_mask": torch.ones_like(whole)}
    logits = loaded.model(**inputs).logits[0, length - 1 : -1].float()
    found: torch.Tensor = logits.log_softmax(-1).gather(1, torch.tensor(ids)[:, None])[:, 0]
    return found


def test_a_judge_learns_outcomes_from_the_sum_of_its_rewards() -> None:
    """Rewards and the gradient, against the equations written down plainly."""
    online, prompts, replies, right = heard.case()
    own, reference = online.judge.loaded, heard.loaded()
    ratios = [
        log_chances(own, prompt, list(reply.ids)) - log_chances(reference, prompt, list(reply.ids))
        for prompt, reply in zip(prompts, replies, strict=True)
    ]
    beta, known = online.head.beta, np.isfinite(right)
    logits = [beta * each.sum() for each in ratios]
    losses = [
        -torch.log(torch.sigmoid(logit if label else -logit))
        for logit, label, has in zip(logits, right, known, strict=True)
        if has
    ]
    plain = torch.stack(losses).mean()
    torch.autograd.backward(plain)
    wanted = [torch.zeros_like(w) if w.grad is None else w.grad for w in online.weights]
    for weight in online.weights:
        weight.grad = None
    online.optimizer = torch.optim.SGD(online.weights, lr=1.0)
    before = [weight.detach().clone() for weight in online.weights]
    found = online.hear(prompts, replies, right)
    moved = [old - new.detach() for old, new in zip(before, online.weights, strict=True)]
    largest = max(float(each.abs().max()) for each in wanted)
    assert largest > 1e-5
    for mine, its in zip(moved, wanted, strict=True):
        assert torch.allclose(mine, its, atol=1e-3 * largest)
    for mine, its in zip(found.rewards, ratios, strict=True):
        assert mine == pytest.approx(beta * its.detach().numpy(), abs=1e-5)
    # What a reply's tokens are paid telescopes: the logit by which the reply is judged.
    sums = np.array([float(each.sum()) for each in found.rewards])
    assert sums == pytest.approx([float(each) for each in logits], abs=1e-5)
    assert found.loss == pytest.approx(float(plain), abs=1e-5)
    assert found.accuracy == np.mean((sums > 0)[known] == (right[known] > 0.5))
    assert found.score == pytest.approx(np.mean(1 / (1 + np.exp(-sums))), abs=1e-5)


def test_nothing_is_learned_without_labels_or_when_it_must_not_be() -> None:
    online, prompts, replies, right = heard.case()
    before = [weight.detach().clone() for weight in online.weights]
    blank = online.hear(prompts, replies, np.full(len(prompts), np.nan, np.float32))
    asked = online.hear(prompts, replies, right, learn=False)
    assert np.isnan(blank.loss) and np.isnan(blank.accuracy) and asked.loss > 0
    assert blank.score == asked.score
    for old, new in zip(before, online.weights, strict=True):
        assert torch.equal(old, new) and new.grad is None


def test_steps_bring_a_judge_to_tell_right_from_wrong() -> None:
    online, prompts, replies, right = heard.case()
    first = online.hear(prompts, replies, right)
    for _ in range(20):
        last = online.hear(prompts, replies, right)
    assert last.loss < first.loss / 2 and last.accuracy == 1


def test_two_processes_make_the_step_of_one(tmp_path: Path) -> None:
    """Labels are unevenly spread over them; what is told is of both."""
    online, prompts, replies, right = heard.case()
    alone = online.hear(prompts, replies, right)
    words = [sys.executable, heard.__file__, str(tmp_path)]
    done = subprocess.run(words, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    halves = [np.load(tmp_path / f"{rank}.npz") for rank in (0, 1)]
    weights = [torch.cat([w.detach().ravel() for w in online.weights]).numpy()]
    weights += [half["weights"] for half in halves]
    assert np.array_equal(weights[1], weights[2])
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)
    for half in halves:
        assert half["told"] == pytest.approx([alone.loss, alone.accuracy, alone.score], abs=1e-5)


def test_a_run_with_a_judge_that_learns(tmp_path: Path) -> None:
    """With answers, without and refilled, and of an adapter in bfloat16."""
    unmeasured = Evaluation(suite=())
    grpo = replace(GRPO, curriculum=ONE, prompts=4, replies=4, credit=ByPrime(rate=1e-2))
    hidden = ByPrime(rate=1e-2, hidden=("grid_navigation/rung0",))
    known = trained.run(grpo, name="known", evaluation=unmeasured)
    record = train(known, folder=tmp_path)
    logged = [event for event in record.events("log") if event["stage"] == "grpo"]
    # As it begins it is the policy, which says nothing of replies.
    assert logged[0]["judge/loss"] == pytest.approx(np.log(2)) and logged[0]["judge/score"] == 0.5
    assert logged[1]["judge/score"] != 0.5 and 0 <= logged[1]["judge/accuracy"] <= 1
    assert moved(record)
    prompt = Prompt(
        "grid_navigation/rung0?answers=0&length=1#val:0:1", Format("text", rationale=False)
    )
    judge = from_pretrained(record.judge("grpo"))
    assert 0 < judge.scores([prompt], [Completion(b"Answer: up")]).outcome[0] < 1

    blank = trained.run(replace(grpo, credit=hidden, refill=1), name="blank", evaluation=unmeasured)
    record = train(blank, folder=tmp_path)
    logged = [event for event in record.events("log") if event["stage"] == "grpo"]
    assert all("judge/loss" not in event and event["judge/score"] == 0.5 for event in logged)
    assert not moved(record)

    base = tmp_path / "base"
    save(trained.model(), base)
    model = Transformers(path=str(base), lora=Lora(rank=4))
    adapter = replace(grpo, at_once=8, trl={**GRPO.trl, "beta": 0.1})
    record = train(
        trained.run(adapter, name="adapter", model=model, evaluation=unmeasured),
        folder=tmp_path,
    )
    [first, _] = [event for event in record.events("log") if event["stage"] == "grpo"]
    assert first["judge/score"] == 0.5 and moved(record)


def moved(record: Record) -> bool:
    """Whether a run's judge is another than what it began as."""
    own, other = (
        load_file(next((record.judge("grpo") / name).glob("*.safetensors")))
        for name in ("model", "reference")
    )
    return any(not torch.equal(own[name], other[name]) for name in other)


def test_what_cannot_be_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"beta": 0}, "beta 0 is not above 0; give 0.05"),
        ({"beta": float("nan")}, "beta is nan"),
        ({"rate": -1e-6}, "rate=-1e-06 is out of range"),
        ({"rate": 0.0}, "rate 0.0 is not above 0"),
        ({"clip": "x"}, "clip is 'x'"),
        ({"outcome": -1}, "outcome=-1"),
        ({"process": 101}, "process=101"),
        ({"hidden": ("grid_navigation/rung99",)}, "rung99"),
    )
    for how, words in wrong:
        with pytest.raises(TaskError, match=words):
            ByPrime(**how)
    prime = replace(GRPO, credit=ByPrime())
    assert prime.settings({}, 1)["scale_rewards"] == "none"
    cut = replace(prime, trl={"fsdp": "full_shard"})
    with pytest.raises(TaskError, match=r"trl.fsdp is not passed through: a judge is whole"):
        checks.settings(trained.run(cut))
    save(trained.model(), tmp_path)
    half = Transformers(path=str(tmp_path))
    with pytest.raises(TaskError, match='"bfloat16" rounds small steps away; give lora'):
        checks.settings(trained.run(prime, model=half))
    checks.settings(trained.run(prime, model=replace(half, lora=Lora())))
    checks.settings(trained.run(prime, model=replace(half, dtype="float32")))
    plain = Settings(head=Token(), model=Tiny(), picture=heard.PICTURE)
    with pytest.raises(TaskError, match='head "token" has no reward of tokens'):
        Online(Judge(plain, heard.loaded()), 1e-3)
