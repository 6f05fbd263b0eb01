"""One file of a dataset: which rows it has, where it stands, and what is known of it afterwards."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avrgym import jobs
from avrgym.data import containers, layouts, plan, rows
from avrgym.data.containers import SUFFIXES, Target
from avrgym.data.layouts import Cells
from avrgym.data.settings import Settings
from avrgym.files.storage import UNFINISHED, aside, folder_aside, sha256, write_json
from avrgym.mixtures import Phase, items

# Rows made and written at once, and in Parquet a row group.
BATCH = 500

PROGRESS = ".progress"
PLAN = "plan.npz"


@dataclass(frozen=True, slots=True)
class Shard:
    """A file to write; it depends on no other one.

    Attributes:
        folder: The dataset's.
        settings: The dataset's.
        phase: Which phase's rows.
        number: Which of the phase's shards, from 0.
        shards: How many it has.
        start: The first row.
        stop: One past the last.
    """

    folder: str
    settings: Settings
    phase: str
    number: int
    shards: int
    start: int
    stop: int

    @property
    def file(self) -> str:
        """Its path within the folder."""
        suffix = SUFFIXES[self.settings.writing.container]
        if layouts.of(self.settings.writing).whole:
            return f"{self.phase}.{suffix}"
        return f"{self.phase}/{self.phase}-{self.number:05d}-of-{self.shards:05d}.{suffix}"

    @property
    def pictures(self) -> str | None:
        """The folder of its pictures, if they are files of their own."""
        columns = layouts.of(self.settings.writing).columns
        own = self.settings.writing.container == "jsonl" and containers.pictured(columns)
        return f"images/{self.phase}/{self.number:05d}" if own else None

    @property
    def record(self) -> Path:
        """Where the facts of it are kept until the manifest has them."""
        return Path(self.folder) / PROGRESS / "shards" / f"{self.phase}-{self.number:05d}.json"


def shards(folder: Path, settings: Settings, phase: Phase) -> list[Shard]:
    """The files of a phase."""
    rows_each = phase.size if layouts.of(settings.writing).whole else settings.writing.shard_rows
    count = -(-phase.size // rows_each)
    return [
        Shard(
            str(folder),
            settings,
            phase.name,
            number,
            count,
            number * rows_each,
            min((number + 1) * rows_each, phase.size),
        )
        for number in range(count)
    ]


def finished(shard: Shard, facts: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The facts of a shard that is there, else None.

    Args:
        shard: Which one.
        facts: What a manifest says of it; otherwise its record does.
    """
    if facts is None:
        if not shard.record.exists():
            return None
        facts = json.loads(shard.record.read_text("utf-8"))
    return facts if whole(Path(shard.folder), facts) else None


def whole(folder: Path, facts: dict[str, Any]) -> bool:
    """Whether a shard has its size and its number of pictures; what is in them is not read."""
    file, shown = folder / facts["file"], facts.get("pictures")
    if not file.is_file() or file.stat().st_size != int(facts["bytes"]):
        return False
    if shown is None:
        return True
    pictures = folder / shown["folder"]
    return pictures.is_dir() and len(os.listdir(pictures)) == int(shown["count"])


def write(shard: Shard) -> dict[str, Any]:
    """Writes a shard and gives the facts of it; a job of its own.

    Returns:
        ``file``, ``rows``, ``bytes``, ``sha256``; ``list_sha256`` of its addresses and contents;
        ``formats``, rows by format; ``pictures`` with ``folder``, ``count``, ``bytes``, ``sha256``
        if they are files of their own.
    """
    folder = Path(shard.folder)
    within = folder / PROGRESS / UNFINISHED
    layout = layouts.of(shard.settings.writing)
    tally = Tally(containers.pictured(layout.columns))
    folder_of_pictures = (
        folder_aside(folder / shard.pictures, within / "pictures" / shard.phase)
        if shard.pictures is not None
        else nullcontext()
    )
    with aside(folder / shard.file, within) as file:
        with folder_of_pictures as pictures:
            target = Target(file, pictures, shard.pictures or "", shard.settings.writing.encoding)
            containers.write(
                shard.settings.writing.container, _laid(shard, tally), layout.columns, target
            )
        facts = {
            "file": shard.file,
            "rows": shard.stop - shard.start,
            "bytes": file.stat().st_size,
            "sha256": sha256(file),
            **tally.facts(),
        }
        if shard.pictures is not None:
            facts["pictures"] = {"folder": shard.pictures, **tally.picture_facts()}
        # Before the file gets its name: a file that is there has its record.
        write_json(shard.record, facts, within)
    return facts


class Tally:
    """Counts and hashes over rows in their order."""

    def __init__(self, names: list[str]) -> None:
        self.names = names  # of columns of pictures
        self.listed = hashlib.sha256()
        self.shown = hashlib.sha256()
        self.formats: dict[str, int] = {}
        self.pictures = 0
        self.bytes = 0

    def add(self, cells: Cells) -> None:
        """Takes note of a row."""
        self.listed.update(f"{cells['address']} {cells['content']}\n".encode())
        self.formats[cells["format"]] = self.formats.get(cells["format"], 0) + 1
        for picture in containers.pictures(cells, self.names):
            self.shown.update(hashlib.sha256(picture).digest())
            self.pictures += 1
            self.bytes += len(picture)

    def facts(self) -> dict[str, Any]:
        """What a manifest says of the rows."""
        formats = dict(sorted(self.formats.items()))
        return {"list_sha256": self.listed.hexdigest(), "formats": formats}

    def picture_facts(self) -> dict[str, Any]:
        """What it says of pictures in files of their own."""
        return {"count": self.pictures, "bytes": self.bytes, "sha256": self.shown.hexdigest()}


def _laid(shard: Shard, tally: Tally) -> Iterator[list[tuple[str, Cells]]]:
    """The cells of a shard's rows, a batch at a time."""
    exceptions = plan.load(Path(shard.folder) / PROGRESS / PLAN)
    layout = layouts.of(shard.settings.writing)
    for start in range(shard.start, shard.stop, BATCH):
        stop = min(start + BATCH, shard.stop)
        planned = items(shard.settings.mixture, shard.phase, start, stop)
        addresses = exceptions.moved(item.address for item in planned)
        moved = [item.moved(address) for item, address in zip(planned, addresses, strict=True)]
        batch = []
        for row in rows.make(shard.settings, moved):
            cells = layout.lay(row)
            tally.add(cells)
            batch.append((row.name, cells))
        jobs.tell(stop - start)
        yield batch
