"""Suites: evaluations by name, a TOML file each in this folder, or in a file of one's own."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from avrgym import config
from avrgym._core import TaskError
from avrgym.config.overrides import value
from avrgym.core.arguments import nearest
from avrgym.evaluate.suite import Evaluation

_FOLDER = Path(__file__).parent
_LISTS = {field.name for field in fields(Evaluation) if isinstance(field.default, tuple)}


def names() -> list[str]:
    """What those that come with the package are called."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def about(name: str) -> str:
    """What a suite of the package is for: the first line of its file."""
    return (_FOLDER / f"{name}.toml").read_text("utf-8").splitlines()[0].removeprefix("# ")


def load(name: str, overrides: Mapping[str, str] | None = None) -> Evaluation:
    """The evaluation that a name or a file stands for.

    Args:
        name: Of a suite of the package; or a TOML, YAML or JSON file whose keys are those of
            :class:`avrgym.evaluate.suite.Evaluation`.
        overrides: Texts by dotted keys, such as ``{"items": "8"}``. Where there is a list, words
            with commas between them will do: ``{"formats": "image,text"}``.

    Raises:
        TaskError: There is no such suite, or a key or value is wrong; one line names the place and
            the remedy. A suite without levels is refused too.
    """
    file = _FOLDER / f"{name}.toml" if name in names() else Path(name)
    if not file.is_file():
        raise TaskError(
            f"no suite {name!r}{nearest(name, names())}; give a file, or one that comes with "
            f"avrgym: {', '.join(names())}"
        )
    said = {key: _listed(key, text) for key, text in (overrides or {}).items()}
    found = config.read(Evaluation, file, said)
    if not found.suite:
        raise TaskError(f'{file}: suite is empty; name levels, such as suite = ["*/simple"]')
    return found


def _listed(key: str, text: str) -> str:
    """A value as TOML writes it, where a list may be typed as words with commas between them."""
    if key not in _LISTS or isinstance(value(text), list):
        return text
    words = (part.strip() for part in text.split(",") if part.strip())
    return f"[{', '.join(_word(word) for word in words)}]"


def _word(word: str) -> str:
    try:
        tomllib.loads(f"value = {word}")
    except tomllib.TOMLDecodeError:
        return json.dumps(word, ensure_ascii=False)
    return word
