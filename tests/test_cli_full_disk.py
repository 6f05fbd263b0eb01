"""A disk that is full in the midst of a file: one line that names it, and nothing half-written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands import Command

resource = pytest.importorskip("resource", reason="this system has no such limits")
pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

MOST = 2048


@contextmanager
def full() -> Iterator[None]:
    """Files end at ``MOST`` bytes; the system says so as it does of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


ADDRESS = "grid_navigation/hard#test:0:7"


@pytest.mark.parametrize("old", [False, True])
def test_nothing_is_half_written(tmp_path: Path, command: Command, old: bool) -> None:
    replies = tmp_path / "replies.jsonl"
    line = json.dumps({"address": ADDRESS, "reply": "Answer: up" + ", up" * 40})
    replies.write_text(f"{line}\n" * 10)
    home = tmp_path / "out"
    home.mkdir()
    for verb, name in (
        (("show", ADDRESS), "it.png"),
        (("gallery", "--size", 64), "it.html"),
        (("verify", replies), "it.jsonl"),
    ):
        file = home / name
        if old:
            file.write_text("mine")
        with full():
            code, out, said = command(*verb, "--to", file, "--force")
        assert code == 3 and not out, (verb, said)
        [last] = [line for line in said.splitlines() if line.startswith("avrgym: ")]
        assert str(file) in last and "--to" in last and "Errno" not in last
        assert [path.name for path in home.iterdir()] == ([name] if old else [])
        if old:
            assert file.read_text() == "mine"
            file.unlink()


def test_what_goes_on_names_the_folder_and_goes_on(tmp_path: Path, command: Command) -> None:
    to = tmp_path / "data"
    asked = ("generate", "grid_navigation/hard#test:0:0-99", "--format", "text", "--to", to)
    generate = (*asked, "--workers", 1, "--container", "jsonl")
    with full():
        code, out, said = command(*generate)
    assert code == 3 and not out and "the same command goes on from there" in said
    assert f"avrgym: {to}" in said.splitlines()[-1] and "Errno" not in said
    assert command(*generate)[0] == 0 and command("data", "check", to)[0] == 0
