"""The verb generate: what it refuses, and runs that write nothing."""

from pathlib import Path

import pytest

from commands import Command
from written import settings

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.data import generate

RANGE = ("grid_navigation/hard#test:0:0-4",)


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, command: Command) -> None:
    code, said, _ = command(
        *("generate", "align-mix+", "--task", "visual_analogy", "--examples", 240_000),
        *("--to", tmp_path / "data", "--dry-run"),
    )
    assert code == 0 and not (tmp_path / "data").exists()
    assert "120,000  text  visual_analogy/hard#train:0" in said
    assert said.startswith("align: 240,000 rows")


def test_a_file_that_leaves_a_part_without_rows_is_refused(
    tmp_path: Path, command: Command
) -> None:
    file, data = tmp_path / "mine.toml", tmp_path / "data"
    text = """[[phases]]\nsize = %d\nparts = [
        {task = "grid_navigation", level = "hard", format = "text", weight = 9},
        {task = "grid_navigation", level = "hard", format = "image"}]"""
    file.write_text(text % 4)
    for more in ((), ("--dry-run",)):
        code, out, said = command("generate", file, "--to", data, "--workers", 1, *more)
        assert code == 2 and not out and len(said.splitlines()) == 1, said
        assert "grid_navigation/hard as image (weight 1) without rows; give size = 10" in said
    file.write_text(text % 10)
    code, out, _ = command("generate", file, "--to", data, "--dry-run")
    assert (
        code == 0
        and out.split()
        == (
            "phase0: 10 rows, to be seen 1 times 9 text grid_navigation/hard#train:0 "
            "1 image grid_navigation/hard#train:0"
        ).split()
    )
    assert not data.exists()


def test_a_dry_run_refuses_what_a_run_would(tmp_path: Path, command: Command) -> None:
    to, data = ("--dry-run", "--to"), tmp_path / "data"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    generate(settings(), tmp_path / "begun")
    for arguments, words in (
        ((*RANGE, *to, data, "--layout", "bogus"), 'unknown layout "bogus"'),
        ((*RANGE, *to, data, "--layout", "vlmevalkit", "--format", "text"), "a picture in each"),
        ((*RANGE, *to, data, "--layout", "trl", "--container", "tsv"), "not made for tsv"),
        ((*RANGE, *to, data, "--exclude", "/nonexistent"), "nothing to exclude at /nonexistent"),
        ((*RANGE, *to, data, "--workers", -1), "--workers: -1"),
        ((*RANGE, *to, tmp_path / "other"), "other files"),
        ((*RANGE, *to, tmp_path / "begun"), "begun with other settings"),
    ):
        code, out, said = command("generate", *arguments)
        assert code == 2 and words in said and len(said.splitlines()) == 1 and not out, said
    code, _, _ = command("generate", *RANGE, *to, data, "--exclude", tmp_path / "begun")
    assert code == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["begun", "other"]


YAML = """
internalise: {full: 0.3, shorten: 0.4, none: 0.3}
phases:
  - {name: only, size: 12, epochs: %s, parts: [{task: grid_navigation, level: hard, format: text}]}
"""


def test_a_mixture_in_yaml_is_written_and_excluded(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("yaml")
    file, data = tmp_path / "mine.yaml", tmp_path / "data"
    file.write_text(YAML % 1)
    assert command("generate", file, "--to", data, "--workers", 1)[0] == 0
    code, _, said = command(
        "generate", "grid_navigation/hard#train:0:0-4", "--to", tmp_path / "no", "--exclude", file
    )
    assert code == 2 and "has a content that --exclude" in said
    # Half of the rationales would be left when the rows end.
    file.write_text(YAML % 2)
    for more in ((), ("--dry-run",)):
        code, _, said = command("generate", file, "--to", tmp_path / "no", *more)
        assert code == 2 and "epochs" in said
    assert not (tmp_path / "no").exists()
