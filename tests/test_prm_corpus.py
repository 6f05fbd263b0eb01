"""Labelled steps on disk: every form holds the verifier's labels, and nothing is half-written."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import avrgym

pytest.importorskip("pyarrow", reason="needs the data extra")
pytest.importorskip("datasets", reason="needs the train extra")

import datasets

from avrgym.core.corruption import CORRUPTIONS
from avrgym.core.pictures import Picture
from avrgym.prm.corpus import FORMS, STEP
from commands import Command

PROBLEMS = 80
RANGE = f"grid_navigation/rung1#train:4:0-{PROBLEMS - 1}"
SHOWN = ("--size", 112, "--theme", "compact")


def rows(folder: Path) -> list[dict[str, Any]]:
    files = str(folder / "*.parquet")
    return list(datasets.load_dataset("parquet", data_files=files, split="train"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    from avrgym.cli import main

    made = {}
    for form in FORMS:
        to = tmp_path_factory.mktemp("steps") / form
        words = ["generate", RANGE, "--for", "prm", "--form", form, *map(str, SHOWN)]
        with pytest.raises(SystemExit) as ended:
            main([*words, "--to", str(to)])
        assert ended.value.code == 0
        made[form] = rows(to)
    return made


def test_labels_are_the_verifiers(written: dict[str, list[dict[str, Any]]]) -> None:
    held = written["columns"]
    judged = avrgym.verify([row["address"] for row in held], [row["reply"] for row in held])
    kinds: dict[str, int] = {}
    for row, verdict in zip(held, judged, strict=True):
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
        assert row["ends"] == [step.end for step in verdict.steps]
        assert row["labels"] == [
            None if step.state == "unsupported" else float(step.state == "ok")
            for step in verdict.steps
        ]
        assert row["skills"] == [step.skill for step in verdict.steps]
        assert row["first_error"] == (-1 if verdict.first_error is None else verdict.first_error)
        assert row["right"] == verdict.correct
        assert (row["kind"] == "gold") == (verdict.first_error is None)
    assert set(kinds) == {"gold", *CORRUPTIONS}
    # However long it is, a rationale comes as it is and with one error.
    assert Counter(row["address"] for row in held if row["kind"] == "gold") == Counter(
        row["address"] for row in held if row["kind"] != "gold"
    )
    assert kinds["gold"] == PROBLEMS


def test_pictures_are_those_that_were_asked_for(written: dict[str, list[dict[str, Any]]]) -> None:
    row = written["columns"][3]
    [drawn] = Picture(112, "compact").draw([row["address"]])
    assert row["images"][0].convert("RGB").tobytes() == drawn.tobytes()


def test_every_form_says_the_same(written: dict[str, list[dict[str, Any]]]) -> None:
    assert len({len(each) for each in written.values()}) == 1
    for row, steps, marked, turned in zip(*(written[form] for form in FORMS), strict=True):
        known = [at for at, label in enumerate(row["labels"]) if label is not None]
        reply, good = row["reply"], [row["labels"][at] == 1 for at in known]
        ends = [row["ends"][at] for at in known]
        assert "".join(steps["completions"]) == reply[: ends[-1]]
        assert steps["labels"] == good
        question = row["prompt"][0]["content"]
        assert steps["prompt"] == question
        assert marked["input"].count(STEP) == len(good)
        shown, told = marked["input"].split(f" {STEP}"), marked["label"].splitlines()
        assert [line[-1] == "+" for line in told if line[-2:] in (" +", " -")] == good
        assert "".join(shown).strip() == f"{question}\n{reply[: ends[-1]]}".strip()
        turns = turned["conversations"]
        assert [each["from"] for each in turns] == ["human", "gpt"] * len(good)
        assert [each["value"] == "+" for each in turns[1::2]] == good
        assert turns[0]["value"].startswith(f"<image>\n{question}\n\n")


def test_replies_of_an_evaluation_are_labelled(command: Command, tmp_path: Path) -> None:
    asked = ("--suite", "quick", "--items", 3, "--split", "val", "--formats", "text")
    for name in ("oracle", "guess"):
        how = ("--decodings", "sampled", "--to", tmp_path / name)
        assert command("evaluate", "--policy", name, *asked, *how)[0] == 0
        code, said, wrong = command(
            "generate", tmp_path / name, "--for", "prm", "--to", tmp_path / f"{name}-steps"
        )
        assert code == 0, wrong
        held = rows(tmp_path / f"{name}-steps")
        good = [label for row in held for label in row["labels"]]
        assert (0 not in good) == (name == "oracle")
        assert said.startswith(f"{len(held):,} replies of {len(good):,} steps, {good.count(0):,} ")
        assert {row["kind"] for row in held} == {""} and not held[0]["images"]
        facts = json.loads((tmp_path / f"{name}-steps" / "steps.json").read_text())
        assert facts["rows"] == len(held) and facts["wrong"] == good.count(0)


def test_what_makes_no_steps_is_one_line_and_leaves_nothing(
    command: Command, tmp_path: Path
) -> None:
    test = tmp_path / "test"
    asked = ("--policy", "guess", "--suite", "quick", "--items", 1, "--to", test)
    assert command("evaluate", *asked)[0] == 0
    for words, text in (
        (("mix+",), "mix+ has none; give a folder of avrgym train or of avrgym evaluate, or"),
        (("grid_navigation/rung1#test:0:0-9",), "is of split test, on which nothing is trained"),
        ((RANGE, "--form", "shepherd"), "--form"),
        ((RANGE, "--kinds", "fcat"), 'unknown kind "fcat" (did you mean fact?)'),
        ((RANGE, "--task", "grid_navigation"), "--task has no use for steps of addresses"),
        ((RANGE, "--container", "jsonl"), "--container has no use for steps"),
        ((RANGE, "--size", 64), "is too small for grid_navigation/rung1"),
        ((test,), "is of split test, on which nothing is trained; give a run"),
        ((test, "--kinds", "fact"), "is a folder of replies and has no use for --kinds fact"),
    ):
        code, _, said = command("generate", *words, "--for", "prm", "--to", tmp_path / "to")
        assert code == 2 and text in said, said
        assert not (tmp_path / "to").exists()
    code, _, said = command("generate", RANGE, "--form", "stepwise", "--to", tmp_path / "to")
    assert code == 2 and "--form is of labelled steps; give --for prm too" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test"]
