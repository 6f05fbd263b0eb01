"""Datasets for tests to write and look at."""

import hashlib
from pathlib import Path
from typing import Any

from avrgym.data import Settings, Writing
from avrgym.mixtures import Mixture, named


def bytes_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file, by path within the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


#: Parameters that leave a level of 3 x 3 few contents.
FEW = {"kinds": "1", "obstacles": "2"}


def mixture(
    name: str = "mix",
    size: int = 60,
    seed: int = 1,
    level: str = "simple",
    params: dict[str, str] | None = None,
) -> Mixture:
    """A mixture of the paper, of one task."""
    return named(name, "grid_navigation", size, seed, simple=level, params=params)


def settings(mixed: Mixture | None = None, **writing: Any) -> Settings:
    """Small pictures and files, unless asked otherwise."""
    return Settings(
        mixed or mixture(), Writing(**{"size": 64, "insist": True, "shard_rows": 25, **writing})
    )
