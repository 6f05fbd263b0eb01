"""Groups that look at two pictures, and pay that hangs on both."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Source, TaskError
from avrgym.core.counterfactuals import counterfactuals

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

import trained
from avrgym.prompts.prompt import Prompt
from avrgym.train.run import train
from avrgym.train.trainers.counterpart import paid, shown

GROUPS = st.integers(1, 3).flatmap(
    lambda half: st.lists(
        st.tuples(st.floats(0, 1), st.booleans()), min_size=2 * half, max_size=2 * half
    )
)


@given(GROUPS, st.floats(0, 1))
def test_pay_hangs_on_the_counterpart(group: list[tuple[float, bool]], share: float) -> None:
    replies, half = len(group), len(group) // 2
    points = torch.tensor([[each] for each, _ in group])
    right = torch.tensor([good for _, good in group])
    found = paid(torch.cat([points, points]), torch.cat([right, ~right]), share, replies)
    for at, (each, _) in enumerate(group):
        _, counterpart = group[(at + half) % replies]
        whole, reduced = each, each * (1 - share)
        assert float(found[at]) == pytest.approx(whole if counterpart else reduced, abs=1e-6)
        other = reduced if counterpart else whole
        assert float(found[replies + at]) == pytest.approx(other, abs=1e-6)


def test_a_groups_second_half_looks_at_it() -> None:
    drawn = [Prompt(address) for address in Source(trained.TASK, "rung0").addresses(range(3))]
    places = [0] * 4 + [1] * 4 + [2] * 4
    whole = shown(drawn, places, 0, 4, held_out=4)
    assert whole[:6] + whole[6:] == shown(drawn, places[:6], 0, 4, 4) + shown(
        drawn, places[6:], 6, 4, 4
    )  # two processes
    for place, prompt in enumerate(drawn):
        first, second = whole[4 * place : 4 * place + 2], whole[4 * place + 2 : 4 * place + 4]
        assert first == [prompt] * 2
        others = counterfactuals([prompt.address], 4)
        assert [each.address for each in second] == [others[0] or prompt.address] * 2


def test_a_stage_draws_half_its_replies_to_counterfactuals(tmp_path: Path) -> None:
    stage = replace(trained.GRPO, replies=4, counterfactual=1.0)
    record = train(trained.run(stage), folder=tmp_path)
    rows = list(record.rollouts())
    groups = [rows[at : at + 4] for at in range(0, len(rows), 4)]
    assert len(groups) == 4
    changed = [["changed=" in row["address"] for row in group] for group in groups]
    assert [False, False, True, True] in changed
    for group in groups:
        for row, counterpart in zip(group, group[2:] + group[:2], strict=True):
            [alone] = avrgym.rewards.score(
                avrgym.verify([row["address"]], [row["reply"]]), "progress"
            )
            assert row["reward"] == pytest.approx(alone if counterpart["correct"] else 0)
    assert all("both_right" in event for event in record.events("log"))


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(TaskError, match="replies is 3; give an even number"):
        replace(trained.GRPO, replies=3, counterfactual=0.5)
    with pytest.raises(TaskError, match="refill = 0"):
        replace(trained.GRPO, replies=4, refill=1, counterfactual=0.5)
    with pytest.raises(TaskError, match="counterfactual"):
        replace(trained.GRPO, replies=4, counterfactual=1.5)
