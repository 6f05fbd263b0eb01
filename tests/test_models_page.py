"""What docs/models.md says is so."""

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")


from avrgym.config.kinds import Kinds
from avrgym.config.read import build
from avrgym.models.families import FAMILIES
from avrgym.models.shape import PRESETS, Shape
from avrgym.models.spec import Model, Tiny, Transformers

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PAGE = (Path(__file__).parent.parent / "docs" / "models.md").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Run:
    model: Annotated[Model, Kinds("avrgym.models.spec:MODELS")]


def test_files_are_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    read = [build(Run, tomllib.loads(block), "docs/models.md").model for block in blocks]
    assert [type(model) for model in read] == [Tiny, Transformers]


@pytest.mark.parametrize(("kind", "heading"), [(Tiny, "tiny"), (Transformers, "transformers")])
def test_the_tables_list_every_key_with_its_default(kind: Any, heading: str) -> None:
    section = PAGE.split(f'kind = "{heading}"`\n')[1].split("\n## ")[0]
    found: dict[str, str] = {}
    for names, default in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \|", section, re.MULTILINE):
        keys = re.findall(r"`(\w+)`", names)
        defaults = default.split(", ") if len(keys) > 1 else [default]
        found |= zip(keys, defaults, strict=True)
    families = {name: found.pop(name) for name in FAMILIES if name in found}
    assert not families or families.keys() == FAMILIES.keys()
    assert found.keys() == {field.name for field in fields(kind)} - {"kind"}
    shape = {field.name: getattr(Shape(), field.name) for field in fields(Shape)}
    for field in fields(kind):
        if field.name in ("kind", "path"):
            continue
        default = field.default if field.default is not MISSING else {}
        default = shape.get(field.name, default)
        shown = found[field.name].strip("`")
        said: Any = {"none": None, "[]": (), "{}": {}}.get(shown, shown.strip('"'))
        assert str(said) == str(default), field.name


def test_the_presets_are_those_said() -> None:
    small = PRESETS["small"]
    shown = f"{small.hidden}, {small.layers}, {small.vision_layers}, {small.heads}"
    assert f"`small`: {shown} |" in PAGE
    side = 448 // small.patch
    assert f"448 pixels, which it sees as {side} \N{MULTIPLICATION SIGN} {side} tokens" in PAGE
