"""The reader of settings: what it takes, how it refuses the rest, and overrides."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

import zoo
from avrgym import TaskError
from avrgym.config import build, difference, read, table
from zoo import ANIMALS, FULL, ZOO, Animal, Cat, Dog, Size, Zoo

pytest.importorskip("pydantic", reason="the data extra is not installed")


def test_files_of_each_kind_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text(FULL)
    assert read(Zoo, tmp_path / "zoo.toml") == ZOO
    assert type(read(Zoo, tmp_path / "zoo.toml").share) is float
    (tmp_path / "zoo.json").write_text(json.dumps(table(ZOO)))
    assert read(Zoo, tmp_path / "zoo.json") == ZOO
    pytest.importorskip("yaml", reason="the data extra is not installed")
    (tmp_path / "zoo.yaml").write_text(json.dumps(table(ZOO)))
    assert read(Zoo, str(tmp_path / "zoo.yaml")) == ZOO


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"zoo"', "3", "name: expected a string, got 3"),
        ('name = "zoo"', "", "name: is missing; give a string"),
        ("share = 1", "shere = 1", "unknown key shere (did you mean share?); known keys: name, "),
        ("share = 1", "qqq = 1", "unknown key qqq; known keys: name, share, most, size, "),
        ("share = 1", 'share = "1"', "share: expected a number, got '1'"),
        ("share = 1", "share = inf", "share: inf is not finite; give a number that is"),
        ("share = 1", "most = true", "most: expected a whole number, got True"),
        ("share = 1", "most = 1.0", "most: expected a whole number, got 1.0"),
        ("share = 1", "wide = 3", "wide: expected a table, got 3"),
        ("share = 1", "share = 2026-01-02", "share: 2026-01-02 is a date or a time, which no"),
        ("[112, 96]", "[112]", "size.pixels: expected a list of 2 whole numbers, got [112]"),
        ("[112, 96]", "[1, 2, 3]", "size.pixels: expected a list of 2 whole numbers, got [1, 2, 3"),
        ("[112, 96]", "[1, 2.5]", "size.pixels[1]: expected a whole number, got 2.5"),
        (
            "[112, 96]",
            "true",
            "size.pixels: expected a list of 2 whole numbers or a whole number, got True",
        ),
        ('"compact"', '"compakt"', "size.theme: expected one of paper, compact, got 'compakt'"),
        ('["a", "b"]', '["a", 2]', "names[1]: expected a string, got 2"),
        ('["a", "b"]', '"ab"', "names: expected a list of strings, got 'ab'"),
        ("b = 0.5", 'b = "1"', "choice.b: expected a number, got '1'"),
        (
            "{ a = 1, b = 0.5 }",
            "1",
            "choice: expected a string, a list of strings or a table of numbers, got 1",
        ),
        ('" = 2', '" = []', 'weights."my.module:function": expected a number, got []'),
        ('"7"', '"x"', 'shades.a: no shade "x"; give a number'),
        ('a = "7"', 'c = "7"', "shades: key c: expected one of a, b, got 'c'"),
        ('kind = "cat"\n', "", "animals[0].kind: is missing; give one of cat, dog"),
        ('"cat"\n', '"cap"\n', "animals[0].kind: unknown kind cap (did you mean cat?); known"),
        ('"cat"\n', "3\n", "animals[0].kind: unknown kind 3; known kinds: cat, dog"),
        ("lives = 3", "lives = -3", "animals[0]: -3 lives are too few; give 0 or more"),
        ("lives = 3", "lifes = 3", "animals[0]: unknown key lifes (did you mean lives?); "),
        ("barks = false", "bark = 1", "animals[1].friends[1]: unknown key bark (did you mean "),
        ('[{ kind = "cat" }', "[3", "animals[1].friends[0]: expected a table with a kind, got 3"),
        ('"12"', '"grey"', 'animals[0].shade: no shade "grey"; give a number'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "zoo.toml"
    assert old in FULL
    path.write_text(FULL.replace(old, new, 1))
    with pytest.raises(TaskError) as wrong:
        read(Zoo, path)
    assert str(wrong.value).startswith(f"{path}: {said}")
    assert "\n" not in str(wrong.value)


def test_of_several_faults_the_first_in_the_file_is_said_and_the_others_counted() -> None:
    with pytest.raises(TaskError) as wrong:
        build(
            Zoo, {"share": 1, "animals": [{"kind": "cat", "lives": "x"}], "names": 3, "a": 1}, "f"
        )
    assert str(wrong.value) == (
        "f: animals[0].lives: expected a whole number, got 'x' (and 3 more faults)"
    )
    with pytest.raises(TaskError, match=r"^a: expected a string, got 1 \(and 1 more fault\)$"):
        build(_Two, {"a": 1, "b": 2})


@dataclass(frozen=True, slots=True)
class _Two:
    a: str
    b: str


def test_a_registry_is_looked_up_when_a_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True, slots=True)
    class Eel:
        kind: Literal["eel"] = "eel"

    made: Animal = Eel()
    eels: dict[str, object] = {"name": "x", "animals": [{"kind": "eel"}]}
    with pytest.raises(TaskError, match="unknown kind eel; known kinds: cat, dog"):
        build(Zoo, eels)
    monkeypatch.setattr(zoo, "ANIMALS", (*ANIMALS, Eel))
    assert build(Zoo, eels).animals == (made,)
    monkeypatch.setattr(zoo, "ANIMALS", (Eel,))
    assert build(Zoo, eels).animals == (made,)


FRIENDLY = Dog(friends=(Cat(lives=1), Dog(barks=False)))


@pytest.mark.parametrize(
    ("key", "text", "place", "value"),
    [
        ("name", "other", ("name",), "other"),
        ("name", '"3"', ("name",), "3"),
        ("share", "2", ("share",), 2.0),
        ("most", "7", ("most",), 7),
        ("size.pixels", "[1, 2]", ("size", "pixels"), (1, 2)),
        ("wide.pixels", "64", ("wide",), Size(64)),
        ("choice", "1\ny = 2", ("choice",), "1\ny = 2"),
        ("choice.a", "3", ("choice",), {"a": 3.0, "b": 0.5}),
        ('weights."my.module:function"', "1", ("weights",), {"my.module:function": 1.0}),
        ("passed.deep.er", "false", ("passed",), {**ZOO.passed, "deep": {"er": False}}),
        ("animals.1.friends.0.lives", "1", ("animals",), (ZOO.animals[0], FRIENDLY)),
        ("names.1", "c", ("names",), ("a", "c")),
    ],
)  # fmt: skip
def test_overrides_stand_before_the_file(
    tmp_path: Path, key: str, text: str, place: tuple[str, ...], value: object
) -> None:
    path = tmp_path / "zoo.toml"
    path.write_text(FULL)
    found: object = read(Zoo, path, {key: text})
    for name in place:
        found = getattr(found, name)
    assert found == value


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("shere", "2", "unknown key shere (did you mean share?); known keys: name, share"),
        ("animals.0.lifes", "2", "animals[0]: unknown key lifes (did you mean lives?)"),
        ("animals.2.lives", "2", "animals: no place 2; its places: 0 to 1"),
        ("animals.last.lives", "2", "animals: no place last; its places: 0 to 1"),
        ("share.x", "2", "share: expected a number, got {'x': 2}"),
        ("share", "much", "share: expected a number, got 'much'"),
        ("share..x", "2", '"share..x" is no key; give one such as stages.1.steps'),
        ("share.", "2", '"share." is no key'),
        ("", "2", '"" is no key'),
    ],
)
def test_overrides_are_refused_as_files_are(tmp_path: Path, key: str, text: str, said: str) -> None:
    path = tmp_path / "zoo.toml"
    path.write_text(FULL)
    with pytest.raises(TaskError) as wrong:
        read(Zoo, path, {key: text})
    assert str(wrong.value).startswith(f"{path}: {said}")


def test_a_difference_names_the_place_and_both_values() -> None:
    other = Zoo("zoo", animals=(Cat(lives=1),))
    assert difference(other, Zoo("zoo", animals=(Cat(lives=2),))) == [
        "animals[0].lives is 2, not 1"
    ]
    assert difference(other, Zoo("zoo", animals=(Dog(),))) == [
        "animals[0].kind is 'dog', not 'cat'",
        "animals[0].friends is not called for",
        "animals[0].barks is not called for",
        "animals[0].name is missing",
        "animals[0].lives is missing",
        "animals[0].shade is missing",
    ]
    assert difference({"a": [1]}, {"a": [1, 2]}) == ["a is [1, 2], not [1]"]
