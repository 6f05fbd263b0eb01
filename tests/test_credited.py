"""The trainer with step credit, and verified pairs, as somebody's own script uses them."""

from pathlib import Path
from typing import Any

import pytest

from avrgym import Picture, Prompt, Source, TaskError, rewards, verify
from avrgym.prompts.format import Format

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from datasets import Dataset
from trl import GRPOConfig

import trained
from avrgym.models.fresh import calls, fresh
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.train.credit import ByOutcome, ByReturns, BySteps, Credit
from avrgym.train.quiet import quieten
from avrgym.train.trainers.credited import StepCreditTrainer
from avrgym.train.trainers.pairs import contrasts, rows

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries, not of ours

PICTURE = Picture(112, "compact")
ADDRESSES = Source(trained.TASK, "rung0").addresses(range(8))


@pytest.fixture(scope="module")
def tiny() -> Loaded:
    quieten()
    torch.set_num_threads(1)
    spec = Tiny(hidden=16, heads=2, layers=1)
    return fresh([Prompt(address) for address in ADDRESSES], PICTURE, spec)


def trainer(tiny: Loaded, folder: Path, columns: dict[str, Any], **also: Any) -> StepCreditTrainer:
    return StepCreditTrainer(
        tiny.model,
        processing_class=tiny.processor,
        reward_funcs=[rewards.progress],
        train_dataset=Dataset.from_dict(columns),
        picture=PICTURE,
        args=GRPOConfig(
            output_dir=str(folder),
            max_steps=1,
            per_device_train_batch_size=4,
            num_generations=2,
            max_completion_length=4,
            report_to="none",
            use_cpu=True,
        ),
        **also,
    )


@pytest.mark.parametrize(("credit", "axes"), [(BySteps(), 2), (ByReturns(), 2), (ByOutcome(), 1)])
def test_addresses_are_all_that_a_dataset_needs(
    tiny: Loaded, tmp_path: Path, credit: Credit, axes: int
) -> None:
    made = trainer(tiny, tmp_path, {"address": ADDRESSES}, credit=credit)
    scored = made._generate_and_score_completions([{"address": ADDRESSES[0]}] * 4)
    assert scored["advantages"].ndim == axes and len(scored["advantages"]) == 4
    assert scored["pixel_values"].shape == (4, 3, 112, 112)
    assert made.judge.verdicts.addresses == (ADDRESSES[0],) * 4


def test_a_rows_format_says_what_is_shown(tiny: Loaded, tmp_path: Path) -> None:
    made = trainer(tiny, tmp_path, {"address": ADDRESSES})
    [row] = made._laid_out([{"address": ADDRESSES[0], "format": "text"}])
    assert row["images"] == [] and row["prompt"] != []
    given = [{"address": ADDRESSES[0], "prompt": [], "images": []}]
    assert made._laid_out(given) is given
    with pytest.raises(TaskError, match="no address to judge by"):
        made._laid_out([{"prompt": []}])


def test_pairs_are_rows_that_dpo_takes() -> None:
    source = Source(trained.TASK, "rung0")
    one, other = source.samples([0, 1])
    prompts = [Prompt(one.address), Prompt(one.address), Prompt(one.address, Format("text"))]
    said = [sample.rationale.encode() for sample in (one, other, other)]
    assert verify([one.address] * 2, said[:2]).correct.tolist() == [True, False]
    [pair] = contrasts(prompts, said)
    [row] = rows([pair], PICTURE)
    assert row["chosen"] == [{"role": "assistant", "content": one.rationale}]
    assert one.rationale != row["rejected"][0]["content"]
    assert other.rationale.startswith(row["rejected"][0]["content"])
    assert row["images"][0].size == (112, 112)


def test_calls_that_can_be_listed_are_tokens(tiny: Loaded) -> None:
    def turn(way: str) -> str:
        """Turns.

        Args:
            way: Where to. (choices: ["left", "right"])

        Returns:
            Nothing.
        """
        return way

    assert len(calls([turn])) == 2
    model = fresh([Prompt(ADDRESSES[0])], PICTURE, Tiny(family="qwen3_vl"), tools=[turn])
    spelled = [model.processor.tokenizer.encode(call) for call in calls([turn])]
    assert [len(ids) for ids in spelled] == [1, 1]
