"""What docs/data.md shows of judging replies is what the command prints."""

import json
import math
import re
import shlex
from pathlib import Path

import pytest

import avrgym

pytest.importorskip("tyro")

from avrgym.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "data.md").read_text("utf-8")


def test_judging_replies_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    section = PAGE.partition("## Replies from elsewhere, judged")[2]
    [command, shown] = re.findall(r"```(?:sh|text)\n(.*?)```", section, re.DOTALL)[:2]
    samples = avrgym.Source("grid_navigation", "hard", "test").samples(range(10))
    rows = [
        {"address": sample.address, "reply": reply}
        for sample in samples
        for reply in (f"Answer: {sample.answer}", "Answer: up, up, up, up, up, up, up, up, up")
    ]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("avrgym.cli.progress._EVERY", math.inf)
    Path("replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(command)[1:])
    assert ended.value.code == 0
    assert capsys.readouterr().out == shown


def test_every_command_runs_in_order_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("avrgym ")]
    # The rest installs, explains, or starts a cluster, on which there are tests of its own.
    assert {line.split()[0] for line in lines if line and line not in commands} == {
        "#",
        "pip",
        "ray",
    }
    monkeypatch.chdir(tmp_path)
    for command in commands:
        if command.startswith("avrgym verify"):
            continue  # above
        words = shlex.split(command, comments=True)[1:]
        # The same with fewer rows, smaller pictures, and no processes beside this one.
        words = [{"240000": "1536", "16": "1"}.get(word, word) for word in words]
        if words[0] == "generate":
            words += ["--size", "64", "--insist"]
            words += [] if "--workers" in words else ["--workers", "1"]
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 0, (command, capsys.readouterr())
    made = {path.name for path in Path("data").iterdir()}
    assert made == {"mix", "eval", "sft", "grpo", "verl", "easyr1", "tables"}
    manifest = json.loads(Path("data/verl/manifest.json").read_text())
    assert manifest["phases"]["mix+"]["rows"] == 1536
