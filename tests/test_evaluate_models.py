"""The verb evaluate asks the model of a folder: what training writes, row for row."""

from pathlib import Path
from typing import Any

import pytest

from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("trl", reason="the train extra is not installed")

import trained
from avrgym.evaluate.folder import Folder
from avrgym.models.load import save
from avrgym.train.run import train

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of the libraries below, not of ours
    pytest.mark.usefixtures("one_thread"),
]


def test_a_runs_model_says_what_it_said_when_it_was_measured(
    tmp_path: Path, command: Command
) -> None:
    record = train(trained.run(trained.SFT), folder=tmp_path)
    file = tmp_path / "mine.toml"
    file.write_text('suite = ["grid_navigation/rung0"]\nitems = 4\nmax_reply = 40\nbatch = 8\n')
    asked = ("--policy", record.folder, "--suite", file)
    code, _, said = command("evaluate", *asked, "--to", tmp_path / "to")
    assert code == 0, said

    def told(row: dict[str, Any]) -> dict[str, Any]:
        # Who says it, when, and how fast that was is otherwise.
        return {k: v for k, v in row.items() if k not in ("stage", "policy", "seconds")}

    mine = list(Folder(tmp_path / "to").rows())
    own = [row for row in record.results() if row["stage"] == "sft"]
    assert list(map(told, mine)) == list(map(told, own)) and len(mine) == 16
    assert {row["policy"] for row in own} == {"tiny"}
    assert {tuple(row["size"] or ()) for row in own} == {(112, 112), ()}
    code, _, said = command("evaluate", *asked, "--max-reply", 9999, "--to", tmp_path / "no")
    last = said.splitlines()[-1]
    assert code == 2 and "too many for a model of" in last and "--max-reply" in last


def test_the_model_of_a_folder_is_asked_by_its_own_size(tmp_path: Path, command: Command) -> None:
    save(trained.model(), tmp_path / "model")
    file = tmp_path / "mine.toml"
    file.write_text('suite = ["grid_navigation/rung0"]\nitems = 2\nmax_reply = 8\n')
    asked = ("--policy", tmp_path / "model", "--suite", file, "--formats", "image")
    code, said, _ = command("evaluate", *asked, "--to", tmp_path / "to")
    assert code == 0 and "grid_navigation/rung0" in said
    rows = list(Folder(tmp_path / "to").rows())
    assert {(tuple(row["size"]), row["theme"]) for row in rows} == {((112, 112), "compact")}
    assert all(row["seconds"] > 0 and row["tokens"] > 0 for row in rows)
