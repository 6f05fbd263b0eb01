"""lmms-eval's own command runs our task as docs/evaluation.md says, and its scores are ours."""

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avrgym import _core
from chat_server import Behave, choices, serving
from commands import Command
from pages import blocks, commands
from replied import from_jsonl

for _needed in ("lmms_eval", "pytablewriter"):
    pytest.importorskip(_needed, reason="tests/consumers.txt is not installed")
Image = pytest.importorskip("PIL.Image")

COUNT = 9
ADDRESSES = [f"grid_navigation/simple#test:0:{at}" for at in range(COUNT)]


def taught(folder: Path) -> Behave:
    """Knows problems by their pictures: a third right, a third wrong, a third unanswered."""
    [table] = folder.glob("*.parquet")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(table, columns=["address", "answer", "question", "images"])
    known: dict[bytes, tuple[int, str, str]] = {}
    for at, row in enumerate(rows.to_pylist()):
        [picture] = row["images"]
        known[pixels(picture["bytes"])] = (at, row["answer"], row["question"])

    def behave(body: dict[str, Any], _: int) -> tuple[int, dict[str, Any]]:
        [turn] = body["messages"]
        shown, words = turn["content"]
        at, answer, question = known[
            pixels(base64.b64decode(shown["image_url"]["url"].partition(",")[2]))
        ]
        assert words["text"] == question
        said = (f"Moves:\n\nAnswer: {answer}", "Answer: No path exists", "I cannot tell.")
        return 200, choices(said[at % 3])

    return behave


def pixels(file: bytes) -> bytes:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB")).tobytes()


def test_the_page_s_lines_run_and_its_scores_are_ours(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [block] = [each for each in blocks("docs/evaluation.md") if "python -m lmms_eval" in each.text]
    writes, asks, reads = commands(block)
    assert command(*shlex.split(writes.replace("0-49", f"0-{COUNT - 1}"))[1:])[0] == 0
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "HF_HOME": str(tmp_path / "cache"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    with serving(taught(tmp_path / "data" / "eval"), "my-model") as server:
        ended = subprocess.run(
            asks.replace("http://localhost:8000/v1", server.url),
            shell=True,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert len(server.bodies) == COUNT

    [results] = tmp_path.rglob("*_results.json")
    [told] = json.loads(results.read_text())["results"].values()
    [samples] = tmp_path.rglob("*_samples_*.jsonl")
    words = shlex.split(reads)[1:]
    at = words.index("--policy") + 1
    [words[at]] = map(str, Path().glob(words[at]))
    without = [each for each in words if each not in ("--asked", "data/eval/test.parquet")]
    code, _, said = command(*without)
    assert code and "--asked" in said and not Path("runs").exists()
    code, shown, said = command(*words)
    assert code == 0, said
    rows = {row["address"]: row for row in from_jsonl(tmp_path / "runs/harness/results.jsonl")}
    theirs = {row["doc_id"]: row for row in from_jsonl(samples)}
    assert len(rows) == len(theirs) == COUNT
    for number, row in theirs.items():
        [address] = _core.canonical([ADDRESSES[number]])
        ours = rows[address]
        assert ours["reply"] == row["filtered_resps"]
        assert ours["correct"] == (row["correct"] == 1.0)
        assert (ours["outcome"] != "unparsed") == (row["parsed"] == 1.0)
    right = [row["correct"] for row in rows.values()]
    assert told["correct,none"] == pytest.approx(sum(right) / COUNT) == pytest.approx(1 / 3)
    assert re.search(r"33\.3%", shown)
