"""Rows that verl and EasyR1 read, judged by the functions that they load, called as they call."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym import TaskError
from avrgym.data import generate, scores
from avrgym.mixtures import Format, Mixture, Part, Phase
from written import settings

parquet = pytest.importorskip("pyarrow.parquet")

FORMATS = ("text", "image", "image_via_text", "image_to_text")
MIXED = Mixture(
    "all",
    (
        Phase(
            "all", 16, tuple(Part("table_readout", "simple", Format(format)) for format in FORMATS)
        ),
    ),
)


def loaded(name: str) -> Callable[..., Any]:
    """A function of the file, as both trainers get it: by path, under another module's name."""
    spec = importlib.util.spec_from_file_location("custom_reward_fn", scores.__file__)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function


def rows(folder: Path, layout: str) -> list[dict[str, Any]]:
    generate(settings(MIXED, layout=layout), folder / "data")
    [file] = (folder / "data" / "all").glob("*.parquet")
    read: list[dict[str, Any]] = parquet.read_table(file).to_pylist()
    assert {row["format"] for row in read} == set(FORMATS)
    return read


def right(row: dict[str, Any]) -> str:
    [sample] = avrgym.samples([row["address"]])
    return sample.twin if row["format"] == "image_to_text" else sample.rationale


def wrong(row: dict[str, Any]) -> str:
    return "No lines." if row["format"] == "image_to_text" else "Answer: 123456"


def as_verl(
    function: Callable[..., Any], row: dict[str, Any], said: str, **settings: Any
) -> dict[str, float]:
    """What its naive reward manager does with a row and a reply."""
    extra = {**row["extra_info"], "num_turns": None, "rollout_reward_scores": {}}
    score: dict[str, float] = function(
        data_source=row["data_source"],
        solution_str=said,
        ground_truth=row["reward_model"]["ground_truth"],
        extra_info=extra,
        **settings,
    )
    assert all(type(value) is float for value in score.values())
    return score


def as_easyr1(
    function: Callable[..., Any], pairs: list[tuple[dict[str, Any], str]], **settings: Any
) -> list[dict[str, float]]:
    """What its batch reward manager does with rows and replies, under data.answer_key."""
    inputs = [
        {"response": said, "response_length": len(said), "ground_truth": row["ground_truth"]}
        for row, said in pairs
    ]
    score: list[dict[str, float]] = function(inputs, **settings)
    assert all(type(value) is float for each in score for value in each.values())
    return score


def test_verl_gets_its_scores(tmp_path: Path) -> None:
    verl = loaded("verl")
    for row in rows(tmp_path, "verl"):
        assert as_verl(verl, row, right(row)) == {"score": 1.0, "acc": 1.0, "format": 1.0}
        copied = row["format"] == "image_to_text"
        read = {"score": 0.0, "acc": 0.0, "format": 1.0}
        assert as_verl(verl, row, wrong(row)) == read
        assert as_verl(verl, row, "") == {**read, "format": float(copied)}
        if not copied:
            twice = f"Answer: {row['reward_model']['ground_truth']}\nAnswer: 123456"
            assert as_verl(verl, row, twice)["score"] == 0
            assert as_verl(verl, row, wrong(row), reward={"format": 0.25})["score"] == 0.125
            address = row["extra_info"]["address"]
            due = avrgym.rewards.steps([right(row)], address=[address])
            assert as_verl(verl, row, right(row), reward="steps")["score"] == due[0] == 1


def test_easyr1_gets_its_scores(tmp_path: Path) -> None:
    easyr1, read = loaded("easyr1"), rows(tmp_path, "easyr1")
    replies = [(row, say(row)) for row in read for say in (right, wrong, lambda _: "")]
    good = {"overall": 1.0, "accuracy": 1.0, "format": 1.0}
    bad = {**good, "overall": 0.0, "accuracy": 0.0}
    due = []
    for row in read:
        due += [good, bad, {**bad, "format": float(row["format"] == "image_to_text")}]
    assert as_easyr1(easyr1, replies) == due
    half = as_easyr1(easyr1, replies[:3], reward={"correctness": 0.5, "format": 0.25})
    assert [each["overall"] for each in half] == [0.75, 0.125, 0.0]
    assert as_easyr1(easyr1, []) == []
    # EasyR1 reads from the file whether it may call once for all.
    assert scores.REWARD_TYPE == "batch"


def test_verl_itself_takes_the_function(tmp_path: Path) -> None:
    imports = pytest.importorskip(
        "verl.utils.import_utils", reason="tests/consumers.txt is not installed"
    )
    row = rows(tmp_path, "verl")[0]
    for path in ("pkg://avrgym.data.scores", scores.__file__):
        function = imports.load_extern_object(module_path=path, object_name="verl")
        assert as_verl(function, row, right(row))["score"] == 1


def test_rows_without_an_address_are_refused_with_the_remedy() -> None:
    for extra in (None, {}, {"index": 3}):
        with pytest.raises(TaskError, match="--layout verl"):
            scores.verl("avrgym/table_readout", "Answer: 3", "3", extra)
    for truth in ("3", "", '{"address": "x"}', "[1]", 7):
        with pytest.raises(TaskError, match=r"data\.answer_key=ground_truth"):
            scores.easyr1([{"response": "Answer: 3", "ground_truth": truth}])
    with pytest.raises(TaskError, match="unknown reward"):
        scores.verl("", "", "", {"address": "table_readout/simple#train:0:0"}, reward="nope")


def test_what_easyr1_judges_by_does_not_give_the_answer_away(tmp_path: Path) -> None:
    for row in rows(tmp_path, "easyr1"):
        assert json.loads(row["ground_truth"]) == {
            "address": row["address"],
            "format": row["format"],
        }
