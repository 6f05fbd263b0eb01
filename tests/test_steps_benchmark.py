"""The benchmark of labelled steps: the same bytes again, true rows, a card that counts."""

import importlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym import TaskError
from avrgym.evaluate.results import said
from commands import Command

pytest.importorskip("tyro")

SCRIPTS = Path(__file__).parents[1] / "scripts"
LEVELS = ("grid_navigation/rung1", "visual_analogy/simple")


def test_it_is_the_same_again_and_true(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    made: Any = importlib.import_module("steps_benchmark")
    few: dict[str, Any] = {"levels": LEVELS, "items": 10, "replies": 40}
    for name in ("one", "two"):
        made.main(made.Benchmark(to=tmp_path / name, **few))
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two and sorted(one) == ["README.md", "results.jsonl"]
    rows = [json.loads(line) for line in one["results.jsonl"].splitlines()]
    judged = avrgym.verify([row["address"] for row in rows], [said(row) for row in rows])
    for row, verdict in zip(rows, judged, strict=True):
        steps = [[s.start, s.end, s.skill, s.state, s.reason, s.thought] for s in verdict.steps]
        assert row["steps"] == steps and row["correct"] == verdict.correct
        assert (row["policy"] == "gold") <= (verdict.first_error is None)
        assert row["split"] == "test"
    assert len({(row["address"], row["draw"]) for row in rows}) == len(rows)
    counts = Counter(row["policy"] for row in rows) + Counter(row["level"] for row in rows)
    card = one["README.md"].decode()
    told = dict(re.findall(r"\| `([^`]+)` \| ([\d,]+) \|", card))
    assert {name: told[name] for name in counts} == {n: f"{c:,}" for n, c in counts.items()}
    code, held, _ = command("judge", tmp_path / "one", "--scorer", "exact", "--json")
    assert code == 0 and json.loads(held)["f1"]["value"] == 1
    with pytest.raises(TaskError, match="is there; give a new folder"):
        made.main(made.Benchmark(to=tmp_path / "one", **few))
