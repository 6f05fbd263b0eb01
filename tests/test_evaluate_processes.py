"""Several processes ask a suite: the same replies as of one, whatever becomes of them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("tyro")

from avrgym.evaluate.folder import Folder
from avrgym.evaluate.results import key

HERE = Path(__file__).parent
ROWS = 6 * 2 * 3  # items, formats, a greedy reply and two drawn ones


def told(folder: Path) -> dict[Any, dict[str, Any]]:
    rows = list(Folder(folder).rows())
    assert len(rows) == ROWS
    return {key(row): {**row, "seconds": None} for row in rows}


def asked(file: Path) -> int:
    return sum(map(int, file.read_text().split()))


def test_processes_say_what_one_says_and_ask_nothing_twice(tmp_path: Path) -> None:
    """Two, three, one and two of them, killed in their midst, the one while it joins the rest."""
    done = subprocess.run(
        [sys.executable, str(HERE / "asking.py"), str(tmp_path)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = done.stdout.splitlines()
    ends = [line for line in lines if line.startswith("ended")]
    assert ends == ["ended 0", "ended 9", "ended 9", "ended 9", "ended 0"], done.stdout
    left = [json.loads(line.partition(" ")[2]) for line in lines if line.startswith("left")]
    assert "results-1.jsonl" in left[0] and "results-2.jsonl" in left[1]
    assert len(left[2]) > 1 and left[3] == ["results.jsonl"]
    whole, killed = told(tmp_path / "whole"), told(tmp_path / "killed")
    assert len(whole) == ROWS and killed == whole
    assert asked(tmp_path / "whole-asked.txt") == ROWS
    # What others were about to say when one died is all that was asked again.
    assert ROWS <= asked(tmp_path / "killed-asked.txt") <= ROWS + 2 * (1 + 2)
    first, second = ((tmp_path / f"killed-{rank}.txt").read_text() for rank in (0, 1))
    assert json.loads(first)["overall"]["replies"] == ROWS and second == ""
    errors = done.stderr.splitlines()
    assert sum("asking: 18 of 18" in line for line in errors) == 1, errors[-20:]
