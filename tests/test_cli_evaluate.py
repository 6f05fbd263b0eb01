"""The verbs evaluate and judge: subjects, functions and files asked, continued, judged again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import avrgym
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.analyses.passes import passes
from avrgym.evaluate.folder import SETTINGS, Folder
from avrgym.evaluate.results import Result, key

SMALL = ("--suite", "quick", "--items", 2)
LEVELS = [f"{task}/{level}?style=full" for task in avrgym.TASKS for level in ("simple", "hard")]
ROWS = 2 * 2 * len(LEVELS)


def rows(folder: Path) -> list[dict[str, Any]]:
    return list(Folder(folder).rows())


def test_a_subject_is_asked_a_suite(tmp_path: Path, command: Command) -> None:
    to = tmp_path / "oracle"
    asked = ("evaluate", "--policy", "oracle", *SMALL, "--to", to)
    code, said, _ = command(*asked, "--dry-run")
    assert code == 0 and f"{ROWS} replies of at most 2,048 tokens" in said and not to.exists()
    assert "80 %: none on one level (2 items), none on all levels (16 items)" in said
    code, said, told = command(*asked)
    assert code == 0, told
    assert f"asking: {ROWS} of {ROWS}" in told and "100.0% right" in told
    lines = said.splitlines()
    assert len(lines) == 1 + ROWS // 2 + 2 and lines[-1].endswith("results.jsonl")
    assert lines[0].split() == (
        "level format accuracy 95 % interval replies wrong ambiguous unparsed cut".split()
    )
    assert lines[-2].startswith("all") and f" {ROWS} " in lines[-2]
    held = rows(to)
    assert len({key(row) for row in held}) == ROWS
    assert all(row["correct"] and row["policy"] == "oracle" for row in held)
    assert {row["theme"] for row in held} == {"paper", None}
    assert [Result.of(row).row() for row in held] == held
    before = (to / "results.jsonl").read_bytes()
    code, said, _ = command(*asked, "--json")  # there is nothing to ask
    made = json.loads(said)
    assert code == 0 and (to / "results.jsonl").read_bytes() == before
    assert made["overall"]["accuracy"] == 1 and made["overall"]["replies"] == ROWS
    assert len(made["groups"]) == ROWS // 2 and made["groups"][0]["format"] == "image"
    settings = Folder(to).settings()
    assert settings["policy"] == "oracle" and settings["evaluation"]["items"] == 2
    assert settings["versions"]["core"]


def test_baselines_are_wrong_and_say_something(tmp_path: Path, command: Command) -> None:
    for name in ("blind", "guess", "majority"):
        code, said, _ = command(
            *("evaluate", "--policy", name, *SMALL, "--formats", "text", "--json"),
            *("--decodings", "sampled", "--draws", 3, "--to", tmp_path / name),
        )
        made = json.loads(said)
        assert code == 0 and made["overall"]["replies"] == 3 * ROWS // 2
        assert made["overall"]["accuracy"] < 0.6
        assert made["overall"]["unparsed"] == made["overall"]["cut"] == 0


def test_of_several_replies_one_may_be_right(tmp_path: Path, command: Command) -> None:
    asked = ("evaluate", "--policy", "guess", "--suite", "quick", "--items", 8, "--formats", "text")
    to = tmp_path / "guess"
    verb = (*asked, "--decodings", "greedy,sampled", "--draws", 5, "--to", to)
    code, said, _ = command(*verb, "--json")
    made = json.loads(said)
    sampled = [row for row in rows(to) if row["decoding"] == "sampled"]
    told = {each["level"]: each["pass"] for each in made["groups"] if each["pass"]}
    assert code == 0 and len(told) == len(LEVELS) and made["overall"]["pass"] == {}
    for k in (1, 2, 4, 5):
        for (level,), due in passes(sampled, k, "level").items():
            assert told[level][str(k)]["value"] == pytest.approx(due.value)
            assert told[level][str(k)]["interval"] == pytest.approx([due.low, due.high])
    head, *lines = command(*verb)[1].splitlines()
    best = max(each["5"]["value"] for each in told.values())
    assert "pass@5" in head and f"{best:.1%}" in "".join(lines)
    few = command(*asked, "--to", tmp_path / "few")[1]
    assert "pass@" not in few


def test_what_is_wrong_is_one_line(tmp_path: Path, command: Command) -> None:
    begun, other = tmp_path / "begun", tmp_path / "other"
    assert command("evaluate", "--policy", "majority", *SMALL, "--to", begun)[0] == 0
    other.mkdir()
    (other / "note.txt").write_text("mine")
    (tmp_path / "replies.jsonl").write_text('{"address": "nope", "reply": "x"}\n')
    for arguments, words in (
        (("oracle", *SMALL, "--to", begun), "policy is 'oracle', not 'majority'"),
        (("majority", *SMALL, "--items", 3, "--to", begun), "given twice"),
        (("majority", "--suite", "quick", "--to", begun), "evaluation.items is 16, not 2"),
        (("oracle", *SMALL, "--to", other), "holds no evaluation; give another folder"),
        (("oracel", *SMALL, "--to", tmp_path / "x"), "no policy 'oracel'; give one of oracle"),
        (("oracle", "--to", tmp_path / "x"), "--suite is missing; give a file, or ladder"),
        (("oracle", *SMALL, "--itmes", 3, "--to", tmp_path / "x"), "itmes"),
        (("no.such:thing", *SMALL, "--to", tmp_path / "x"), "No module named"),
        (("json:nothing", *SMALL, "--to", tmp_path / "x"), "has no attribute 'nothing'"),
        (("avrgym:samples", *SMALL, "--to", tmp_path / "x"), "avrgym:samples failed: "),
        ((tmp_path / "replies.jsonl", "--to", tmp_path / "x"), 'row 1: "nope" is no address'),
        (
            (tmp_path / "replies.jsonl", "--items", 2, "--to", tmp_path / "x"),
            "has no use for --items",
        ),
    ):
        code, _, said = command("evaluate", "--policy", *arguments)
        last = said.splitlines()[-1]
        assert code == 2 and words in last and last.startswith("avrgym: "), said
    assert [path.name for path in other.iterdir()] == ["note.txt"]


def test_what_an_older_version_began_is_gone_on_with(tmp_path: Path, command: Command) -> None:
    to, newer = tmp_path / "to", ("temperature", "top_p", "logprob")
    asked = ("evaluate", "--policy", "majority", *SMALL, "--to", to)
    assert command(*asked)[0] == 0
    held, settings = rows(to), (to / SETTINGS).read_text()
    older = [{k: v for k, v in row.items() if k not in newer} for row in held[: ROWS // 2]]
    (to / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in older))
    lines = [line for line in settings.splitlines() if not line.startswith(newer)]
    (to / SETTINGS).write_text("\n".join(lines) + "\n")
    assert len(lines) == len(settings.splitlines()) - 2
    code, _, said = command(*asked)
    assert code == 0 and rows(to) == older + held[ROWS // 2 :], said
    code, _, said = command(*asked, "--decodings", "sampled", "--temperature", 0.5)
    assert code == 2 and "other settings" in said


def test_a_folder_is_one_processs_alone(tmp_path: Path, command: Command) -> None:
    to = tmp_path / "mine"
    assert command("evaluate", "--policy", "oracle", *SMALL, "--to", to)[0] == 0
    with Folder(to).alone():
        for verb in (("evaluate", "--policy", "oracle", *SMALL, "--to"), ("judge", "--write")):
            code, _, said = command(*verb, to)
            assert code == 2 and "another process writes to" in said


#: Answers well or badly by the address, notes what it was asked, and dies where it is told to.
ANSWERS = r"""
import os, signal
from pathlib import Path
import avrgym

