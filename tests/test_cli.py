"""The command: what it prints, which code it ends with, and that it explains itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")


MIX = ("mix", "--task", "grid_navigation", "--examples", 6)
RANGE = ("grid_navigation/hard#test:0:0-4",)


def test_bad_input_is_one_line_and_code_2(tmp_path: Path, command: Command) -> None:
    to = ("--to", tmp_path / "data")
    for arguments, words in (
        (("generate", "mixx", *to), 'no mixture "mixx"'),
        (("generate", "mix", *to), "needs --task and --examples"),
        (("generate", *MIX, "--params", "trace=dfs", "trace=path", *to), "names one twice"),
        (("generate", f"grid_navigation/hard#test:0:5-{2**40}", *to), "out of range"),
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


def test_a_word_too_many_is_named_with_what_is_near(command: Command) -> None:
    for arguments, words in (
        (("show", "a", "--sizee", 3), "avrgym show has no option --sizee; did you mean --size?"),
        (("show", "a", "--sizee=3"), "no option --sizee; did you mean --size?"),
        (("generate", "mix", "--exampels", 3), "did you mean --examples?"),
        (("verify", "a", "--strickt"), "did you mean --strict?"),
        (
            ("data", "check", "x", "--al"),
            "avrgym data check has no option --al; did you mean --all",
        ),
        (("list", "--zzz"), "avrgym list has no option --zzz; avrgym list --help lists all"),
        (("search", "x", "--to", "y"), "has no option --to; avrgym search --help lists all"),
        (("show", "a", "b"), 'avrgym show has no use for "b"; avrgym show --help'),
        (("shw", "a"), 'avrgym has no verb "shw"; did you mean show? there are list, show, '),
        (("data", "chekc"), 'avrgym data has no verb "chekc"; did you mean check? there are check'),
    ):
        code, out, said = command(*arguments)
        assert code == 2 and not out and words in said and len(said.splitlines()) == 1, said


@pytest.mark.parametrize("value", [("--scorer", "exact"), ("--scorers=exact",), ("--draw", 1)])
def test_an_option_that_another_verb_has_is_one_line_too(
    command: Command, value: tuple[object, ...]
) -> None:
    option = str(value[0]).partition("=")[0]
    for verb, lacks in (
        *(("search", ("--scorer", "--draw")), ("judge", ("--scorers", "--draw"))),
        *(
            ("report", ("--scorer", "--scorers", "--draw")),
            ("list", ("--scorer", "--scorers", "--draw")),
        ),
    ):
        code, out, said = command(verb, "x", *value)
        assert code == 2 and not out and len(said.splitlines()) == 1, said
        assert (f"avrgym {verb} has no option {option}; " in said) == (option in lacks), said


def test_what_is_missing_is_one_line(command: Command) -> None:
    for arguments, words in (
        ((), "avrgym needs a verb: list, show, "),
        (("data",), "avrgym data needs a verb: check, info; avrgym data --help"),
        (("show",), "avrgym show needs ADDRESS; avrgym show --help"),
        (("generate",), "avrgym generate needs MIXTURE and --to PATH; avrgym generate --help"),
        (("generate", "mix"), "avrgym generate needs --to PATH; "),
        (("data", "check"), "avrgym data check needs FOLDER; avrgym data check --help"),
        (("data", "info"), "avrgym data info needs FOLDER; "),
        (("verify",), "avrgym verify needs FILE; "),
        (("show", "a", "--size"), "--size has no value; give it one, avrgym show --help"),
    ):
        code, out, said = command(*arguments)
        assert code == 2 and not out and f"avrgym: {words}" in said, said
        assert len(said.splitlines()) == 1, said


def test_what_cannot_be_read_is_one_line_and_code_2(tmp_path: Path, command: Command) -> None:
    to, addresses = ("--to", tmp_path / "data"), "grid_navigation/hard#test:0:5-9"
    for name in ("folder", "dangling", "loop"):
        table, mine = tmp_path / f"{name}.jsonl", tmp_path / f"{name}.toml"
        for path in (table, mine):
            if name == "folder":
                path.mkdir()
            else:
                path.symlink_to(path if name == "loop" else tmp_path / "nowhere")
        for arguments in (
            ("generate", mine, *to),
            ("generate", addresses, *to, "--exclude", table),
            ("generate", addresses, *to, "--processor", table),
            ("verify", table),
            ("data", "check", table),
            ("data", "info", table),
            ("train", mine),
            ("play", "grid_navigation/hard#test:0:3", table),
            ("report", table),
        ):
            code, out, said = command(*arguments)
            assert code == 2 and not out and len(said.splitlines()) == 1, (arguments, said)
            assert str(tmp_path / name) in said, said
    within: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("run.json", ("report", tmp_path)),
        ("manifest.json", ("data", "check", tmp_path)),
        ("preprocessor_config.json", ("generate", addresses, *to, "--processor", tmp_path)),
    )
    for name, words in within:
        (tmp_path / name).mkdir()
        code, out, said = command(*words)
        assert code == 2 and str(tmp_path) in said and len(said.splitlines()) == 1, said


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


def test_the_command_says_which_extra_it_needs(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tyro", None)
    code, _, said = command("list")
    assert (code, said) == (2, "avrgym: the command line needs tyro; pip install 'avrgym[data]'\n")


def test_what_is_not_installed_is_named_with_its_extra(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb, extra in (("gallery", "data"), ("report", "train")):

        def lacking(_: object) -> None:
            raise ModuleNotFoundError("No module named 'jinja2'")

        monkeypatch.setattr(f"avrgym.cli.{verb}.{verb.title()}.do", lacking)
        code, _, said = command(verb)
        assert code == 2 and said == (
            f"avrgym: No module named 'jinja2'; pip install 'avrgym[{extra}]'\n"
        )


def test_the_page_names_its_own_extra(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "avrgym.serve.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, out, said = command("play", "--serve")
    assert code == 2 and not out and said.endswith("; pip install 'avrgym[serve]'\n")


def test_only_what_goes_on_says_so_when_interrupted(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avrgym.cli.list.List.do", interrupted)
    monkeypatch.setattr("avrgym.cli.generate.Generate.do", interrupted)
    assert command("list") == (130, "", "avrgym: interrupted\n")
    code, _, said = command("generate", *RANGE, "--to", "data")
    assert code == 130 and "the same command goes on from there" in said


def test_a_defect_has_its_own_code_and_keeps_the_traceback(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("boo")

    monkeypatch.setattr("avrgym.cli.list.List.do", broken)
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
