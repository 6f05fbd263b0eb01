"""A language model as judge: what it is asked, what its words mean, and how far it agrees."""

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")
pytest.importorskip("tyro")

import avrgym
from avrgym import Format, TaskError
from avrgym.cli import main
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.opinions import OPINIONS, Opinions, judge, judged, read
from avrgym.files import jsonl
from avrgym.models.endpoint import Endpoint
from chat_server import choices, serving
from commands import Command

LEVEL = "table_readout/rung0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Replies of whom the judges judge: some right, some wrong, of two levels and formats."""
    to = tmp_path_factory.mktemp("judged") / "blind"
    suite = to.with_name("two.toml")
    formats = 'formats = ["image", "text"]\ndecodings = ["greedy"]\n'
    suite.write_text(f'suite = ["{LEVEL}", "grid_navigation/rung1"]\n{formats}')
    asked = ["--suite", str(suite), "--items", "12", "--to", str(to)]
    with pytest.raises(SystemExit, match="0"):
        main(["evaluate", "--policy", "blind", *asked])
    return to


def copy(folder: Path, to: Path) -> Path:
    to.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            (to / file.name).write_bytes(file.read_bytes())
    return to


def compares(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    """A judge that takes the answer that it is given for the only one."""
    _, given = body["messages"][0]["content"].split(
        "A right answer (another may be right as well):"
    )
    answer, reply = given.split("The reply:")
    right = reply.split("Is the final")[0].strip().endswith(f"Answer: {answer.strip()}")
    return 200, choices(f"<think>Is it yes, or no?</think>{'Yes' if right else 'No'}.")


def asked_by(server: Any, folder: Path, opinions: Opinions | None = None, **more: Any) -> None:
    endpoint = Endpoint(server.url, "m", **{"retries": 0, "in_flight": 4} | more)
    judge(folder, opinions or Opinions("m"), endpoint, lambda *_: None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yes", True),
        ("No.", False),
        ("**Yes**, it is.", True),
        ("<think>no, no</think>\nyes", True),
        ("<thinking>yes</thinking> NO", False),
        ("Yes. No!", None),
        ("", None),
        ("I know nothing of yesterday", None),
        ("<think>yes</think>", None),
        ("no no no", False),
    ],
)
def test_words_mean_one_thing_or_nothing(said: str, meant: bool | None) -> None:
    assert read(said) is meant


def test_a_judge_sees_what_it_is_given_and_nothing_else(folder: Path) -> None:
    [row, *_] = Folder(folder).rows()
    [sample] = avrgym.samples([row["address"]])
    for given in ("answer", "twin", "both"):
        words = Opinions("m", given=given).ask(sample, Format("image"), "Answer: 0")
        assert sample.question in words and "Answer: 0" in words
        assert (sample.twin in words) == (given != "answer")
        assert (f"\n\n{sample.answer}\n\n" in words) == (given != "twin")
    copied = Opinions("m", given="answer").ask(sample, Format("image_to_text"), "x")
    assert sample.twin in copied and sample.answer not in copied.replace(sample.twin, "")


def test_opinions_are_compared_with_the_verifier(
    folder: Path, tmp_path: Path, command: Command
) -> None:
    held = copy(folder, tmp_path / "held")
    with serving(compares, "m") as server:
        first = command("judge", str(held), "--by", server.url, "--json")
        asked = len(server.bodies)
        second = command("judge", str(held), "--by", server.url, "--json")
        assert len(server.bodies) == asked, "asked twice"
    assert first[:2] == second[:2] and first[0] == 0
    rows = list(judged(held, Opinions("m")))
    assert len(rows) == len(list(Folder(held).rows())) == 48
    told = json.loads(first[1])
    whole, *groups = told["groups"]
    same = np.array([row["judge"] == row["correct"] for row in rows])
    assert whole["accuracy"]["value"] == pytest.approx(same.mean()) and whole["judged"] == 48
    for group in groups:
        mine = [
            row
            for row in rows
            if (row["level"], row["format"]) == (group["level"], group["format"])
        ]
        if group["format"]:
            fair = np.mean([row["judge"] == row["correct"] for row in mine])
            assert group["accuracy"]["value"] == pytest.approx(fair) and group["judged"] == len(
                mine
            )
    # Of a readout there is one right answer, so that comparing words is judging; ways are many.
    readout = [group for group in groups if group["level"].startswith("table_readout/")]
    assert readout and all(group["accuracy"]["value"] == 1 for group in readout)
    lengths = [group for group in groups if group["length"]]
    assert sum(group["judged"] for group in lengths) == 48


def test_what_cannot_be_read_counts_for_neither(
    folder: Path, tmp_path: Path, command: Command
) -> None:
    held = copy(folder, tmp_path / "held")

    def unsure(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if before % 3 == 1:
            return 200, choices("It depends.")
        return 200, choices("yes", finish="length" if before % 3 == 2 else "stop")

    with serving(unsure, "m") as server:
        code, out, _ = command("judge", str(held), "--by", server.url, "--in-flight", "1")
    assert code == 0
    rows = list(judged(held, Opinions("m")))
    unread = sum(row["judge"] is None for row in rows)
    assert unread == 32 and {row["judge"] for row in rows} == {True, None}
    [line] = [line for line in out.splitlines() if line.startswith("all ")]
    assert line.split()[-2:] == ["48", "32"]


def test_what_was_judged_is_kept_where_a_server_fails(folder: Path, tmp_path: Path) -> None:
    held, lock = copy(folder, tmp_path / "held"), threading.Lock()
    most = [20]

    def failing(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        with lock:
            most[0] -= 1
            return compares(body, before) if most[0] >= 0 else (500, {})

    with serving(failing, "m") as server:
        with pytest.raises(TaskError, match=r"failed at .*; what was said before is kept"):
            asked_by(server, held, in_flight=3)
        kept = len(list(jsonl.read(held / OPINIONS)))
        assert 0 < kept < 48
    # Of the first server one cannot tell when it has seen the last of what was called off.
    with serving(compares, "m") as server:
        asked_by(server, held, in_flight=3)
        # One more finds out what the server can.
        assert len(server.bodies) == 48 - kept + 1
    lines = list(jsonl.read(held / OPINIONS))
    assert (
        len(
            {
                json.dumps([v for k, v in line.items() if k not in ("right", "said")])
                for line in lines
            }
        )
        == 48
    )


def test_a_limit_is_spread_over_all_replies(folder: Path, tmp_path: Path) -> None:
    held = copy(folder, tmp_path / "held")
    with serving(compares, "m") as server:
        asked_by(server, held, Opinions("m", limit=8))
        rows = list(judged(held, Opinions("m")))
        assert len(rows) == 8
        assert set(Counter((row["level"], row["format"]) for row in rows).values()) == {2}
        asked_by(server, held, Opinions("m", given="answer", limit=100))
    assert len(list(judged(held, Opinions("m", given="answer")))) == 48
    assert len(list(judged(held, Opinions("m")))) == 8


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "m.py"], "--by m.py is no server"),
        (["--by", "http://127.0.0.1:9/v1", "--write"], "leave it out with --by"),
        (["--by", "http://127.0.0.1:9/v1", "--room", "0"], "room"),
        (["--by", "http://127.0.0.1:9/v1"], "look whether it runs"),
        (["--model", "m"], "give its address with --by"),
    ],
)
def test_what_does_not_fit_is_one_line(
    folder: Path, words: list[str], told: str, command: Command
) -> None:
    code, _, error = command("judge", str(folder), *words)
    assert code == 2 and told in error and not (folder / OPINIONS).exists()
