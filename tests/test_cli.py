"""The command: what it prints, which code it ends with, and that it explains itself."""

import json
from pathlib import Path

import numpy as np
import pytest

import avrgym
from written import mixture, settings

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.cli import main
from avrgym.data import generate


class Command:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Its exit code, and what it said to whom."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def test_bad_input_is_one_line_and_code_2(tmp_path: Path, command: Command) -> None:
    to = ("--to", tmp_path / "data")
    for arguments, words in (
        (("generate", "mixx", *to), 'no mixture "mixx"'),
        (("generate", "mix", *to), "needs --task and --examples"),
        (("generate", "grid_navigation/hard#test:0:5-9", *to), "does not begin at 0"),
        (("generate", "grid_navigation/hard#test:0:0-9", *to, "--format", "x"), "unknown format"),
        (("generate", "grid_navigation/hard#test:0:0-9", *to, "--examples", 3), "say nothing"),
        (("generate", tmp_path / "no.toml", *to), "no.toml"),
        (("show", "nope/hard#test:0:0"), "nope"),
        (("list", "nope"), "nope"),
        (("data", "check", tmp_path), "manifest.json"),
    ):
        code, _, said = command(*arguments)
        assert code == 2, said
        assert words in said and said.startswith("avrgym: ") and len(said.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_a_failed_check_is_code_1(tmp_path: Path, command: Command) -> None:
    generate(settings(), tmp_path)
    code, said, _ = command("data", "check", tmp_path, "--all")
    assert code == 0 and "all holds" in said
    leak = "grid_navigation/simple#train:1:0-2"
    code, said, wrong = command("data", "check", tmp_path, "--exclude", leak)
    assert code == 1 and "9 findings" in said
    assert wrong.count("leak: grid_navigation/simple#train:1:") == 9


def test_what_cannot_be_written_is_code_3(tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").touch()
    addresses = "grid_navigation/hard#test:0:0-9"
    code, _, said = command("generate", addresses, "--to", tmp_path / "file" / "data")
    assert code == 3 and str(tmp_path / "file") in said and len(said.splitlines()) == 1


def test_a_range_of_addresses_is_written_with_its_parameters(
    tmp_path: Path, command: Command
) -> None:
    addresses = "grid_navigation/hard?objects=2&trace=dfs#val:5:0-9"
    options = ("--format", "image-direct", "--layout", "vlmevalkit", "--size", 64, "--workers", 1)
    code, said, _ = command("generate", addresses, "--to", tmp_path / "data", *options)
    assert code == 0 and "val: 10 rows (image-direct 10)" in said
    lines = (tmp_path / "data" / "val.tsv").read_text().splitlines()
    assert sum("grid_navigation/hard?objects=2&trace=dfs#val:5:" in line for line in lines) == 10
    code, again, _ = command("data", "info", tmp_path / "data")
    assert code == 0 and again == said


def test_options_reach_the_mixture(tmp_path: Path, command: Command) -> None:
    code, _, said = command(
        *("generate", "mix", "--task", "table_readout", "--examples", 12, "--seed", 3),
        *("--simple", "rung1", "--params", "style=full", "--template", "any", "--internalise"),
        *("--theme", "compact", "--size", 64, 128, "--shard-rows", 5, "--workers", 1),
        *("--to", tmp_path / "data"),
    )
    assert code == 0, said
    made = json.loads((tmp_path / "data" / "manifest.json").read_text())["settings"]
    assert made["mixture"]["seed"] == 3 and made["mixture"]["template"] == "any"
    assert made["mixture"]["internalise"]["levels"] > 1
    [part, *_] = made["mixture"]["phases"][0]["parts"]
    assert (part["level"], part["params"]) == ("rung1", {"style": "full"})
    assert made["writing"]["size"] == [64, 128] and made["writing"]["theme"] == "compact"
    code, said, _ = command("data", "check", tmp_path / "data", "--all")
    assert code == 0, said


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, command: Command) -> None:
    code, said, _ = command(
        *("generate", "align-mix+", "--task", "visual_analogy", "--examples", 240_000),
        *("--to", tmp_path / "data", "--dry-run"),
    )
    assert code == 0 and not (tmp_path / "data").exists()
    assert "120,000  text  visual_analogy/hard#train:0" in said
    assert said.startswith("align: 240,000 rows")


def test_show_gives_words_steps_difficulty_and_a_picture(tmp_path: Path, command: Command) -> None:
    image = pytest.importorskip("PIL.Image")
    for task in avrgym.TASKS:
        address = f"{task}/hard#test:0:7"
        [sample] = avrgym.samples([address])
        code, said, _ = command("show", address, "--to", tmp_path / "it.png", "--size", 96)
        assert code == 0
        assert sample.question in said and sample.twin in said
        for step in sample.steps:
            line = sample.rationale.encode()[step.start : step.end].decode()
            assert f"{line} ({step.skill})" in said
        for name, value in sample.features.items():
            assert f"{name} {value:g}" in said
        with image.open(tmp_path / "it.png") as picture:
            assert np.array_equal(np.asarray(picture), avrgym.render([address], 96)[0])


def test_list_names_everything(command: Command) -> None:
    _, said, _ = command("list")
    for task in avrgym.TASKS:
        assert f"{task}: {' '.join(avrgym.levels(task))}" in said
        _, mine, _ = command("list", task)
        for level in avrgym.levels(task):
            assert f"{task}/{level}: " in mine
        _, one, _ = command("list", f"{task}/hard")
        for key, value in avrgym.parameters(task, "hard").items():
            assert f"{key}={value}" in one
        # The address it ends with can be used.
        assert avrgym.samples([one.split()[-1]])


def test_help_teaches(command: Command) -> None:
    for verb, words in (
        ((), ("avrgym generate --help", "1 a check failed")),
        (("generate",), ("avrgym generate mix+ --task grid_navigation", "--exclude", "--engine")),
        (("data", "check"), ("avrgym data check data/mix --all",)),
        (("show",), ("--theme",)),
    ):
        code, said, _ = command(*verb, "--help")
        assert code == 0
        for each in words:
            assert " ".join(each.split()) in " ".join(said.split())


def test_a_mixture_by_name_is_the_one_from_python(tmp_path: Path, command: Command) -> None:
    generate(settings(mixture("mix", 30), container="jsonl"), tmp_path / "ours")
    command(
        *("generate", "mix", "--task", "grid_navigation", "--examples", 30, "--seed", 1),
        *("--container", "jsonl", "--size", 64, "--shard-rows", 25, "--workers", 1),
        *("--to", tmp_path / "theirs"),
    )
    ours, theirs = (
        {path.name: path.read_bytes() for path in (tmp_path / side).rglob("*.*") if path.is_file()}
        for side in ("ours", "theirs")
    )
    assert ours == theirs and len(ours) > 20
