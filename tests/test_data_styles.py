"""Tables for models that were never trained here ask in full, whatever the level's own style."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym.core.address import Address
from avrgym.data import check, generate, scores
from avrgym.data.addressed import mixture as ranged
from avrgym.mixtures import Format, Mixture, Part, Phase
from written import settings

parquet = pytest.importorskip("pyarrow.parquet")
csv.field_size_limit(sys.maxsize)

MIXED = Mixture(
    "all",
    (Phase("all", 2 * len(avrgym.TASKS), tuple(Part(t, "rung0") for t in avrgym.TASKS)),),
)


def table(folder: Path) -> list[dict[str, Any]]:
    [file] = (
        path for path in folder.rglob("all*.*") if path.suffix in (".tsv", ".jsonl", ".parquet")
    )
    if file.suffix == ".parquet":
        read: list[dict[str, Any]] = parquet.read_table(file).to_pylist()
        return read
    text = file.read_text("utf-8")
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def words(row: dict[str, Any]) -> str:
    """All that the model is told."""
    if "responses_create_params" in row:
        [turn] = row["responses_create_params"]["input"]
        return str(turn["content"][-1]["text"])
    return str(row["question"] if "question" in row else row["prompt"][0]["content"])


@pytest.mark.parametrize("layout", ["vlmevalkit", "lmms-eval", "nemo-gym", "verl"])
def test_rungs_are_asked_in_full_and_judged_by_what_was_asked(tmp_path: Path, layout: str) -> None:
    generate(settings(MIXED, layout=layout), tmp_path)
    rows = table(tmp_path)
    assert {Address.parse(row["address"]).task for row in rows} == set(avrgym.TASKS)
    for row in rows:
        assert dict(Address.parse(row["address"]).params)["style"] == "full"
        # The rules and the form of a reply, and the same words as the address stands for.
        assert "Answer:" in words(row) and len(words(row)) > 300
        [sample] = avrgym.samples([row["address"]])
        assert sample.question in words(row)
        terse = row["address"].replace("?style=full", "")
        assert avrgym.contents([terse]) == [row["content"]]
        for address in (row["address"], terse):
            right, wrong = sample.rationale, "Answer: 123456"
            _, correct, _ = scores.judged([address] * 2, ["image"] * 2, [right, wrong])
            assert correct.tolist() == [1, 0]
    assert not list(check(tmp_path, every_row=True))


def test_a_style_that_is_named_stays_and_training_keeps_the_levels_own(tmp_path: Path) -> None:
    named = ranged("grid_navigation/rung0?style=terse#test:0:0-3", Format())
    generate(settings(named, layout="vlmevalkit"), tmp_path / "named")
    [tsv] = (tmp_path / "named").glob("*.tsv")
    assert "style=full" not in tsv.read_text("utf-8")
    assert not list(check(tmp_path / "named", every_row=True))
    generate(settings(MIXED, layout="trl"), tmp_path / "trl")
    assert all("style" not in row["address"] for row in table(tmp_path / "trl"))


def test_addresses_that_exclude_know_the_table_in_full(tmp_path: Path) -> None:
    mixed = ranged("table_readout/rung0#test:0:0-3", Format())
    generate(settings(mixed, layout="vlmevalkit"), tmp_path)
    for other in ("#test:0:0-3", "?style=full#test:0:0-3"):
        assert list(check(tmp_path, [f"table_readout/rung0{other}"]))
    assert not list(check(tmp_path, ["table_readout/rung0#test:1:0-3"]))
