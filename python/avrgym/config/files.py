"""What TOML, YAML and JSON files say, as plain tables."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.arguments import quoted
from avrgym.core.extras import remedy


def raw(path: str | Path) -> dict[str, Any]:
    """The table that a file has: YAML and JSON by its name's end, else TOML.

    Raises:
        TaskError: The file cannot be read, is none of its kind or has no table, or a key stands
            twice in a table.
    """
    kind = {".yaml": "YAML", ".yml": "YAML", ".json": "JSON"}.get(Path(path).suffix.lower(), "TOML")
    try:
        text = Path(path).read_text("utf-8")
        read = _READ[kind](str(path), text)
    except OSError as wrong:
        raise TaskError(f"{path}: cannot be read: {wrong.strerror or wrong}") from None
    except TaskError:
        raise
    except (ValueError, RecursionError) as wrong:
        raise TaskError(f"{path}: is no {kind}: {' '.join(str(wrong).split())}") from None
    if not isinstance(read, dict):
        raise TaskError(f"{path}: expected a table of keys and values, got {quoted(read)}")
    return read


def _toml(_path: str, text: str) -> Any:
    return tomllib.loads(text)


def _json(path: str, text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise TaskError(f"{path}: key {key} stands twice in a table; keep one")
            made[key] = value
        return made

    return json.loads(text, object_pairs_hook=once)


def _yaml(path: str, text: str) -> Any:
    """What YAML has, of the types that TOML has but dates, which are words.

    Raises:
        TaskError: A key is no string or stands twice, or pyyaml is missing.
        ValueError: It is no YAML.
    """
    try:
        import yaml
    except ImportError:
        raise TaskError(f"{path}: YAML needs pyyaml; {remedy('data')}") from None

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
        return yaml.load(text, Loader)
    except (yaml.YAMLError, KeyError, AttributeError) as wrong:
        raise ValueError(str(wrong)) from None


_READ: dict[str, Callable[[str, str], Any]] = {"TOML": _toml, "YAML": _yaml, "JSON": _json}
