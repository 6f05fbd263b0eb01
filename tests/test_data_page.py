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
