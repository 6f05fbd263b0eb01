"""Mixtures in TOML and YAML files."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from avrgym._core import TaskError
from avrgym.mixtures.checks import check_parts
from avrgym.mixtures.parts import Internalise, Mixture, Part, Phase
from avrgym.prompts.format import Format

#: How the names of mixtures' files end.
SUFFIXES = (".toml", ".yaml", ".yml")

_T = TypeVar("_T")
_KINDS = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
    dict: "a table",
    list: "a list",
}


def load(path: str | Path) -> Mixture:
    """Reads a mixture; ``docs/mixtures.md`` describes the file.

    Args:
        path: A TOML file, or a YAML file if it ends in ``.yaml`` or ``.yml``.

    Raises:
        TaskError: The file cannot be read or is no TOML or YAML, a key is missing, unknown or of
            the wrong type, a value names nothing, or a size leaves a part without rows; the
            message says which key, and the remedy.
    """
    yaml = Path(path).suffix.lower() in SUFFIXES[1:]
    try:
        text = Path(path).read_text("utf-8")
        read = _yaml(path, text) if yaml else tomllib.loads(text)
    except OSError as wrong:
        raise TaskError(f"{path}: cannot be read: {wrong.strerror or wrong}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise TaskError(f"{path}: is no {'YAML' if yaml else 'TOML'}: {wrong}") from None
    table = _Table(str(path), read)
    phases = [_phase(phase, i) for i, phase in enumerate(table.tables("phases"))]
    internalise = table.table("internalise")
    weaned = internalise and internalise.made(
        Internalise,
        full=internalise.get("full", float, 0.3),
        shorten=internalise.get("shorten", float, 0.4),
        none=internalise.get("none", float, 0.3),
        levels=internalise.get("levels", int, 101),
    )
    return table.made(
        Mixture,
        name=table.get("name", str, Path(path).stem),
        phases=tuple(phases),
        seed=table.get("seed", int, 0),
        template=table.get("template", str, "plain"),
        internalise=weaned,
    )


def _yaml(path: str | Path, text: str) -> dict[str, Any]:
    """The table that YAML has, of the types that TOML has.

    Raises:
        TaskError: It is no YAML or has no table, a key is no string or stands twice, or pyyaml is
            missing.
    """
    try:
        import yaml
    except ImportError:
        raise TaskError(f"{path}: YAML needs pyyaml; pip install 'avrgym[data]'") from None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """As ``safe_load`` reads, but dates are words, and the last of equal keys does not win."""

        def compose_mapping_node(self, anchor: Any) -> Any:
            node = super().compose_mapping_node(anchor)
            known = set[str]()
            for key, _ in node.value:
                line = key.start_mark.line + 1
                if key.tag == "tag:yaml.org,2002:merge":
                    continue
                if key.tag != "tag:yaml.org,2002:str":
                    said = text[key.start_mark.index : key.end_mark.index]
                    raise TaskError(f"{path}: key {said} in line {line} is no string; quote it")
                if key.value in known:
                    raise TaskError(
                        f"{path}: key {key.value} in line {line} stands there before; keep one"
                    )
                known.add(key.value)
            return node

    Loader.add_constructor("tag:yaml.org,2002:timestamp", Loader.construct_yaml_str)
    try:
        read = yaml.load(text, Loader)
    except TaskError:
        raise
    except (yaml.YAMLError, ValueError, KeyError, RecursionError) as wrong:
        raise TaskError(f"{path}: is no YAML: {' '.join(str(wrong).split())}") from None
    if not isinstance(read, dict):
        raise TaskError(f"{path}: expected a table of keys and values, got {read!r}")
    return read


class _Table:
    """A table of the file that knows where it stands and which of its keys were asked for."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where = where
        self.values = dict(values)
        self.known: list[str] = []

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """A value of a type, or the default if there is none."""
        self.known.append(key)
        if key not in self.values:
            return default
        value = self.values.pop(key)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise TaskError(f"{self.where}: {key}: expected {_KINDS[kind]}, got {value!r}")
        return value

    def need(self, key: str, kind: type) -> Any:
        """A value that must be there."""
        if key not in self.values:
            raise TaskError(f"{self.where}: {key} is missing; give {_KINDS[kind]}")
        return self.get(key, kind)

    def table(self, key: str) -> "_Table | None":
        """A table within, if it is there."""
        values = self.get(key, dict)
        return None if values is None else _Table(f"{self.where}: {key}", values)

    def tables(self, key: str) -> "Iterator[_Table]":
        """The tables of a list that must be there."""
        for i, values in enumerate(self.need(key, list)):
            where = f"{self.where}: {key}[{i}]"
            if not isinstance(values, dict):
                raise TaskError(f"{where}: expected a table, got {values!r}")
            yield _Table(where, values)

    def choices(self, key: str) -> list[tuple[str, float]]:
        """A name, a list of names, or a table of names and weights."""
        self.known.append(key)
        value = self.values.pop(key, None)
        given: Any = value
        if isinstance(value, str):
            given = {value: 1.0}
        elif isinstance(value, list) and all(isinstance(name, str) for name in value):
            given = dict.fromkeys(value, 1.0)
        if not isinstance(given, dict) or not given:
            raise TaskError(
                f"{self.where}: {key}: expected a name, a list of names "
                f"or a table of names and weights, got {value!r}"
            )
        for name, weight in given.items():
            if type(weight) not in (int, float):
                raise TaskError(f"{self.where}: {key}.{name}: expected a number, got {weight!r}")
        return [(name, float(weight)) for name, weight in given.items()]

    def made(self, kind: Callable[..., _T], **values: Any) -> _T:
        """A value of what was read, once nothing unknown is left."""
        if self.values:
            unknown, known = ", ".join(self.values), ", ".join(self.known)
            raise TaskError(f"{self.where}: unknown key {unknown}; known keys: {known}")
        try:
            return kind(**values)
        except TaskError as wrong:
            raise TaskError(f"{self.where}: {wrong}") from None


def _phase(table: _Table, place: int) -> Phase:
    name = table.get("name", str, f"phase{place}")
    parts = [part for inner in table.tables("parts") for part in _parts(inner)]
    size = table.get("size", int)
    if size is None:
        if any(part.count is None for part in parts):
            raise TaskError(f"{table.where}: size is missing; give it, or every part a count")
        size = sum(part.count or 0 for part in parts)
    return table.made(
        _filled,
        name=name,
        size=size,
        parts=tuple(parts),
        epochs=table.get("epochs", float, 1.0),
        shuffle=table.get("shuffle", bool, True),
        batch=table.get("batch", int, 1),
    )


def _filled(**values: Any) -> Phase:
    """A phase of which every part has rows: who writes a part into a file means it."""
    made = Phase(**values)
    check_parts(made)
    return made


def _parts(table: _Table) -> list[Part]:
    """A part, or one for each combination where task, level or format are several."""
    tasks, levels, names = (table.choices(key) for key in ("task", "level", "format"))
    weight, count = table.get("weight", float, 1.0), table.get("count", int)
    shared = {
        "params": table.get("params", dict, {}),
        "seed": table.get("seed", int),
        "split": table.get("split", str, "train"),
        "count": count,
    }
    parts = []
    for (task, a), (level, b), (name, c) in product(tasks, levels, names):
        format = _Table(table.where, {}).made(Format.parse, name=name)
        parts.append((task, level, format, weight * a * b * c))
    return [
        table.made(Part, task=task, level=level, format=format, weight=share, **shared)
        for task, level, format, share in parts
    ]
