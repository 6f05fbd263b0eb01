"""A finished dataset proved: files, rows, words, pictures, duplicates, leaks."""

import csv
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.data import containers, layouts, manifest, rows
from avrgym.data.contents import Halves, among, distinct, halves, record, repeated
from avrgym.data.exclusions import FOLDER, MANIFEST, excluded, recorded
from avrgym.data.layouts import Cells, Layout
from avrgym.data.settings import Settings, from_json
from avrgym.data.shards import PROGRESS, Tally, shards
from avrgym.data.storage import sha256
from avrgym.mixtures import Item, items
from avrgym.mixtures.parts import LARGEST
from avrgym.samples import render

# Rows made anew in each shard unless all are: spread over it evenly.
_SAMPLED = 64
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes:
        where: A file, or a phase, with the row where there is one.
        what: What is wrong there.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(
    folder: str | Path,
    exclude: Iterable[str] = (),
    every_row: bool = False,
    hear: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[Finding]:
    """Gives what is wrong with a dataset, as it is found; nothing if all holds.

    What is proved of every row: it is what the manifest says, its content is that of its address,
    it stands where the mixture puts it, and its content is neither excluded nor there twice. What
    is proved of some rows, or of every one if asked: all its words and its picture are made anew
    and compared, the picture by its pixels where another encoder wrote it.

    Args:
        folder: What :func:`avrgym.data.generate` wrote.
        exclude: What must not occur in it, besides what was excluded when it was written.
        every_row: Whether to make every row anew.
        hear: Called with how many rows are read, and of how many.

    Raises:
        TaskError: There is no dataset there, or a name stands for nothing to exclude.
    """
    folder = Path(folder)
    stated = manifest.load(folder)
    try:
        settings = from_json(stated["settings"])
    except (KeyError, TypeError, TaskError) as wrong:
        yield Finding(MANIFEST, f"its settings are damaged: {wrong}")
        return
    more = excluded(exclude)
    own, damaged = recorded(folder, stated["excluded"])
    for name, what in damaged.items():
        yield Finding(f"{MANIFEST} excluded {name}", what)
    out = distinct(np.concatenate([own.known, more.known]))
    yield from _strangers(folder, stated)
    total = sum(phase.size for phase in settings.mixture.phases)
    done = 0
    for phase in settings.mixture.phases:
        facts = stated["phases"].get(phase.name)
        expected = shards(folder, settings, phase)
        if facts is None or len(facts["shards"]) != len(expected):
            yield Finding(MANIFEST, f"it does not have all shards of phase {phase.name}")
            continue
        with TemporaryDirectory(prefix="avrgym-check-") as scratch:
            seen = _Seen(Path(scratch), out)
            for shard, fact in zip(expected, facts["shards"], strict=True):
                if fact.get("file") != shard.file:
                    yield Finding(MANIFEST, f"{fact.get('file')} stands where {shard.file} belongs")
                    continue
                reader = _Reader(folder, settings, phase.name, shard.start, fact, every_row, seen)
                yield from reader.findings()
                done += fact["rows"]
                hear(done, total)
            yield from seen.findings(phase.name, facts["duplicates"], settings.writing.duplicates)
            if (moved := seen.moved) != sum(facts["replaced"].values()):
                stated_moved = sum(facts["replaced"].values())
                yield Finding(
                    phase.name, f"{moved} rows were replaced, the manifest says {stated_moved}"
                )


def _strangers(folder: Path, stated: dict[str, Any]) -> Iterator[Finding]:
    """Data files that the manifest does not know, and leftovers."""
    if (folder / PROGRESS).exists():
        yield Finding(PROGRESS, "a run has not ended; the same command goes on")
    known = {shard["file"] for phase in stated["phases"].values() for shard in phase["shards"]}
    kept = [fact for fact in stated["excluded"].values() if isinstance(fact, dict)]
    known |= {fact["file"] for fact in kept if "file" in fact}
    patterns = [f"*/*.{suffix}" for suffix in containers.SUFFIXES.values()] + [f"{FOLDER}/*"]
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if (name := path.relative_to(folder).as_posix()) not in known:
                yield Finding(name, "the manifest does not know this file")


class _Seen:
    """Contents of a phase, kept on disk by format."""

    def __init__(self, scratch: Path, out: Halves) -> None:
        self.scratch = scratch
        self.out = out
        self.heads: dict[str, int] = {}
        self.files: dict[str, list[Path]] = {}
        self.rows = 0
        self.moved = 0

    def add(self, where: str, start: int, cells: list[Cells]) -> Iterator[Finding]:
        """Takes note of rows and gives the leaks among them."""
        pairs = halves([row["content"] for row in cells])
        for i in np.flatnonzero(among(pairs, self.out)).tolist():
            row = cells[i]
            yield Finding(
                f"{where} row {start + i}", f"leak: {row['address']} has an excluded content"
            )
        for name in dict.fromkeys(row["format"] for row in cells):
            mine = [i for i, row in enumerate(cells) if row["format"] == name]
            made = record(pairs[mine], 0, np.zeros(len(mine), "u8"))
            for place, i in enumerate(mine):
                head, _, index = cells[i]["address"].rpartition(":")
                made["source"][place] = self.heads.setdefault(head, len(self.heads))
                made["index"][place] = int(index)
            files = self.files.setdefault(name, [])
            files.append(self.scratch / f"{name}-{len(files)}.npy")
            np.save(files[-1], made)
        self.rows += len(cells)

    def findings(self, phase: str, stated: int, way: str) -> Iterator[Finding]:
        """Duplicates beyond what was declared."""
        count, example = 0, ""
        names = list(self.heads)
        for name, files in self.files.items():
            # The same instance as often as the mixture says is no duplicate; each of its rows is
            # one if another instance was there before.
            for again in repeated(partial(map, np.load, files), self.rows):
                if not len(again):
                    continue
                example = f"{names[again[0]['source']]}:{again[0]['index']} as {name}"
                for file in files:
                    kept = np.load(file)
                    count += int(np.isin(_keys(kept), _keys(again)).sum())
        if count != stated:
            yield Finding(
                phase,
                f"{count} rows have the content of another instance in their format, "
                f"{stated} were declared (duplicates: {way})"
                + (f"; {example} is one" if example else ""),
            )


def _keys(records: Any) -> Any:
    """Source and index as one number each; sources are few."""
    return records["source"].astype("u8") << np.uint64(48) ^ records["index"]


@dataclass(frozen=True, slots=True)
class _Reader:
    """One shard to look through."""

    folder: Path
    settings: Settings
    phase: str
    start: int
    fact: dict[str, Any]
    every_row: bool
    seen: _Seen

    @property
    def layout(self) -> Layout:
        return layouts.get(self.settings.writing.layout)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the shard; what cannot be read is not looked into further."""
        name = self.fact["file"]
        path = self.folder / name
        if not path.is_file():
            yield Finding(name, "the file is missing")
            return
        if sha256(path) != self.fact["sha256"]:
            yield Finding(name, "its SHA-256 is not the manifest's; the file was changed")
        tally, count = Tally(containers.pictured(self.layout.columns)), 0
        try:
            for cells in self._batches(path):
                for row in cells:
                    tally.add(row)
                yield from self._looked_at(name, count, cells)
                count += len(cells)
        except (OSError, ValueError, KeyError, TypeError, csv.Error, tarfile.TarError) as wrong:
            yield Finding(f"{name} row {count}", f"cannot be read: {wrong}")
            return
        if count != self.fact["rows"]:
            yield Finding(name, f"it has {count} rows, the manifest says {self.fact['rows']}")
        if tally.facts()["list_sha256"] != self.fact["list_sha256"]:
            yield Finding(name, "its addresses or contents are not those of the manifest")
        shown = self.fact.get("pictures")
        if shown and tally.picture_facts()["sha256"] != shown["sha256"]:
            yield Finding(name, f"the pictures in {shown['folder']} are not those of the manifest")

    def _batches(self, path: Path) -> Iterator[list[Cells]]:
        held: list[Cells] = []
        for batch in containers.read(
            self.settings.writing.container, path, self.folder, self.layout.columns
        ):
            held += batch
            while len(held) >= _CHUNK:
                yield held[:_CHUNK]
                held = held[_CHUNK:]
        if held:
            yield held

    def _looked_at(self, name: str, start: int, cells: list[Cells]) -> Iterator[Finding]:
        addresses = [row["address"] for row in cells]
        try:
            true = _core.contents(addresses)
        except TaskError as wrong:
            yield Finding(f"{name} rows from {start}", f"an address is damaged: {wrong}")
            return
        for i, (row, content) in enumerate(zip(cells, true, strict=True)):
            if row["content"] != content:
                yield Finding(f"{name} row {start + i}", "its content is not that of its address")
        real = [{**row, "content": content} for row, content in zip(cells, true, strict=True)]
        yield from self.seen.add(name, start, real)
        first = self.start + start
        planned = items(self.settings.mixture, self.phase, first, first + len(cells))
        sound: list[tuple[int, Item]] = []
        for i, (row, item) in enumerate(zip(cells, planned, strict=True)):
            if row["format"] != item.format.name or not _stands_for(row["address"], item.address):
                yield Finding(
                    f"{name} row {start + i}",
                    f"{row['address']} as {row['format']} stands where the mixture has "
                    f"{item.address} as {item.format.name}",
                )
                continue
            if row["address"] != item.address:
                self.seen.moved += 1
            sound.append((i, replace(item, address=row["address"])))
        step = 1 if self.every_row else max(1, self.fact["rows"] // _SAMPLED)
        wanted = [(i, item) for i, item in sound if (start + i) % step == 0]
        made = rows.make(self.settings, [item for _, item in wanted])
        for (i, _), due in zip(wanted, made, strict=True):
            yield from self._compared(f"{name} row {start + i}", cells[i], self.layout.lay(due))

    def _compared(self, where: str, found: Cells, made: Cells) -> Iterator[Finding]:
        shown = containers.pictured(self.layout.columns)
        for key, value in made.items():
            if found.get(key) == value:
                continue
            if key not in shown:
                yield Finding(where, f"column {key} is not what {made['address']} gives")
            elif not self._same_pictures(made["address"], found.get(key), value):
                yield Finding(where, f"the picture is not that of {made['address']}")

    def _same_pictures(self, address: str, found: Any, made: Any) -> bool:
        """Whether PNGs of different bytes have the right pixels."""
        from PIL import Image, UnidentifiedImageError

        kept = found if isinstance(found, list) else [found] if found else []
        due = made if isinstance(made, list) else [made] if made else []
        if len(kept) != len(due) or self.settings.writing.encoding != "png":
            return False
        try:
            pixels = [np.asarray(Image.open(BytesIO(file)).convert("RGB")) for file in kept]
        except (UnidentifiedImageError, OSError, SyntaxError):
            return False
        [right] = render([address], self.settings.writing.size, self.settings.writing.theme)
        return all(np.array_equal(one, right) for one in pixels)


def _stands_for(address: str, planned: str) -> bool:
    """Whether an address is a planned one, or what comes in its place."""
    head, _, index = address.rpartition(":")
    due_head, _, due = planned.rpartition(":")
    return head == due_head and (int(index) - int(due)) % LARGEST == 0
