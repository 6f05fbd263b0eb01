"""A run takes a model of every family through SFT, GRPO with step credit and DPO."""

from pathlib import Path
from typing import Any

import pytest

from avrgym import Picture, TaskError

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from safetensors.torch import load_file

import trained
from avrgym.evaluate.suite import Evaluation
from avrgym.models.load import begin, restore, save
from avrgym.models.spec import FAMILIES, Lora, Tiny, Transformers
from avrgym.prompts.prompt import Prompt, chats
from avrgym.train.run import train

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PICTURE = Picture(112, "compact")


def base(spec: Tiny, folder: Path) -> None:
    """A model of a family, as somebody else might have saved it."""
    asked = [Prompt(f"{trained.TASK}/rung{at % 2}#train:9:{at}") for at in range(16)]
    said = [turn["content"] for chat in chats(asked) for turn in chat.completion]
    try:
        save(begin(spec, picture=PICTURE, texts=said), folder)
    except TaskError as error:
        if "torchvision" not in str(error):
            raise
        pytest.skip(str(error))


def adapter(folder: Path) -> torch.Tensor:
    kept = load_file(folder / "adapter_model.safetensors")
    return torch.cat([kept[name].flatten() for name in sorted(kept)])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_trains_an_adapter_in_half_precision(family: Any, tmp_path: Path) -> None:
    base(Tiny(family=family, hidden=16), tmp_path / "base")
    model = Transformers(path=str(tmp_path / "base"), lora=Lora(rank=2))
    brief = Evaluation(
        suite=(f"{trained.TASK}/rung0",),
        items=2,
        formats=("image",),
        decodings=("greedy",),
        max_reply=40,
    )
    run = trained.run(trained.SFT, trained.GRPO, trained.DPO, model=model, evaluation=brief)
    trained.pair_up(run, tmp_path)  # an untrained model never answers right
    record = train(run, folder=tmp_path)
    stages = ("start", "sft", "grpo", "dpo")
    weights = [adapter(record.model(stage)) for stage in stages]
    again = restore(model, record.model("dpo")).model
    trained_ones = [weight for weight in again.parameters() if weight.requires_grad]
    assert sum(weight.numel() for weight in trained_ones) == weights[3].numel()
    assert sum(float(w.double().sum()) for w in trained_ones) == pytest.approx(
        float(weights[3].double().sum())
    )
    assert all(each.isfinite().all() for each in weights)
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[2], weights[3])
    assert {row["stage"] for row in record.results()} == set(stages)
