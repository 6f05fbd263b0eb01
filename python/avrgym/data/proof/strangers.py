"""Files of a dataset's folder that do not belong there."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avrgym.data import card, exports
from avrgym.data.excluded import MANIFEST
from avrgym.data.proof.findings import Finding
from avrgym.data.settings import Settings
from avrgym.data.shards import PROGRESS, shards


def strangers(folder: Path, settings: Settings, stated: dict[str, Any]) -> Iterator[Finding]:
    """Files that the manifest does not know, and leftovers."""
    if (folder / PROGRESS).exists():
        yield Finding(PROGRESS, "a run has not ended; the same command goes on")
    files = {phase.name: shards(folder, settings, phase) for phase in settings.mixture.phases}
    named = {phase: [shard.file for shard in each] for phase, each in files.items()}
    known = {MANIFEST, card.CARD, card.SHEET, *exports.beside(settings, named)}
    known |= {file for each in named.values() for file in each}
    kept = [fact for fact in stated["excluded"].values() if isinstance(fact, dict)]
    known |= {fact["file"] for fact in kept if "file" in fact}
    # Their files are held against the rows, shard by shard.
    pictures = {shard.pictures for each in files.values() for shard in each}
    for root, folders, found in os.walk(folder):
        here = Path(root).relative_to(folder)
        linked = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in sorted(filter(visible, [*found, *linked])):
            if (path := (here / name).as_posix()) not in known:
                yield Finding(path, "the manifest does not know this file")
        folders[:] = sorted(
            name
            for name in folders
            if visible(name) and name not in linked and (here / name).as_posix() not in pictures
        )


def visible(name: str) -> bool:
    """Whether readers of data look at it; hubs, shells and Python keep files of their own there."""
    return not name.startswith(".") and name != "__pycache__"
