"""Suites by name and file, with keys in their place; the folder's own file."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import TaskError, config
from avrgym.config import toml
from avrgym.evaluate import suites
from avrgym.evaluate.suite import Evaluation

pytest.importorskip("pydantic", reason="needs the data extra: pip install avrgym[data]")

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
PLAIN = st.recursive(
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, PLAIN, max_size=5))
def test_what_is_written_as_toml_is_read_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml.text(table)) == table


def test_what_is_none_is_left_out() -> None:
    assert tomllib.loads(toml.text({"a": None, "b": {"c": None, "d": [1]}})) == {"b": {"d": [1]}}


def test_shipped_suites_ask_every_task_and_are_written_as_they_are_read() -> None:
    assert suites.names() == ["ladder", "quick", "s2h"]
    for name in suites.names():
        made = suites.load(name)
        levels = made.settings()
        assert {level.partition("/")[0] for level in levels} == set(avrgym.TASKS)
        assert made.split == "test" and made.formats == ("image", "text")
        assert config.build(Evaluation, tomllib.loads(toml.text(config.table(made)))) == made
        assert len(suites.about(name)) > 20
    named = {level.partition("?")[0] for level in suites.load("s2h").settings()}
    assert {"consecutive_table_readout/medium", "visual_analogy/hard"} <= named
    assert len(suites.load("ladder").settings()) == 12 * len(avrgym.TASKS)


def test_keys_stand_before_what_a_file_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('suite = ["table_readout/rung0"]\nitems = 5\n')
    said = {
        "items": "8",
        "formats": "text,image-direct",
        "sizes": "448, 224",
        "suite": '["*/simple?style=full"]',
        "wording.style": "terse",
        "templates": "any",
    }
    made = suites.load(str(file), said)
    assert (made.items, made.formats) == (8, ("text", "image-direct"))
    assert made.sizes == ((448, 448), (224, 224)) and made.templates == ("any",)
    assert len(made.settings()) == len(avrgym.TASKS) and made.wording == {"style": "terse"}


@pytest.mark.parametrize(
    ("name", "keys", "words"),
    [
        ("quik", {}, "no suite 'quik' (did you mean quick?)"),
        ("quick", {"itemz": "3"}, "itemz"),
        ("quick", {"items": "many"}, "items"),
        ("quick", {"formats": "smell"}, "smell"),
        ("quick", {"suite": "[]"}, "suite is empty"),
        ("quick", {"suite": "maze/simple"}, 'unknown task "maze"'),
    ],
)
def test_what_is_wrong_is_one_line(name: str, keys: dict[str, str], words: str) -> None:
    with pytest.raises(TaskError) as refused:
        suites.load(name, keys)
    assert words in str(refused.value) and "\n" not in str(refused.value)
