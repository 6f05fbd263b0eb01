"""Mixtures in files of TOML, YAML or JSON, and in a table within another file of settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from avrgym import config
from avrgym._core import TaskError
from avrgym.mixtures.checks import check_parts
from avrgym.mixtures.parts import Internalise, Mixture, Part, Phase
from avrgym.prompts.format import Format

#: How the names of mixtures' files end.
SUFFIXES = (".toml", ".yaml", ".yml")

# A name, several, or several with their weights.
_Choice: TypeAlias = str | tuple[str, ...] | Mapping[str, float]


def load(path: str | Path) -> Mixture:
    """Reads a mixture; ``docs/mixtures.md`` describes the file.

    Args:
        path: A TOML file, or a YAML file if it ends in ``.yaml`` or ``.yml``.

    Raises:
        TaskError: The file cannot be read or is no TOML or YAML, a key is missing, unknown or of
            the wrong type, a value names nothing, or a size leaves a part without rows; the
            message says which key, and the remedy.
    """
    return _made(config.read(_File, path), str(path), Path(path).stem)


def build(table: Any, where: str = "", name: str = "mixture") -> Mixture:
    """A mixture from what such a file says, as a table.

    Args:
        table: Plain values by key.
        where: What errors begin with.
        name: Of the mixture, where the table has none.

    Raises:
        TaskError: As :func:`load`.
    """
    return _made(config.build(_File, table, where), where, name)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A part, or one for each combination where task, level or format are several."""

    task: _Choice
    level: _Choice
    format: _Choice
    weight: float = 1.0
    count: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    split: str = "train"
    first: int = 0

    def __post_init__(self) -> None:
        self.made()

    def made(self) -> list[Part]:
        """The parts, checked."""
        several = (_weighed(key, getattr(self, key)) for key in ("task", "level", "format"))
        return [
            Part(
                task,
                level,
                Format.parse(name),
                self.weight * a * b * c,
                self.params,
                self.seed,
                self.split,
                self.count,
                self.first,
            )
            for (task, a), (level, b), (name, c) in product(*several)
        ]


@dataclass(frozen=True, slots=True)
class _Phase:
    parts: tuple[_Parts, ...]
    name: str | None = None
    size: int | None = None
    epochs: float = 1.0
    shuffle: bool = True
    batch: int = 1

    def made(self, place: int) -> Phase:
        """The phase, of which every part has rows: who writes a part into a file means it."""
        parts = tuple(part for several in self.parts for part in several.made())
        name = f"phase{place}" if self.name is None else self.name
        size = self.size
        if size is None:
            if any(part.count is None for part in parts):
                raise TaskError("size is missing; give it, or every part a count")
            size = sum(part.count or 0 for part in parts)
        made = Phase(name, size, parts, self.epochs, self.shuffle, self.batch)
        check_parts(made)
        return made


@dataclass(frozen=True, slots=True)
class _File:
    phases: tuple[_Phase, ...]
    name: str | None = None
    seed: int = 0
    template: str = "plain"
    internalise: Internalise | None = None


def _made(file: _File, where: str, name: str) -> Mixture:
    own = name if file.name is None else file.name
    place = ""
    phases = []
    try:
        for i, phase in enumerate(file.phases):
            place = f"phases[{i}]"
            phases.append(phase.made(i))
        place = ""
        return Mixture(own, tuple(phases), file.seed, file.template, file.internalise)
    except TaskError as wrong:
        raise TaskError(": ".join(filter(None, (where, place, str(wrong))))) from None


def _weighed(key: str, choice: _Choice) -> list[tuple[str, float]]:
    """Names with their weights.

    Raises:
        TaskError: There is none.
    """
    if not choice and not isinstance(choice, str):
        raise TaskError(f"{key} has no names; give one or more")
    if isinstance(choice, Mapping):
        return list(choice.items())
    return [(name, 1.0) for name in ((choice,) if isinstance(choice, str) else choice)]
