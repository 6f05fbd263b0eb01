"""What docs/gpu.md says is taken by what it says it to; its measurement runs on a small model."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import launch_command_parser
from torch.distributed.run import get_args_parser

from avrgym.models.load import begin, save
from avrgym.models.spec import Tiny
from avrgym.prompts.prompt import chats
from avrgym.train import CONFIGS, checks, shipped, spec
from avrgym.train.plan import describe
from avrgym.train.quiet import quieten
from commands import Command

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PAGE = (Path(__file__).parent.parent / "docs" / "gpu.md").read_text("utf-8")
FILE = "small_448.toml"
SMALL = ("--model.preset", "tiny", "--stages.0.steps", "2", "--stages.1.steps", "1")


def commands(program: str) -> list[list[str]]:
    """The page's commands that begin with a word, wherever they stand."""
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.splitlines()
    ]
    found = [line.removeprefix("timeout 9m ") for line in lines]
    return [shlex.split(line, comments=True) for line in found if line.startswith(program)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's run file."""
    quieten()
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(re.findall(r"```toml[^\n]*\n(.*?)```", PAGE, re.DOTALL)[0])
    return tmp_path


def test_the_file_holds_with_its_own_sizes_and_with_vllm(here: Path) -> None:
    block = re.findall(r"```toml[^\n]*\n(.*?)```", PAGE, re.DOTALL)[1]
    vllm = block.partition(" = ")[2].strip()
    for overrides in ({}, {"stages.1.trl": vllm}):
        run = spec.load(FILE, overrides)
        checks.settings(run)
        checks.settings(run, processes=8)
    assert run.stages[1].settings(checks.common(run), 8)["use_vllm"] is True


def test_the_ways_of_many_processes_are_taken(here: Path, command: Command) -> None:
    [words] = commands("torchrun")
    told = get_args_parser().parse_args(words[1:])
    assert told.module and told.training_script == "avrgym.cli" and told.nproc_per_node == "8"
    assert command(*told.training_script_args, *SMALL, "--dry-run")[0] == 0
    [words] = commands("accelerate")
    [place] = [at for at, word in enumerate(words) if word.startswith("$configs/")]
    words[place] = words[place].replace("$configs", str(CONFIGS / "accelerate"))
    told = launch_command_parser().parse_args(words[2:])
    assert told.module and told.training_script == "avrgym.cli"
    assert told.training_script_args == ["train", "qwen2_5_vl_7b_grid_navigation"]
    files = sorted((CONFIGS / "accelerate").glob("*.yaml"))
    for file in files:
        assert f"`{file.name}`" in PAGE
        load_config_from_file(str(file))
    assert len(files) == len(re.findall(r"`\w+\.yaml`", PAGE))


@pytest.mark.parametrize("name", [name for name in shipped.names() if "qwen" in name])
def test_files_of_real_models_hold_for_small_ones_of_their_class(here: Path, name: str) -> None:
    run = spec.load(shipped.find(name))
    drawn = [
        prompt
        for place, stage in enumerate(run.planned())
        for prompt in stage.curriculum.made(run.occasion(place, stage)).draw(64)
    ]
    words = [chat.completion[0]["content"] for chat in chats(drawn)]
    small = begin(Tiny(family="qwen2_5_vl"), picture=run.picture, texts=words)
    save(small, here / "stand-in")
    shown = describe(spec.load(shipped.find(name), {"model.path": str(here / "stand-in")}))
    stages = [line for line in shown.splitlines() if "a process" in line]
    assert len(stages) == len(run.planned())
    assert name in PAGE


def test_the_measurement_prints_its_tables(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    benches = Path(__file__).parent.parent / "benches"
    monkeypatch.syspath_prepend(str(benches))
    import gpu  # type: ignore[import-not-found]
    import tyro

    [[*_, file]] = [words for words in commands("avrgym") if words[-1].startswith("benches/")]
    [[_, script, run]] = commands("python")
    assert (file, script) == ("benches/gpu.toml", "benches/gpu.py")
    fewer = (
        {"batch": 2, "trl.logging_steps": 1},
        {"prompts": 1, "replies": 2, "trl.logging_steps": 1},
    )
    keys = [
        word
        for place, settings in enumerate(fewer)
        for key, value in {"steps": 2, **settings}.items()
        for word in (f"--stages.{place}.{key}", value)
    ]
    code, _, wrong = command("train", benches / "gpu.toml", "--model.preset", "tiny", *keys)
    assert code == 0, wrong
    measure: Any = tyro.cli(gpu.Measure, args=[run, "--batch", "2", "--seconds", "0.001"])
    record = gpu.Record(measure.run)
    _, _, *stages = gpu.shares(record)
    assert [line.split(" | ")[:2] for line in stages] == [["| sft", "1"], ["| grpo", "1"]]
    for line in stages:
        cells = [float(share) for share in re.findall(r"([-\d.]+) %", line)]
        assert len(cells) == len(gpu.PARTS) + 1 and abs(sum(cells) - 100) < 0.1
        assert min(cells) >= 0
    gpu.main(measure)


def test_seconds_of_steps_are_summed_behind_one() -> None:
    from avrgym.report.seconds import summed

    logs = [
        {"step": 2, "seconds": {"step": 9.0, "credit": 8.0}},
        {"step": 5, "seconds": {"step": 2.0}},
        {"step": 6, "seconds": {"step": 1.0, "credit": 0.5}},
    ]
    assert summed(logs) == {"step": 25.0, "credit": 16.5}
    assert summed(logs, after=2) == {"step": 7.0, "credit": 0.5}
