"""What a stage reports besides, and where that is found when the stage is through."""

import json
import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from avrgym import TaskError

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from transformers.integrations import integration_utils as integrations

import trained
from avrgym.evaluate.suite import Evaluation
from avrgym.train import services
from avrgym.train.run import train

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]

# What transformers takes for TensorBoard's writer where that is not installed; a line a number.
WRITER = """
import json
from pathlib import Path


class SummaryWriter:
    def __init__(self, log_dir):
        Path(log_dir).mkdir(parents=True, exist_ok=True)
        self.file = Path(log_dir, "events.jsonl")

    def add_scalar(self, name, value, step):
        with self.file.open("a") as file:
            print(json.dumps([name, value, step]), file=file)

    def add_text(self, *_):
        pass

    def flush(self):
        pass

    close = flush
"""


def reporting(to: Any) -> Any:
    """A run of two stages that report, and are not evaluated."""
    trl = {**trained.QUIET, "report_to": to}
    stages = replace(trained.SFT, trl=trl), replace(trained.GRPO, trl=trl)
    return trained.run(*stages, evaluation=Evaluation(suite=()))


def test_what_tensorboard_reads_outlives_the_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "tensorboardX.py").write_text(WRITER)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delenv("TENSORBOARD_LOGGING_DIR", raising=False)
    record = train(reporting("tensorboard"), folder=tmp_path)
    assert not any(record.checkpoints(stage).exists() for stage in ("sft", "grpo"))
    for stage in ("sft", "grpo"):
        file = record.folder / services.FOLDER / stage / "events.jsonl"
        told = [json.loads(line) for line in file.read_text().splitlines()]
        losses = {step: value for name, value, step in told if name == "train/loss"}
        assert losses and losses == {
            event["step"]: event["loss"]
            for event in record.events("log")
            if event["stage"] == stage and "loss" in event
        }


@pytest.mark.parametrize("service", sorted(integrations.INTEGRATION_TO_CALLBACK))
def test_a_service_that_is_not_installed_is_told_before_there_is_a_folder(
    service: str, tmp_path: Path
) -> None:
    package = services.lacking(service)
    if package is None:
        there: Any = integrations.get_available_reporting_integrations
        assert service in there() or service == "kubeflow"
        return
    assert find_spec(package) is None
    for to in (service, [service]):
        with pytest.raises(TaskError) as refused:
            train(reporting(to), folder=tmp_path / "runs", file="mine.toml")
        assert str(refused.value) == (
            f"mine.toml: stages[0] (sft): trl.report_to: {service} is not installed; "
            f"pip install {package}, or leave it out"
        )
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("tensorbord", r'unknown trl.report_to "tensorbord" \(did you mean tensorboard\?\)'),
        (["wandb", "all"], r'unknown trl.report_to "all"'),
        (None, r"unknown trl.report_to None"),
        (3, r"trl.report_to is 3"),
    ],
)
def test_what_is_no_service_is_told_with_those_that_there_are(
    to: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(TaskError, match=rf"stages\[0\] \(sft\): {said}"):
        train(reporting(to), folder=tmp_path / "runs")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("to", ["none", ["none"], "all", ["all"], []])
def test_all_and_none_ask_for_nothing(to: Any) -> None:
    assert services.asked(to) == []
