"""The verb generate: options, and what they stand for."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from commands import Command
from written import mixture, settings

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from pyarrow import parquet

from avrgym.cli.options import Task
from avrgym.data import Writing, generate


def rows(folder: Path) -> list[dict[str, Any]]:
    """All rows of a dataset in Parquet, in order."""
    files = sorted(folder.rglob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]


MIX = ("mix", "--task", "grid_navigation", "--examples", 6)
RANGE = ("grid_navigation/hard#test:0:0-4",)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (MIX, ("--format", "bogus")),
        *(
            (RANGE, options)
            for options in (
                ("--task", "grid_navigation"),
                ("--examples", "6"),
                ("--seed", "0"),
                ("--simple", "nonsense"),
                ("--hard", "nonsense"),
                ("--rationale",),
                ("--no-rationale",),
                ("--internalise",),
                ("--no-internalise",),
                ("--params", "foo=bar", "a=b"),
            )
        ),
        *(
            (("FILE",), options)
            for options in (
                ("--task", "grid_navigation"),
                ("--examples", "6"),
                ("--format", "image"),
                ("--simple", "simple"),
                ("--hard", "nonsense"),
                ("--no-rationale",),
                ("--internalise",),
                ("--params", "foo=bar"),
            )
        ),
    ],
)
def test_an_option_without_use_is_refused(
    tmp_path: Path, command: Command, kind: tuple[object, ...], options: tuple[str, ...]
) -> None:
    mixed = tmp_path / "ok.toml"
    part = '{task = "grid_navigation", level = "hard", format = "text"}'
    mixed.write_text(f"[[phases]]\nsize = 5\nparts = [{part}]")
    named = [mixed if each == "FILE" else each for each in kind]
    to = ("--workers", 1, "--to", tmp_path / "data")
    code, _, said = command("generate", *named, *options, *to)
    assert code == 2 and len(said.splitlines()) == 1, said
    assert f"has no use for {' '.join(options)};" in said and str(named[0]) in said
    assert not (tmp_path / "data").exists()


def test_options_left_out_stand_for_what_the_help_says(tmp_path: Path, command: Command) -> None:
    to = ("--size", 64, "--insist", "--workers", 1, "--to")
    command("generate", *MIX, *to, tmp_path / "short")
    command(
        *("generate", *MIX, "--seed", 0, "--template", "plain", "--simple", "simple"),
        *("--hard", "hard", "--rationale", "--no-internalise", *to, tmp_path / "long"),
    )
    command("generate", *RANGE, "--format", "image", *to, tmp_path / "a")
    command("generate", *RANGE, *to, tmp_path / "b")
    for one, other in (("short", "long"), ("a", "b")):
        made = [(tmp_path / each / "manifest.json").read_bytes() for each in (one, other)]
        assert made[0] == made[1]


def test_a_wrong_value_is_one_line_with_its_option(tmp_path: Path, command: Command) -> None:
    for options, words in (
        (("--size", "20"), "--size: picture size 20 x 20 is out of range"),
        (("--size", "64", "5000"), "--size: picture size 64 x 5000"),
        (("--size", "x"), "--size: 'x' is no INT"),
        (("--size", "64", "64", "64"), "--size: '64 64 64' is no INT"),
        (("--quality", "0"), "--quality: quality=0"),
        (("--shard-rows", "0"), "--shard-rows: shard_rows=0"),
        (("--shard-rows", "x"), "--shard-rows: "),
        (("--examples", "x"), "--examples: 'x' is no INT"),
        (("--workers", "0"), "--workers: 0 workers"),
        (("--container", "zip"), "('auto', 'parquet', 'jsonl', 'webdataset', 'tsv')"),
        (("--task", "chess"), str(get_args(Task))),
    ):
        code, _, said = command("generate", *RANGE, "--to", tmp_path / "data", *options)
        assert code == 2 and len(said.splitlines()) == 1, said
        assert said.startswith("avrgym: ") and options[0] in said and "tyro" not in said
        assert words in said
    _, said, _ = command("generate", "--help")
    assert "None" not in said
    for field in fields(Writing):
        typed = {"trainer": "for"}.get(field.name, field.name.replace("_", "-"))
        assert f"--{typed}" in said


def test_a_range_of_addresses_is_written_with_its_parameters(
    tmp_path: Path, command: Command
) -> None:
    addresses = "grid_navigation/hard?objects=2&trace=dfs#val:5:0-9"
    options = (
        "--format",
        "image-direct",
        "--layout",
        "vlmevalkit",
        "--size",
        64,
        "--insist",
        "--workers",
        1,
    )
    code, said, _ = command("generate", addresses, "--to", tmp_path / "data", *options)
    assert code == 0 and "val: 10 rows (image-direct 10)" in said
    lines = (tmp_path / "data" / "val.tsv").read_text().splitlines()
    assert sum("grid_navigation/hard?objects=2&trace=dfs#val:5:" in line for line in lines) == 10
    code, again, _ = command("data", "info", tmp_path / "data")
    assert code == 0 and again == said


def test_options_reach_the_mixture(tmp_path: Path, command: Command) -> None:
    code, _, said = command(
        *("generate", "mix", "--task", "table_readout", "--examples", 12, "--seed", 3),
        *("--simple", "rung1", "--params", "style=full", "--template", "any", "--internalise"),
        *("--theme", "compact", "--size", 64, 128, "--insist", "--shard-rows", 5, "--workers", 1),
        *("--to", tmp_path / "data"),
    )
    assert code == 0, said
    made = json.loads((tmp_path / "data" / "manifest.json").read_text())["settings"]
    assert made["mixture"]["seed"] == 3 and made["mixture"]["template"] == "any"
    assert made["mixture"]["internalise"]["levels"] > 1
    [part, *_] = made["mixture"]["phases"][0]["parts"]
    assert (part["level"], part["params"]) == ("rung1", {"style": "full"})
    assert made["writing"]["size"] == [64, 128] and made["writing"]["theme"] == "compact"
    code, said, _ = command("data", "check", tmp_path / "data", "--all")
    assert code == 0, said


def test_a_mixture_by_name_is_the_one_from_python(tmp_path: Path, command: Command) -> None:
    generate(settings(mixture("mix", 30), container="jsonl"), tmp_path / "ours")
    command(
        *("generate", "mix", "--task", "grid_navigation", "--examples", 30, "--seed", 1),
        *("--container", "jsonl", "--size", 64, "--insist", "--shard-rows", 25, "--workers", 1),
        *("--to", tmp_path / "theirs"),
    )
    ours, theirs = (
        {path.name: path.read_bytes() for path in (tmp_path / side).rglob("*.*") if path.is_file()}
        for side in ("ours", "theirs")
    )
    assert ours == theirs and len(ours) > 20


@pytest.mark.parametrize("first", [0, 3, 2**40 - 6])
def test_a_range_begins_anywhere(first: int, tmp_path: Path, command: Command) -> None:
    """Also where contents are there twice: a level with few of them."""
    names = [f"table_readout/rung0#test:7:{index}" for index in range(first, first + 6)]
    to = tmp_path / "data"
    code, _, said = command("generate", f"{names[0]}-{first + 5}", "--to", to, "--format", "text")
    assert code == 0, said
    assert [row["address"] for row in rows(to)] == names
    assert command("data", "check", to)[0] == 0


def test_parts_of_a_stream_begin_together(tmp_path: Path, command: Command) -> None:
    part = '{{ task = "table_readout", level = "rung0", format = "{}", first = {} }}'
    file = tmp_path / "mine.toml"
    for other, due in ((40, 0), (41, 2)):
        parts = ", ".join((part.format("text", 40), part.format("text-direct", other)))
        file.write_text(f'[[phases]]\nname = "all"\nsize = 80\nparts = [{parts}]\n', "utf-8")
        code, _, said = command("generate", file, "--to", tmp_path / f"{due}")
        assert code == due, said
    assert "begin at 40 and at 41" in said
    given = {int(row["address"].rpartition(":")[2]) for row in rows(tmp_path / "0")}
    assert {index % 2**40 for index in given} == set(range(40, 80))
    assert command("data", "check", tmp_path / "0")[0] == 0
