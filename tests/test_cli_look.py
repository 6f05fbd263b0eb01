"""The verbs list, show and gallery."""

from pathlib import Path

import numpy as np
import pytest

import avrgym
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")


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
            seen = np.asarray(shown.convert("RGB"))
        assert np.array_equal(seen, avrgym.render([address], 96, insist=True)[0])


def test_what_show_pipes_is_text_and_names_in_a_folder_do_not_clash(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    grid = "grid_navigation/hard{}#test:0:7".format
    assert command("show", grid(""))[0] == 0
    assert not list(tmp_path.iterdir())
    long = "table_readout/hard?" + "&".join(
        f"{key}={value}" for key, value in avrgym.parameters("table_readout", "simple").items()
    )
    pictures = [
        (grid("?rows=8&columns=10"),),
        (grid("?rows=8-10"),),  # as letters alone the same as the one before
        (grid(""),),
        (grid("").replace("test", "val"),),
        (grid(""), "--theme", "varied"),
        (grid(""), "--size", 449),
        (f"{long}#test:0:7", "--size", 700),
        (f"{long}#test:0:8", "--size", 700),
    ]
    for asked in pictures * 2:
        code, said, wrong = command("show", *asked, "--to", tmp_path)
        assert code == 0, wrong
        assert Path(said.partition("picture: ")[2].splitlines()[0]).is_file()
    assert len(list(tmp_path.iterdir())) == len(pictures)


@pytest.mark.parametrize("columns", [40, 120])
def test_numbers_are_never_broken_by_a_narrow_terminal(
    columns: int, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for task in avrgym.TASKS:
        [sample] = avrgym.samples([f"{task}/hard#test:0:7"])
        _, said, _ = command("show", sample.address, "--no-picture")
        facts = said.partition("\ndifficulty\n")[2].splitlines()
        assert max(map(len, facts)) <= columns and "\x1b" not in said
        for name, value in {**sample.features, **sample.shortcuts}.items():
            assert any(f"{name} {value:g}" in line for line in facts)


def test_show_has_prompt_and_reply_as_a_format_gives_them(command: Command) -> None:
    [sample] = avrgym.samples(["grid_navigation/rung0#train:0:0"])
    asked = ("show", sample.address, "--no-picture", "--format")
    _, said, _ = command(*asked, "structured")
    assert avrgym.formats.prompt(sample, "structured") in said
    reply = avrgym.formats.target(sample, "structured").splitlines()
    shown = said.splitlines()
    shown = shown[shown.index("<plan>") : shown.index("</answer>") + 1]
    skills = [line.removeprefix(words) for words, line in zip(reply, shown, strict=True)]
    assert [skill for skill in skills if skill] == [f" ({step.skill})" for step in sample.steps]
    code, _, wrong = command(*asked, "structred")
    assert code == 2 and "did you mean structured?" in wrong


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
