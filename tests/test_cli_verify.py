"""The command where it judges tables and knows processors."""

import json
from pathlib import Path

import pytest

import avrgym
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.core.score import Score

RANGE = ("grid_navigation/hard#test:0:0-4",)


def test_replies_are_judged_and_verdicts_written(tmp_path: Path, command: Command) -> None:
    source = avrgym.Source("grid_navigation", "hard", "test")
    rows = [
        {"address": sample.address, "reply": said}
        for sample in source.samples(range(10))
        for said in (f"Answer: {sample.answer}", "no idea")
    ]
    file, made = tmp_path / "replies.jsonl", tmp_path / "replies.verdicts.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, said, _ = command("verify", file, "--no-write")
    assert code == 0 and not made.exists()
    assert "50.0%" in said and "29.9% to 70.1%" in said and "10 problems" in said
    code, said, progress = command("verify", file)
    assert code == 0 and str(made) in said and "judging" in progress
    words = [json.loads(line)["verdict"] for line in made.read_text().splitlines()]
    assert words == ["correct", "unparsed"] * 10
    code, out, said = command("verify", file)
    assert code == 2 and f"{made} is there already" in said and "--force" in said and not out
    code, said, _ = command("verify", file, "--force", "--json")
    told = json.loads(said)
    assert code == 0 and told["overall"] == told["levels"]["grid_navigation/hard"]
    assert told["overall"] | {"interval": None} == {
        **{"replies": 20, "correct": 10, "wrong": 0, "ambiguous": 0, "unparsed": 10},
        **{"accuracy": 0.5, "interval": None},
    }
    assert told["overall"]["interval"] == list(Score(10, 20).interval())
    for arguments, expected, words_ in (
        ((tmp_path / "none.jsonl",), 2, "none.jsonl"),
        ((file, "--no-write", "--to", made), 2, "--no-write"),
        ((file, "--reply", "said", "--force"), 2, "'address', 'reply'"),
        ((file, "--to", "/proc/replies.jsonl"), 3, "--no-write"),
    ):
        code, out, said = command("verify", *arguments)
        assert code == expected and words_ in said and not out, said
        assert len(said.splitlines()) == 1


def test_a_size_that_a_processor_would_change_is_warned_of(
    tmp_path: Path, command: Command
) -> None:
    asked = ("generate", *RANGE, "--to", tmp_path / "data", "--dry-run", "--processor")
    for name, size, words in (
        ("qwen2.5-vl", 450, "450 x 450 pixels; --size that fits: 448 x 448 or 476 x 476"),
        ("qwen3-vl", 448, ""),
        ("siglip", 448, "fits: 224 x 224"),
    ):
        code, out, said = command(*asked, name, "--size", size)
        assert code == 0 and "5" in out
        assert said.count("avrgym: warning") == bool(words) and words in said
    code, _, said = command(*asked, "nope")
    assert code == 2 and "qwen2.5-vl" in said and len(said.splitlines()) == 1
