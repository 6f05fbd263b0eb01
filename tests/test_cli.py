"""The command: what it prints, which code it ends with, and that it explains itself."""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import avrgym
from commands import Command
from written import mixture, settings

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.cli.look import Task
from avrgym.data import Writing, generate

MIX = ("mix", "--task", "grid_navigation", "--examples", 6)
RANGE = ("grid_navigation/hard#test:0:0-4",)


def test_bad_input_is_one_line_and_code_2(tmp_path: Path, command: Command) -> None:
    to = ("--to", tmp_path / "data")
    for arguments, words in (
        (("generate", "mixx", *to), 'no mixture "mixx"'),
        (("generate", "mix", *to), "needs --task and --examples"),
        (("generate", *MIX, "--params", "trace=dfs", "trace=path", *to), "names one twice"),
        (("generate", "grid_navigation/hard#test:0:5-9", *to), "does not begin at 0"),
        (("generate", "grid_navigation/hard#test:0:0-9", *to, "--format", "x"), "unknown format"),
        (
            ("generate", "grid_navigation/hard#test:0:0-9", *to, "--examples", 3),
            "no use for --examples 3",
        ),
        (("generate", tmp_path / "no.toml", *to), "no.toml"),
        (("show", "nope/hard#test:0:0"), "nope"),
        (("list", "nope"), "nope"),
        (("data", "check", tmp_path), "manifest.json"),
    ):
        code, _, said = command(*arguments)
        assert code == 2, said
        assert words in said and said.startswith("avrgym: ") and len(said.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_a_failed_check_is_code_1(tmp_path: Path, command: Command) -> None:
    generate(settings(), tmp_path)
    code, said, _ = command("data", "check", tmp_path, "--all")
    assert code == 0 and "all holds" in said
    leak = "grid_navigation/simple#train:1:0-2"
    code, said, wrong = command("data", "check", tmp_path, "--exclude", leak)
    assert code == 1 and "9 findings" in said
    assert said.count("leak: grid_navigation/simple#train:1:") == 9 and "leak" not in wrong


def test_a_terminal_sees_the_first_findings_and_a_file_has_all(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(settings(), tmp_path)
    leaks = ("data", "check", tmp_path, "--exclude", "grid_navigation/simple#train:1:0-19")
    _, said, _ = command(*leaks)
    assert said.count("wrong: ") == 60 and "more" not in said
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, said, _ = command(*leaks)
    assert code == 1 and said.count("wrong: ") == 20
    assert "and 40 more" in said and "60 findings" in said


def test_what_cannot_be_written_is_code_3(tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").touch()
    addresses = "grid_navigation/hard#test:0:0-9"
    code, _, said = command("generate", addresses, "--to", tmp_path / "file" / "data")
    assert code == 3 and str(tmp_path / "file") in said and len(said.splitlines()) == 1
    assert "the same command goes on from there" in said
    none = tmp_path / "none" / "it.png"
    for arguments, path in (
        (("generate", addresses, "--to", "/proc/data"), "/proc/data"),
        (("generate", addresses, "--to", tmp_path / "file" / "data", "--dry-run"), "file"),
        (("show", "grid_navigation/hard#test:0:0", "--to", none), none),
        (("gallery", "--to", "/proc/gallery.html", "--size", 64), "/proc/"),
    ):
        code, out, said = command(*arguments)
        assert code == 3 and str(path) in said and len(said.splitlines()) == 1, said
        assert not out and "Errno" not in said
        assert ("is kept" in said) == (path == "/proc/data")


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
        (("--size", "20"), "--size: picture size 20 is out of range"),
        (("--size", "64", "5000"), "--size: picture size (64, 5000)"),
        (("--size", "x"), "--size: 'x' is no INT"),
        (("--size", "64", "64", "64"), "--size: '64 64 64' is no INT"),
        (("--quality", "0"), "--quality: quality 0"),
        (("--shard-rows", "0"), "--shard-rows: 0 rows"),
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


def test_the_command_says_which_extra_it_needs(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tyro", None)
    code, _, said = command("list")
    assert (code, said) == (2, "avrgym: avrgym's command line needs: pip install 'avrgym[data]'\n")


def test_what_is_not_installed_is_named_with_its_extra(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb, extra in (("gallery", "data"), ("report", "train")):

        def lacking(_: object) -> None:
            raise ModuleNotFoundError("No module named 'jinja2'")

        monkeypatch.setattr(f"avrgym.cli.entry.{verb}", lacking)
        code, _, said = command(verb)
        assert code == 2 and said == (
            f"avrgym: No module named 'jinja2'; pip install 'avrgym[{extra}]'\n"
        )


def test_only_what_goes_on_says_so_when_interrupted(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avrgym.cli.entry.list_", interrupted)
    monkeypatch.setattr("avrgym.cli.entry.generate", interrupted)
    assert command("list") == (130, "", "avrgym: interrupted\n")
    code, _, said = command("generate", *RANGE, "--to", "data")
    assert code == 130 and "the same command goes on from there" in said


def test_a_defect_has_its_own_code_and_keeps_the_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("boo")

    monkeypatch.setattr("avrgym.cli.entry.list_", broken)
    code, _, said = command("list")
    assert code == 4 and "Traceback" in said and "boo" in said
    assert "a defect of avrgym" in said.splitlines()[-1]
    _, about, _ = command("--help")
    assert "4 a defect of avrgym" in " ".join(about.split())


@pytest.mark.parametrize(
    "verb",
    [["generate", "--help"], ["list"], ["show", "--no-picture", "grid_navigation/hard#test:0:0"]],
    ids=" ".join,
)
def test_a_reader_that_leaves_is_no_error(verb: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "avrgym.cli", *verb], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0
    process.stderr.close()


def test_a_log_hears_how_far_it_is(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = ("--size", 64, "--insist", "--workers", 1, "--to")
    _, _, said = command("generate", *RANGE, *more, tmp_path / "a")
    [line] = said.splitlines()
    assert line.startswith("writing rows: 5 of 5")
    _, _, said = command("data", "check", tmp_path / "a")
    [line] = said.splitlines()
    assert line.startswith("reading rows: 5 of 5")
    monkeypatch.setattr("avrgym.cli.progress._EVERY", 0)
    _, _, said = command("generate", *RANGE, *more, tmp_path / "b")
    assert "comparing contents: 0 of 5\n" in said and "writing rows: 0 of 5\n" in said


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


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, command: Command) -> None:
    code, said, _ = command(
        *("generate", "align-mix+", "--task", "visual_analogy", "--examples", 240_000),
        *("--to", tmp_path / "data", "--dry-run"),
    )
    assert code == 0 and not (tmp_path / "data").exists()
    assert "120,000  text  visual_analogy/hard#train:0" in said
    assert said.startswith("align: 240,000 rows")


def test_a_file_that_leaves_a_part_without_rows_is_refused(
    tmp_path: Path, command: Command
) -> None:
    file, data = tmp_path / "mine.toml", tmp_path / "data"
    text = """[[phases]]\nsize = %d\nparts = [
        {task = "grid_navigation", level = "hard", format = "text", weight = 9},
        {task = "grid_navigation", level = "hard", format = "image"}]"""
    file.write_text(text % 4)
    for more in ((), ("--dry-run",)):
        code, out, said = command("generate", file, "--to", data, "--workers", 1, *more)
        assert code == 2 and not out and len(said.splitlines()) == 1, said
        assert "grid_navigation/hard as image (weight 1) without rows; give size = 10" in said
    file.write_text(text % 10)
    code, out, _ = command("generate", file, "--to", data, "--dry-run")
    assert (
        code == 0
        and out.split()
        == (
            "phase0: 10 rows, to be seen 1 times 9 text grid_navigation/hard#train:0 "
            "1 image grid_navigation/hard#train:0"
        ).split()
    )
    assert not data.exists()


def test_a_dry_run_refuses_what_a_run_would(tmp_path: Path, command: Command) -> None:
    to, data = ("--dry-run", "--to"), tmp_path / "data"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    generate(settings(), tmp_path / "begun")
    for arguments, words in (
        ((*RANGE, *to, data, "--layout", "bogus"), 'unknown layout "bogus"'),
        ((*RANGE, *to, data, "--layout", "vlmevalkit", "--format", "text"), "a picture in each"),
        ((*RANGE, *to, data, "--layout", "trl", "--container", "tsv"), "not made for tsv"),
        ((*RANGE, *to, data, "--exclude", "/nonexistent"), "nothing to exclude at /nonexistent"),
        ((*RANGE, *to, data, "--workers", -1), "--workers: -1"),
        ((*RANGE, *to, tmp_path / "other"), "other files"),
        ((*RANGE, *to, tmp_path / "begun"), "begun with other settings"),
    ):
        code, out, said = command("generate", *arguments)
        assert code == 2 and words in said and len(said.splitlines()) == 1 and not out, said
    code, _, _ = command("generate", *RANGE, *to, data, "--exclude", tmp_path / "begun")
    assert code == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["begun", "other"]


def test_show_and_gallery_replace_only_what_is_meant(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("PIL")
    address = "grid_navigation/hard#test:0:7"
    code, out, said = command("show", address, "--to", tmp_path / "it.jpg")
    assert code == 2 and "ends in .png" in said and not out
    code, out, said = command("show", address, "--no-picture", "--to", tmp_path / "it.png")
    assert code == 2 and "--no-picture" in said and not out
    picture, page = tmp_path / "it.png", tmp_path / "it.html"
    for arguments in (("show", address, "--insist", "--to", picture), ("gallery", "--to", page)):
        arguments[-1].write_text("mine")
        code, out, said = command(*arguments, "--size", 64)
        assert code == 2 and f"{arguments[-1]} is there already" in said and not out
        assert arguments[-1].read_text() == "mine" and len(said.splitlines()) == 1
        code, _, _ = command(*arguments, "--size", 64, "--force")
        assert code == 0 and arguments[-1].read_bytes() != b"mine"
    # The same picture again is no loss.
    assert command("show", address, "--to", picture, "--size", 64, "--insist")[0] == 0


def test_show_gives_words_steps_difficulty_and_a_picture(tmp_path: Path, command: Command) -> None:
    image = pytest.importorskip("PIL.Image")
    for task in avrgym.TASKS:
        address = f"{task}/hard#test:0:7"
        [sample] = avrgym.samples([address])
        picture = tmp_path / f"{task}.png"
        code, said, _ = command("show", address, "--to", picture, "--size", 96, "--insist")
        assert code == 0
        assert sample.question in said and sample.twin in said
        for step in sample.steps:
            line = sample.rationale.encode()[step.start : step.end].decode()
            assert f"{line} ({step.skill})" in said
        for name, value in sample.features.items():
            assert f"{name} {value:g}" in said
        with image.open(picture) as shown:
            assert np.array_equal(np.asarray(shown), avrgym.render([address], 96, insist=True)[0])


def test_list_names_everything(command: Command) -> None:
    _, said, _ = command("list")
    for task in avrgym.TASKS:
        assert f"{task}: {' '.join(avrgym.levels(task))}" in said
        _, mine, _ = command("list", task)
        for level in avrgym.levels(task):
            assert f"{task}/{level}: " in mine
        _, one, _ = command("list", f"{task}/hard")
        for key, value in avrgym.parameters(task, "hard").items():
            assert f"{key}={value}" in one
        # The address it ends with can be used.
        assert avrgym.samples([one.split()[-1]])


def test_help_teaches(command: Command) -> None:
    for verb, words in (
        ((), ("avrgym generate --help", "1 a check failed")),
        (("generate",), ("avrgym generate mix+ --task grid_navigation", "--exclude", "--engine")),
        (("data", "check"), ("avrgym data check data/mix --all",)),
        (("show",), ("--theme",)),
        (("verify",), ("avrgym verify replies.jsonl", "--strict", "--reply")),
    ):
        code, said, _ = command(*verb, "--help")
        assert code == 0
        for each in words:
            assert " ".join(each.split()) in " ".join(said.split())


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


YAML = """
internalise: {full: 0.3, shorten: 0.4, none: 0.3}
phases:
  - {name: only, size: 12, epochs: %s, parts: [{task: grid_navigation, level: hard, format: text}]}
"""


def test_a_mixture_in_yaml_is_written_and_excluded(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("yaml")
    file, data = tmp_path / "mine.yaml", tmp_path / "data"
    file.write_text(YAML % 1)
    assert command("generate", file, "--to", data, "--workers", 1)[0] == 0
    code, _, said = command(
        "generate", "grid_navigation/hard#train:0:0-4", "--to", tmp_path / "no", "--exclude", file
    )
    assert code == 2 and "has a content that --exclude" in said
    # Half of the rationales would be left when the rows end.
    file.write_text(YAML % 2)
    for more in ((), ("--dry-run",)):
        code, _, said = command("generate", file, "--to", tmp_path / "no", *more)
        assert code == 2 and "epochs" in said
    assert not (tmp_path / "no").exists()
