"""The verb compare: two evaluations on what both were asked, held to the rows themselves."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("tyro")

from answered import drawn
from avrgym.analyses.beside import beside
from avrgym.evaluate.folder import Folder
from avrgym.runs.record import Record
from commands import Command
from recorded import record

QUICK = ("--suite", "quick", "--formats", "text")


@pytest.fixture
def two(tmp_path: Path, command: Command) -> tuple[Path, Path]:
    """One asked 4 items of each level, the other 6 and sampled replies besides."""
    few, many = tmp_path / "few", tmp_path / "many"
    for name, to, how in (
        ("oracle", few, ("--items", 4)),
        ("guess", many, ("--items", 6, "--decodings", "greedy,sampled", "--draws", 3)),
    ):
        code, _, said = command("evaluate", "--policy", name, *QUICK, *how, "--to", to)
        assert code == 0, said
    return few, many


def test_two_evaluations_are_compared_on_what_both_were_asked(
    two: tuple[Path, Path], command: Command
) -> None:
    code, said, wrong = command("compare", *two, "--json")
    assert code == 0, wrong
    made = json.loads(said)
    few, many = (list(Folder(each).rows()) for each in two)
    right = {(row["address"], row["decoding"]): row["correct"] for row in many}
    lost = [row for row in few if not right[row["address"], "greedy"]]  # oracle is always right
    whole = made["overall"]
    assert whole["items"] == {"both": len(few), "only_first": 0, "only_second": 8 * (2 + 6)}
    assert whole["won"] == len(lost) and whole["lost"] == 0
    assert whole["p"] == pytest.approx(2 * 0.5 ** len(lost))
    assert whole["difference"]["value"] == pytest.approx(len(lost) / len(few))
    assert whole["first"]["value"] == 1
    by = Counter(row["level"] for row in lost)
    assert {each["level"]: each["won"] for each in made["groups"]} == {
        level: by[level] for level in dict.fromkeys(row["level"] for row in few)
    }
    assert {each["format"] for each in made["groups"]} == {"text"}
    back = json.loads(command("compare", *two[::-1], "--json")[1])["overall"]
    assert back["difference"]["value"] == -whole["difference"]["value"]
    code, said, _ = command("compare", *two, "--by", "task")
    lines = said.splitlines()
    assert code == 0 and lines[0].split()[:4] == ["task", "items", "first", "second"]
    assert lines[-2] == f"first: {two[0]}; second: {two[1]}" and len(lines) == 1 + 4 + 1 + 2
    assert lines[-1] == "items in both: 32; only in the first: 0; only in the second: 64"


def test_stages_of_runs_are_compared(tmp_path: Path, command: Command) -> None:
    run = record(tmp_path / "run").folder
    code, said, wrong = command("compare", run, f"{run}:sft", "--json", "--by", "level,decoding")
    assert code == 0, wrong
    made = json.loads(said)
    assert (made["first"], made["second"]) == (f"{run}:grpo", f"{run}:sft")

    def share(stage: str) -> float:
        rows = [row for row in Record(run).results() if row["stage"] == stage]
        return float(np.mean([row["correct"] for row in rows]))

    assert made["overall"]["first"]["value"] == pytest.approx(share("grpo"))
    assert made["overall"]["second"]["value"] == pytest.approx(share("sft"))
    # Formats and decodings share problems, which the exact test would take as independent.
    assert made["overall"]["p"] is None and made["overall"]["won"] > 0
    assert {each["decoding"] for each in made["groups"]} == {"greedy", "sampled"}
    assert all(each["p"] is None for each in made["groups"])
    code, said, _ = command("compare", run, f"{run}:sft", "--by", "level,format,decoding", "--json")
    assert all(each["p"] is not None for each in json.loads(said)["groups"])


def test_what_cannot_be_compared_is_one_line(
    two: tuple[Path, Path], tmp_path: Path, command: Command
) -> None:
    run = record(tmp_path / "run", ("start", "sft")).folder
    for arguments, words in (
        ((two[0], tmp_path / "nothing"), "holds no replies (results.jsonl); give the folder of"),
        ((two[0], run), "have no item in common; compare evaluations of one suite, split and"),
        ((run, f"{run}:stf"), "has no stage stf (did you mean sft?); it has start, sft"),
        ((two[0], f"{two[1]}:sft"), "has no stage sft; it has none, being no run"),
        ((*two, "--by", "levle"), "rows have no column 'levle'"),
    ):
        code, _, said = command("compare", *arguments)
        assert code == 2 and words in said and len(said.splitlines()) == 1


def test_rows_of_other_judges_are_told(two: tuple[Path, Path], command: Command) -> None:
    file = two[0] / "results.jsonl"
    file.write_text(file.read_text().replace('"generator": "', '"generator": "old'))
    said = command("compare", *two)[1]
    assert said.splitlines()[-1].startswith("judged by old") and "avrgym judge FOLDER" in said


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
def test_items_of_one_side_alone_are_counted_and_have_no_say(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)

    def side(count: int) -> list[dict[str, Any]]:
        rows = drawn(rng, count, 15)
        return [row | {"format": str(rng.choice(["text", "image"]))} for row in rows]

    def right(rows: list[dict[str, Any]], key: tuple[str, str]) -> float:
        return float(np.mean([r["correct"] for r in rows if (r["address"], r["format"]) == key]))

    first, second = side(n), side(m)
    for (format,), found in beside(first, second, "format").items():
        mine, theirs = (
            {(r["address"], r["format"]) for r in rows if r["format"] == format}
            for rows in (first, second)
        )
        common = sorted(mine & theirs)
        assert (found.both, found.first, found.second) == (
            len(common),
            len(mine - theirs),
            len(theirs - mine),
        )
        assert (found.compared is None) == (not common)
        if found.compared is not None:
            gaps = [right(first, key) - right(second, key) for key in common]
            assert found.compared.gap.value == pytest.approx(np.mean(gaps))
            assert found.compared.gap.n == len(common)
            kept = [r for r in [*first, *second] if (r["address"], r["format"]) in mine & theirs]
            assert (found.compared.p is None) == (len(kept) > 2 * len(common))
