"""Gaps between the positions of what is imitated: where they may fall, and where nothing moves."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trained
from avrgym import TaskError
from trained import EASY, SFT

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from avrgym.models.load import save
from avrgym.models.spec import Tiny, Transformers
from avrgym.prompts.prompt import rows
from avrgym.stream.rows import with_pillow
from avrgym.train import plan
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.positions import Positions
from avrgym.train.run import train
from avrgym.train.trainers.gapped import Gapped, gapped
from avrgym.train.trainers.sft import SurvivingSft

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]


@given(
    before=st.integers(0, 5),
    prompt=st.integers(0, 9),
    reply=st.integers(0, 12),
    behind=st.integers(0, 5),
    gaps=st.integers(0, 30),
    seed=st.integers(0, 2**32),
)
def test_a_reply_stands_in_order_within_its_range_and_a_prompt_where_it_was(
    before: int, prompt: int, reply: int, behind: int, gaps: int, seed: int
) -> None:
    """Whichever side padding is on; without gaps all is the running count."""
    mask = np.array([0] * before + [1] * (prompt + reply) + [0] * behind)
    labelled = np.array([0] * (before + prompt) + [1] * reply + [0] * behind, bool)
    if not mask.size:
        return
    found = gapped(mask, labelled, gaps, np.random.default_rng(seed))
    own = found[mask == 1]
    assert own[:prompt].tolist() == list(range(prompt))
    said = own[prompt:]
    assert (np.diff(said) > 0).all()
    if reply:
        assert said[0] >= prompt and said[-1] < prompt + reply + gaps
    if not gaps:
        assert own.tolist() == list(range(prompt + reply))
    assert found.min() >= 0 and found.max() == max(own, default=0)


def test_every_place_of_the_range_is_taken_and_every_length_drawn() -> None:
    mask, labelled = np.ones(5, int), np.array([0, 0, 1, 1, 1], bool)
    drawn = [gapped(mask, labelled, 4, np.random.default_rng(seed))[2:] for seed in range(500)]
    assert {int(place) for each in drawn for place in each} == set(range(2, 9))
    plain = sum(each.tolist() == [2, 3, 4] for each in drawn)
    # Of ranges of 3 to 7 each is as likely, and of its choices one is the running count.
    share = sum(1 / choices for choices in (1, 4, 10, 20, 35)) / 5
    assert abs(plain / 500 - share) < 0.08


def _batch(places: list[int]) -> list[dict[str, Any]]:
    prompts = EASY.made(Occasion(rows=8)).draw(max(places) + 1)
    shown = rows(prompts, trained.run().picture)
    return [{**with_pillow(shown[at]), "at": at} for at in places]


def test_a_row_has_its_gaps_whatever_batch_it_is_in() -> None:
    """So a stage that goes on, or is shared by processes, draws what it would have drawn."""
    loaded = trained.model()
    kind: Any = DataCollatorForVisionLanguageModeling
    collate = kind(loaded.processor, completion_only_loss=True)
    gaps = Gapped(collate, 20, (7,))

    def drawn(places: list[int]) -> list[list[int]]:
        batch = gaps(_batch(places))
        pairs = zip(batch["position_ids"], batch["labels"], strict=True)
        return [where[labels != -100].tolist() for where, labels in pairs]

    whole = drawn([0, 1, 2, 3])
    assert drawn([3]) + drawn([1, 0]) == [whole[3], whole[1], whole[0]]
    assert len(set(map(tuple, whole))) == 4
    other = Gapped(collate, 20, (8,))(_batch([0]))
    assert other["position_ids"][0][other["labels"][0] != -100].tolist() != whole[0]


def test_the_loss_is_that_of_the_positions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: logits of the decoder at these positions, and nothing else of them."""
    seen: list[tuple[float, float]] = []
    own: Any = SurvivingSft.compute_loss

    def compute(self: Any, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
        batch = {name: value.clone() for name, value in inputs.items() if torch.is_tensor(value)}
        loss = own(self, model, inputs, *rest, **more)
        labels = batch.pop("labels")
        with torch.no_grad():
            logits = model(**batch).logits[:, :-1].float()
            plain = model(**{**batch, "position_ids": None}).logits[:, :-1].float()
        wanted = labels[:, 1:]
        mean = [
            torch.nn.functional.cross_entropy(each.flatten(0, 1), wanted.flatten()).item()
            for each in (logits, plain)
        ]
        seen.append((float(loss.detach()) - mean[0], mean[0] - mean[1]))
        return loss

    monkeypatch.setattr(SurvivingSft, "compute_loss", compute)
    quiet = replace(trained.run().evaluation, suite=())
    train(trained.run(replace(SFT, positions=Positions(30)), evaluation=quiet), folder=tmp_path)
    assert len(seen) == 2
    for away, moved in seen:
        assert abs(away) < 1e-4 and abs(moved) > 1e-5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"model": Tiny(hidden=16, heads=2, layers=1, family="qwen3_vl")},
            "qwen3_vl counts positions in 3",
        ),
        ({"gaps": 4_090}, r"gaps = 4090 is too many .* 4096 .* give 40\d\d or less"),
        ({"trl": {"completion_only_loss": False}}, "completion_only_loss = false imitates"),
    ],
)
def test_what_gaps_do_not_fit_is_told_before_there_is_a_folder(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    sft = replace(SFT, positions=Positions(change.pop("gaps", 30)), trl=change.pop("trl", {}))
    with pytest.raises(TaskError, match=rf"stages\[0\] \(sft\): .*{said}"):
        train(trained.run(sft, **change), folder=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_a_dry_run_of_a_pretrained_model_tells_it_too(tmp_path: Path) -> None:
    save(trained.model(), tmp_path / "model")
    sft = replace(SFT, positions=Positions(5_000))
    given_run = trained.run(sft, model=Transformers(path=str(tmp_path / "model")))
    with pytest.raises(TaskError, match="gaps = 5000 is too many"):
        plan.describe(given_run)
