"""The verbs doctor and bench: what they say, as lines and as JSON."""

import json

import pytest

import avrgym
from avrgym.core.extras import EXTRAS
from commands import Command

pytest.importorskip("tyro")


def test_doctor_says_versions_extras_and_rates(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said, _ = command("doctor", "--json")
    found = json.loads(said)
    assert code == 0 and found["version"] == avrgym.__version__
    assert found["lacking"].keys() == EXTRAS.keys() and found["lacking"]["data"] == []
    assert found["threads"] >= 1 and min(found["rates"].values()) > 0
    monkeypatch.setenv("COLUMNS", "40")
    code, said, _ = command("doctor")
    assert code == 0 and "judges" in said
    assert max(len(line) for line in said.splitlines() if "platform" not in line) <= 40
    for extra, gone in found["lacking"].items():
        assert not gone or f"pip install 'avrgym[{extra}]'" in said


def test_bench_measures_every_task(command: Command) -> None:
    code, said, _ = command("bench", "--json", "--seconds", "0.01")
    rows = json.loads(said)["rates"]
    assert code == 0 and [row["task"] for row in rows] == list(avrgym.TASKS)
    assert all(row[key] > 0 for row in rows for key in ("draw", "fill", "words", "judge"))
    code, said, _ = command("bench", "--seconds", "0.01")
    assert code == 0 and max(map(len, said.splitlines())) <= 40
    assert command("bench", "--seconds", "0")[0] == 2
