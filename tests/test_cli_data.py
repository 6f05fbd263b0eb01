"""The verbs of finished datasets, and how far they are."""

from pathlib import Path

import pytest

from commands import Command
from written import settings

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.data import generate

RANGE = ("grid_navigation/hard#test:0:0-4",)


def test_a_failed_check_is_code_1(tmp_path: Path, command: Command) -> None:
    generate(settings(), tmp_path)
    code, said, _ = command("data", "check", tmp_path, "--all")
    assert code == 0 and "all holds" in said
    leak = "grid_navigation/simple#train:1:0-2"
    code, said, wrong = command("data", "check", tmp_path, "--exclude", leak)
    assert code == 1 and "9 findings" in said
    assert said.count("leak: grid_navigation/simple#train:1:") == 9 and "leak" not in wrong


def test_a_terminal_sees_the_first_findings_and_a_file_has_all(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(settings(), tmp_path)
    leaks = ("data", "check", tmp_path, "--exclude", "grid_navigation/simple#train:1:0-19")
    _, said, _ = command(*leaks)
    assert said.count("wrong: ") == 60 and "more" not in said
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, said, _ = command(*leaks)
    assert code == 1 and said.count("wrong: ") == 20
    assert "and 40 more" in said and "60 findings" in said


def test_a_log_hears_how_far_it_is(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ("--size", 64, "--insist", "--workers", 1, "--to")
    _, _, said = command("generate", *RANGE, *more, tmp_path / "a")
    [line] = said.splitlines()
    assert line.startswith("writing rows: 5 of 5")
    _, _, said = command("data", "check", tmp_path / "a")
    [line] = said.splitlines()
    assert line.startswith("reading rows: 5 of 5")
    monkeypatch.setattr("avrgym.cli.progress._EVERY", 0)
    _, _, said = command("generate", *RANGE, *more, tmp_path / "b")
    assert "comparing contents: 0 of 5\n" in said and "writing rows: 0 of 5\n" in said
