"""Files that are no settings, and what is refused wherever it stands in one."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from avrgym import TaskError
from avrgym.config import build, difference, read, table
from zoo import PLAIN, ZOOS, Zoo

pytest.importorskip("pydantic", reason="the data extra is not installed")


@given(ZOOS)
def test_what_is_written_reads_back_equal(zoo: Zoo) -> None:
    written = table(zoo)
    assert json.loads(json.dumps(written)) == written
    assert build(Zoo, written) == zoo
    assert difference(zoo, build(Zoo, written)) == []


def tables(value: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The tables within one that a class of settings stands for, with their places."""
    found = [(path, value)] if isinstance(value, dict) else []
    items = enumerate(value) if isinstance(value, list) else value.items()
    for key, inner in items:
        if isinstance(inner, dict | list) and key not in ("passed", "weights", "choice", "shades"):
            found += tables(inner, f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}")
    return found


@given(ZOOS, some.data())
def test_an_unknown_key_anywhere_is_refused_and_named(zoo: Zoo, data: some.DataObject) -> None:
    written = table(zoo)
    path, inner = data.draw(some.sampled_from(tables(written)))
    inner["livess"] = data.draw(PLAIN)
    with pytest.raises(TaskError) as wrong:
        build(Zoo, written, "file")
    where = ": ".join(filter(None, ("file", path.removeprefix("."))))
    assert str(wrong.value).startswith(f"{where}: unknown key livess")
    assert "; known keys: " in str(wrong.value)


@given(ZOOS, some.data())
def test_a_wrong_type_anywhere_is_refused_and_its_place_named(
    zoo: Zoo, data: some.DataObject
) -> None:
    written = table(zoo)
    path, inner = data.draw(some.sampled_from(tables(written)))
    key = data.draw(some.sampled_from([key for key in inner if key not in ("passed", "kind")]))
    # No field of any class takes one of these.
    value: object = data.draw(some.sampled_from([[[[]]], True if key != "barks" else 1]))
    inner[key] = value
    with pytest.raises(TaskError) as wrong:
        build(Zoo, written, "file")
    place = f"{path}.{key}".removeprefix(".")
    assert str(wrong.value).startswith(f"file: {place}")
    assert ": expected " in str(wrong.value)
    assert ", got " in str(wrong.value) and (value is not True or "got True" in str(wrong.value))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.toml", "a =", "is no TOML: "),
        ("f.toml", "a = 1\na = 2", "is no TOML: Cannot overwrite a value"),
        ("f.toml", f"a = {'9' * 5000}", "is no TOML: "),
        ("f.toml", f"a = 0x{'9' * 500}", "a: a whole number of 2000 bits; give a smaller one"),
        ("f.toml", f"a = {'[' * 2000}", "is no TOML: "),
        ("f.toml", f"a = {'[' * 60}{']' * 60}", "a[0][0]: is nested more than 50 deep"),
        ("f.json", '{"a": 1', "is no JSON: "),
        ("f.json", '{"a": 1, "a": 2}', "key a stands twice in a table; keep one"),
        ("f.json", '{"a": NaN}', "a: nan is not finite"),
        ("f.json", '{"a": "\\ud800"}', "a: '\\ud800' is no Unicode"),
        ("f.json", "[1]", "expected a table of keys and values, got [1]"),
        ("f.json", "[" * 200_000, "is no JSON: "),
        ("f.yaml", "a: &x [*x]", "a[0]: contains itself; write it out"),
        ("f.yaml", "a: !!binary aGVsbG8=", "a: b'hello' is nothing that a file of"),
        ("f.yaml", "a: 1\na: 2", "key a in line 2 stands there before; keep one"),
        ("f.yaml", "a: [", "is no YAML: "),
        ("f.yaml", "name: &x", "name: expected a string, got None"),
        ("f.yaml", "a: .inf", "a: inf is not finite"),
    ],
)  # fmt: skip
def test_files_that_are_none_are_refused_in_a_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    if name.endswith("yaml"):
        pytest.importorskip("yaml", reason="the data extra is not installed")
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(TaskError) as wrong:
        read(Zoo, path)
    assert str(wrong.value).startswith(f"{path}: {said}")
    assert "\n" not in str(wrong.value)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(TaskError, match=r"f\.toml: is no TOML: 'utf-8' codec"):
        read(Zoo, tmp_path / "f.toml")
    with pytest.raises(TaskError, match=r"none\.json: cannot be read: No such file"):
        read(Zoo, tmp_path / "none.json")


def test_without_pydantic_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic", None)
    with pytest.raises(
        TaskError, match=r"^f: settings need pydantic; pip install 'avrgym\[data\]'$"
    ):
        build(Zoo, {"name": "zoo"}, "f")
