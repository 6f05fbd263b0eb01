"""The page of a run's file: every key with its default and what it says, from the dataclasses."""

import inspect
import re
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from avrgym import Picture
from avrgym.config.hints import fields_of, one
from avrgym.evaluate.suite import Evaluation
from avrgym.models.shape import Shape
from avrgym.models.spec import MODELS
from avrgym.prm.heads import HEADS
from avrgym.train.credit import CREDITS
from avrgym.train.curricula import CLIMBS, CURRICULA
from avrgym.train.spec import Run
from avrgym.train.stages import STAGES

_HEAD = """# A run's file, key by key

What [runs](runs.md) shows in one example, in full. The tables are made of the classes that read the
file; each stands in Python as it is named here. Every key is an option of `avrgym train` too:
`--stages.0.steps 50`.

"""


def write(to: Path) -> None:
    """Writes the page."""
    parts = [_HEAD, _table("The run", "the file itself", Run)]
    parts.append(_table("`picture`", "`picture = { size = 448 }`, or a table `[picture]`", Picture))
    for title, where, classes in (
        ("model", "[model]", MODELS),
        ("stage", "[[stages]]", STAGES),
        ("curriculum", "curriculum = { … }", CURRICULA),
        ("climb", "climb = { … }", CLIMBS),
        ("credit", "credit = { … }", CREDITS),
        ("head", "head = { … }", HEADS),
    ):
        for each in classes:
            kind = each.kind if isinstance(each.kind, str) else _kind(each)
            parts.append(_table(f'{title}: `kind = "{kind}"`', f"`{where}`", each))
    parts.append(_table("`evaluation`", "`[evaluation]`", Evaluation))
    to.write_text("\n".join(parts), "utf-8")


def _kind(each: type) -> str:
    [field] = [field for field in fields(each) if field.name == "kind"]  # type: ignore[arg-type]
    return str(field.default)


def _table(title: str, where: str, kind: type) -> str:
    about, said = told(kind)
    lines = [
        f"## {title[:1].upper()}{title[1:]}",
        "",
        f"{about} In a file: {where}; in Python `{_name(kind)}`.",
        "",
    ]
    lines += ["| key | what it is | default | what it says |", "|---|---|---|---|"]
    hints = fields_of(kind)
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name == "kind":
            continue
        meaning = _cell(said[field.name])
        what = _cell(_type(hints[field.name]))
        lines.append(f"| `{field.name}` | {what} | {_default(field)} | {meaning} |")
    if len(lines) == 6:
        lines[-2:] = ["It has no other keys."]
    return "\n".join(lines) + "\n"


def told(kind: type) -> tuple[str, dict[str, str]]:
    """What a dataclass says of itself in its first paragraph, and of each of its attributes."""
    text = inspect.cleandoc(kind.__doc__ or "")
    about = " ".join(text.split("\n\n")[0].split())
    listed = text.partition("Attributes:\n")[2].split("\n\n")[0]
    said: dict[str, str] = {}
    for name, words in re.findall(r"^    (\w+): (.*(?:\n {6,}.*)*)", listed, re.MULTILINE):
        said[name] = _plain(" ".join(words.split()))
    if kind.__name__ == "Tiny":
        shape = told(Shape)[1]
        sizes = {name: shape[name] for name in said if name in shape}
        for name, words in sizes.items():
            own = said[name]
            said[name] = words if own.startswith("See ") else f"{words.rstrip('.')}. {own}"
    return about, said


def _plain(text: str) -> str:
    text = re.sub(r":\w+:`~?\.?(?:[\w.]+\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")


def _type(hint: Any) -> str:
    try:
        return one(hint)
    except (KeyError, TypeError, AttributeError):
        return "a table"


def _default(field: Any) -> str:
    value = field.default
    if field.default_factory is not MISSING:
        value = field.default_factory()
    if value is MISSING:
        return "must be given"
    if is_dataclass(value):
        return "its defaults"
    if value is None:
        return "none"
    if isinstance(value, tuple | list):
        return f"`{_toml(value)}`"
    return f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
