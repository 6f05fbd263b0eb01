"""Each of TRL's examples trains a tiny model for two steps, as a user runs it."""

import runpy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch

from avrgym.train.quiet import quieten

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries, not of ours

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(autouse=True)
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh folder, one thread, and no chatter."""
    monkeypatch.chdir(tmp_path)
    quieten()
    torch.set_num_threads(1)


def run(name: str) -> Any:
    """The trainer of an example after two steps."""
    trainer = runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](["--steps", "2"])
    assert trainer.state.global_step == 2
    weights = torch.cat([weight.detach().flatten() for weight in trainer.model.parameters()])
    assert weights.isfinite().all()
    return trainer


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("trl_*.py")), ids=lambda path: path.stem)
def test_an_example_is_short_and_says_how_it_is_run(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert f"python examples/{path.name}" in text.split('"""')[1]


def test_sft() -> None:
    assert run("trl_sft").state.log_history


def test_grpo() -> None:
    assert run("trl_grpo").state.log_history


def test_grpo_with_step_credit() -> None:
    trainer = run("trl_grpo_step_credit")
    assert len(trainer.judge.replies) == 32


def test_dpo() -> None:
    assert set(run("trl_dpo").train_dataset.column_names) >= {"chosen", "rejected", "cut"}


def test_several_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    trainer = run("trl_multiturn")
    said = trainer.state.log_history[0]
    assert said["tools/call_frequency"] > 1 and said["tools/failure_frequency"] == 0
    facts = [world.facts for world in trainer.environments]
    assert len(facts) == 16 and len({each["address"] for each in facts}) == 4
    assert any(each["moves"] > each["hits"] for each in facts)
    # TRL leaves all pictures out of the loss where their tokens and their features do not agree.
    assert all("pixel_values" in batch for batch in trainer._buffered_inputs)