def reply(prompts, *, decoding, draw, temperature, top_p):
    notes = Path("asked.txt")
    with notes.open("a") as out:
        for prompt in prompts:
            how = decoding, draw, temperature, top_p
            print(prompt.address, prompt.format.name, *how, file=out)
    if os.environ.get("DIES") == str(len(notes.read_text().splitlines())):
        os.kill(os.getpid(), signal.SIGKILL)
    samples = avrgym.samples(prompt.address for prompt in prompts)
    return [s.rationale if s.index % 2 else "Answer: 7\n" + decoding for s in samples]
"""


def run(folder: Path, dies: int = 0) -> int:
    """The command in a process of its own; what ended it."""
    folder.mkdir(exist_ok=True)
    (folder / "answers.py").write_text(ANSWERS)
    (folder / "mine.toml").write_text(
        'suite = ["grid_navigation/rung0..rung1"]\nitems = 5\nbatch = 4\ndraws = 2\n'
        "temperature = 0.7\n"
    )
    program = [sys.executable, "-m", "avrgym.cli", "evaluate", "--policy", "answers:reply"]
    path = os.pathsep.join(sys.path)
    return subprocess.run(
        [*program, "--suite", "mine.toml", "--to", "to"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "DIES": str(dies)},
        capture_output=True,
    ).returncode


def asked(folder: Path) -> list[str]:
    return (folder / "asked.txt").read_text().splitlines()


def test_killed_at_three_moments_and_continued_is_as_never_killed(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert run(whole) == 0
    count = 2 * 5 * 2 * 3
    assert len(rows(whole / "to")) == len(asked(whole)) == len(set(asked(whole))) == count
    names = ("address", "format", "decoding", "draw", "temperature", "top_p")
    before, done = 0, set[str]()
    for dies in (4, 18, 33):
        assert run(killed, dies) == -signal.SIGKILL
        assert not done & set(asked(killed)[before:]), "what is there is not asked again"
        done = {" ".join(str(row[name]) for name in names) for row in rows(killed / "to")}
        before = len(asked(killed))
    assert done
    with (killed / "to" / "results.jsonl").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 20)  # as a machine that went down leaves it
    assert run(killed) == 0
    assert sorted(map(key, rows(killed / "to"))) == sorted(map(key, rows(whole / "to")))
    of = {key(row): row for row in rows(whole / "to")}
    assert all(of[key(row)] == row for row in rows(killed / "to"))
    assert len(asked(killed)) <= count + 4 * 4
    assert run(killed) == 0 and len(rows(killed / "to")) == count


def test_ctrl_c_is_one_line_and_keeps_the_rows(tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(
        "import os, signal\ncalls = []\n"
        "def reply(prompts):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 3: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return ['Answer: 1'] * len(prompts)\n"
    )
    program = [sys.executable, "-m", "avrgym.cli", "evaluate", "--policy", "answers:reply"]
    done = subprocess.run(
        [*program, *map(str, SMALL), "--batch", "2", "--to", "to"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1].startswith("avrgym: interrupted; what is finished is kept")
    assert "Traceback" not in done.stderr and len(rows(tmp_path / "to")) == 4


@pytest.fixture
def oracle(tmp_path: Path, command: Command) -> Iterator[Path]:
    to = tmp_path / "oracle"
    assert command("evaluate", "--policy", "oracle", *SMALL, "--to", to)[0] == 0
    yield to


def test_rows_by_the_column_are_the_rows(oracle: Path, tmp_path: Path, command: Command) -> None:
    import pyarrow.parquet as pq

    file, lines = oracle / "results.parquet", oracle / "results.jsonl"
    code, _, said = command("evaluate", "--policy", "oracle", *SMALL, "--parquet", "--to", oracle)
    assert code == 0, said
    held = rows(oracle)
    table = pq.read_table(file)
    assert table.num_rows == ROWS == sum(table["correct"].to_pylist())
    assert table.column_names == [each.name for each in fields(Result)]
    assert table["steps"][0][0]["skill"].as_py() == held[0]["steps"][0][2]
    # What is judged anew is so in both.
    wrong = [{**row, "outcome": "wrong", "correct": False, "generator": "old"} for row in held]
    lines.write_text("".join(json.dumps(row) + "\n" for row in wrong))
    assert command("judge", oracle, "--write")[0] == 0
    assert pq.read_table(file) == table
    lines.unlink()
    assert rows(oracle) == held
    asked = ("evaluate", "--policy", file, "--to", tmp_path / "again", "--parquet", "--json")
    code, said, _ = command(*asked)
    assert code == 0 and json.loads(said)["overall"]["correct"] == ROWS
    assert pq.read_metadata(tmp_path / "again" / "results.parquet").num_rows == ROWS
    assert f"0 of {ROWS} replies moved" in command("judge", oracle)[1]
    assert f"items in both: {ROWS};" in command("compare", oracle, tmp_path / "again")[1]
    code, _, said = command("evaluate", "--policy", "oracle", *SMALL, "--to", oracle)
    assert code == 0 and not lines.exists(), "all is there"


def test_a_file_of_replies_is_taken_as_it_is_or_held_to_a_suite(
    oracle: Path, tmp_path: Path, command: Command
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(
        [{name: row[name] for name in ("address", "format", "reply")} for row in rows(oracle)]
    )
    pq.write_table(table, tmp_path / "replies.parquet")
    for at, file in enumerate((oracle / "results.jsonl", tmp_path / "replies.parquet")):
        for suite in ((), SMALL):
            to = tmp_path / f"file{at}{len(suite)}"
            code, said, told = command("evaluate", "--policy", file, *suite, "--to", to, "--json")
            assert code == 0, told
            assert json.loads(said)["overall"]["correct"] == ROWS
            kept = ("address", "format", "reply", "steps", "components", "outcome", "draw")
            assert [[row[name] for name in kept] for row in rows(to)] == [
                [row[name] for name in kept] for row in rows(oracle)
            ]
            assert {(row["size"], row["theme"]) for row in rows(to)} == {(None, None)}
    lines = (oracle / "results.jsonl").read_text().splitlines()
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text("\n".join(lines[:-3]) + "\n")
    strange = {"address": "table_readout/rung3#test:0:0", "format": "text", "reply": "Answer: 1"}
    many.write_text("\n".join([*lines, json.dumps(strange)]) + "\n")
    for file, words in (
        (few, f"has no reply to 3 of {ROWS} prompts of suite quick, the first "),
        (many, "answers 1 that suite quick does not ask, the first table_readout/rung3#test:0:0"),
    ):
        code, _, said = command("evaluate", "--policy", file, *SMALL, "--to", tmp_path / "no")
        assert code == 2 and words in said and len(said.splitlines()) == 1
        assert not (tmp_path / "no").exists()
        code, _, _ = command("evaluate", "--policy", file, "--to", tmp_path / file.stem)
        assert code == 0
    # Another file of the same name is another evaluation.
    few.write_text("\n".join(lines[:-5]) + "\n")
    code, _, said = command("evaluate", "--policy", few, "--to", tmp_path / "few")
    assert code == 2 and "about.sha256" in said


def test_stored_replies_are_judged_again(oracle: Path, command: Command) -> None:
    code, said, _ = command("judge", oracle)
    assert code == 0 and f"0 of {ROWS} replies moved" in said
    held = rows(oracle)
    held[0] |= {"outcome": "wrong", "correct": False, "generator": "0.0.1+old"}
    held[1] |= {"steps": held[1]["steps"][1:], "generator": "0.0.1+old"}
    # As older versions wrote it, which is no other verdict.
    held[2]["steps"] = [step[:5] for step in held[2]["steps"]]
    text = "".join(json.dumps(row) + "\n" for row in held)
    (oracle / "results.jsonl").write_text(text)
    code, said, _ = command("judge", oracle)
    assert code == 0 and "wrong -> correct: 1\n" in said and "0.0.1+old" in said
    assert "the same outcome: 1" in said and f"2 of {ROWS} replies moved" in said
    assert (oracle / "results.jsonl").read_text() == text and "--write" in said
    code, said, _ = command("judge", oracle, "--write", "--json")
    made = json.loads(said)
    assert code == 0 and (made["changed"], made["inside"], made["written"]) == (2, 1, True)
    assert made["judged_by"] == {"0.0.1+old": 2, made["generator"]: ROWS - 2}
    assert {len(step) for row in rows(oracle) for step in row["steps"]} == {6}
    assert all(row["correct"] for row in rows(oracle)) and len(rows(oracle)) == ROWS
    assert command("judge", oracle)[1].count("0 of") == 1
    code, _, said = command("judge", oracle.parent)
    assert code == 2 and "holds no results.jsonl" in said
    assert Folder(oracle).settings() and (oracle / SETTINGS).exists()
