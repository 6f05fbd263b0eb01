"""A finished dataset proved: files, rows, words, pictures, duplicates, leaks."""

import csv
import json
import os
import sys
import tarfile
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.data import card, containers, exports, layouts, manifest, rows
from avrgym.data.contents import Halves, among, distinct, halves, record, repeated
from avrgym.data.exclusions import MANIFEST, excluded, recorded
from avrgym.data.layouts import ORIGIN, Cells, Layout
from avrgym.data.settings import Settings, differences, from_json, makers
from avrgym.data.shards import PROGRESS, Shard, Tally, shards
from avrgym.data.storage import sha256
from avrgym.mixtures import Item, items
from avrgym.mixtures.parts import LARGEST
from avrgym.samples import render

# Rows made anew in each shard unless all are: spread over it evenly.
_SAMPLED = 64
_CHUNK = 512

# What libraries raise at damaged files.
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    csv.Error,
    tarfile.TarError,
)


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
    note: Callable[[str], None] = warnings.warn,
) -> Iterator[Finding]:
    """Gives what is wrong with a dataset, as it is found; nothing if all holds.

    What is proved of the folder: there is nothing else in it, and the manifest's counts are right.
    What is proved of every row: it is what the manifest says, its content is that of its address,
    it stands where the mixture puts it, it has no more than the layout's columns, its picture is
    in the folder, and its content is neither excluded nor there twice. What
    is proved of some rows, or of every one if asked: all its words and its picture are made anew
    and compared, the picture by its pixels where another encoder wrote it.

    Args:
        folder: What :func:`avrgym.data.generate` wrote.
        exclude: What must not occur in it, besides what was excluded when it was written.
        every_row: Whether to make every row anew.
        hear: Called with how many rows are read, and of how many.
        note: Called with what may explain findings and is none: other versions wrote it.

    Raises:
        TaskError: There is no dataset there, its manifest is damaged, or a name stands for nothing
            to exclude.
    """
    folder = Path(folder)
    stated = manifest.load(folder)
    try:
        settings = layouts.settled(from_json(stated["settings"]))
    except (KeyError, TypeError, AttributeError, ValueError, TaskError) as wrong:
        yield Finding(MANIFEST, f"its settings are damaged: {_said(wrong, folder)}")
        return
    if others := differences(makers(settings), stated["made_by"], "made_by"):
        note(
            f"{folder} was made by other versions, which may explain findings: {'; '.join(others)}"
        )
    more = excluded(exclude)
    own, damaged = recorded(folder, stated["excluded"])
    for name, what in damaged.items():
        yield Finding(f"{MANIFEST} excluded {name}", what)
    out = distinct(np.concatenate([own.known, more.known]))
    yield from _strangers(folder, settings, stated)
    total = sum(phase.size for phase in settings.mixture.phases)
    done = 0
    phases = [phase.name for phase in settings.mixture.phases]
    for name in stated["phases"].keys() - set(phases):
        yield Finding(MANIFEST, f"phases.{name} is none of its settings")
    for phase in settings.mixture.phases:
        facts = stated["phases"].get(phase.name)
        expected = shards(folder, settings, phase)
        proved = []
        if facts is None or len(facts["shards"]) != len(expected):
            yield Finding(MANIFEST, f"it does not have all shards of phase {phase.name}")
            continue
        with TemporaryDirectory(prefix="avrgym-check-") as scratch:
            seen = _Seen(Path(scratch), own.known, out)
            for shard, fact in zip(expected, facts["shards"], strict=True):
                if fact["file"] != shard.file:
                    yield Finding(MANIFEST, f"{fact['file']} stands where {shard.file} belongs")
                    proved.append(fact)
                    continue
                reader = _Reader(folder, settings, shard, fact, every_row, seen)
                proved.append((yield from reader.findings()))
                done += shard.stop - shard.start
                hear(done, total)
            yield from seen.findings(phase.name, facts["duplicates"], settings.writing.duplicates)
            gave_way, due = seen.moved, {key: facts["replaced"][key] for key in seen.moved}
            if sum(gave_way.values()) != sum(due.values()) or (not damaged and gave_way != due):
                yield Finding(
                    phase.name,
                    f"{_counted(gave_way)} rows were replaced, the manifest says {_counted(due)}",
                )
        # What was said of them above is not said again.
        right = manifest.of_phase(settings, phase, proved, facts["replaced"], facts["duplicates"])
        told = {"shards": facts["shards"]}
        for line in differences({**right, **told}, facts, f"phases.{phase.name}"):
            yield Finding(MANIFEST, line)


def _counted(gave_way: dict[str, int]) -> str:
    return " and ".join(f"{count} {reason}" for reason, count in gave_way.items())


def _said(wrong: BaseException, folder: Path) -> str:
    """What an error says, for people who see no traceback."""
    if isinstance(wrong, KeyError):
        return f"{wrong} is missing"
    if isinstance(wrong, FileNotFoundError) and wrong.filename:
        path = Path(wrong.filename)
        return f"{path.relative_to(folder) if path.is_relative_to(folder) else path} is missing"
    return str(wrong) or type(wrong).__name__


def _strangers(folder: Path, settings: Settings, stated: dict[str, Any]) -> Iterator[Finding]:
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
        for name in sorted(filter(_visible, [*found, *linked])):
            if (path := (here / name).as_posix()) not in known:
                yield Finding(path, "the manifest does not know this file")
        folders[:] = sorted(
            name
            for name in folders
            if _visible(name) and name not in linked and (here / name).as_posix() not in pictures
        )


def _visible(name: str) -> bool:
    """Whether readers of data look at it; hubs, shells and Python keep files of their own there."""
    return not name.startswith(".") and name != "__pycache__"


class _Seen:
    """Contents of a phase, kept on disk by format."""

    def __init__(self, scratch: Path, own: Halves, out: Halves) -> None:
        self.scratch = scratch
        self.own = own  # what was excluded when it was written
        self.out = out
        self.heads: dict[str, int] = {}
        self.files: dict[str, list[Path]] = {}
        self.rows = 0
        self.moved = {"excluded": 0, "dropped": 0}

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

    def replaced(self, planned: list[str]) -> None:
        """Takes note of addresses that other ones stand for."""
        hits = int(among(halves(_core.contents(planned)), self.own).sum()) if planned else 0
        self.moved["excluded"] += hits
        self.moved["dropped"] += len(planned) - hits

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
    shard: Shard
    fact: dict[str, Any]
    every_row: bool
    seen: _Seen

    @property
    def layout(self) -> Layout:
        return layouts.get(self.settings.writing.layout)

    def findings(self) -> Generator[Finding, None, dict[str, Any]]:
        """What is wrong with the shard; what cannot be read is not looked into further.

        Returns:
            The facts of it as they are, or as they are stated where they cannot be had.
        """
        name = self.shard.file
        path = self.folder / name
        if not path.is_file():
            yield Finding(name, "the file is missing")
            return self.fact
        proved = {key: self.fact[key] for key in manifest.SHARD}
        proved["rows"] = self.shard.stop - self.shard.start
        if self.shard.pictures is not None:
            proved["pictures"] = self.fact.get("pictures", {})
        if sha256(path) == self.fact["sha256"]:
            proved["bytes"] = path.stat().st_size
        else:
            yield Finding(name, "its SHA-256 is not the manifest's; the file was changed")
        yield from self._passed_over(path)
        tally, count = Tally(containers.pictured(self.layout.columns)), 0
        place = 0
        try:
            for cells in self._batches(path):
                for place, row in enumerate(cells, count):
                    yield from self._shaped(f"{name} row {place}", row)
                    tally.add(row)
                yield from self._looked_at(name, count, cells)
                place = count = count + len(cells)
        except _DAMAGE as wrong:
            yield Finding(f"{name} row {place}", f"cannot be read: {_said(wrong, self.folder)}")
            return proved
        if count != proved["rows"]:
            yield Finding(name, f"it has {count} rows, the mixture {proved['rows']}")
        if tally.facts()["list_sha256"] != self.fact["list_sha256"]:
            yield Finding(name, "its addresses or contents are not those of the manifest")
        proved["formats"] = tally.facts()["formats"]
        if self.shard.pictures is not None:
            if tally.picture_facts()["sha256"] != proved["pictures"].get("sha256"):
                yield Finding(
                    name, f"the pictures in {self.shard.pictures} are not those of the manifest"
                )
            else:
                proved["pictures"] = {"folder": self.shard.pictures, **tally.picture_facts()}
        for line in differences(proved, self.fact, name):
            yield Finding(MANIFEST, line)
        return proved

    def _named(self, place: int) -> str:
        """How the row at a place of the shard is called: see :class:`avrgym.data.rows.Row`."""
        return rows.called(self.shard.phase, self.shard.start + place)

    def _shaped(self, where: str, row: Cells) -> Iterator[Finding]:
        """Columns beyond the layout's; those that are missing cannot be read."""
        for key in row.keys() - self.layout.columns.keys():
            yield Finding(where, f"column {key} is none of layout {self.settings.writing.layout}")
        for key in ORIGIN:
            if not isinstance(row[key], str):
                raise TypeError(f"its {key} is {row[key]!r}")

    def _passed_over(self, path: Path) -> Iterator[Finding]:
        """What a container's reader does not look at, since no trainer needs it.

        Damage ends the search: who reads the rows says where it is.
        """
        look = {"jsonl": self._paths, "webdataset": self._members, "tsv": self._fields}
        if container := look.get(self.settings.writing.container):
            try:
                yield from container(path)
            except _DAMAGE:
                return

    def _paths(self, path: Path) -> Iterator[Finding]:
        """Pictures that are elsewhere than they belong, and those that no row shows."""
        if self.shard.pictures is None:
            return
        shown, due = containers.pictured(self.layout.columns), set()
        with path.open("rb") as lines:
            for i, line in enumerate(lines):
                file = f"{self._named(i)}.{self.settings.writing.encoding}"
                for found in containers.pictures(json.loads(line), shown):
                    if found != f"{self.shard.pictures}/{file}":
                        yield Finding(
                            f"{self.shard.file} row {i}",
                            f"its picture is at {found}, not at {self.shard.pictures}/{file}",
                        )
                    due.add(file)
        for found in sorted(os.listdir(self.folder / self.shard.pictures)):
            if _visible(found) and found not in due:
                where = f"{self.shard.pictures}/{found}"
                yield Finding(where, f"no row of {self.shard.file} shows this file")

    def _members(self, path: Path) -> Iterator[Finding]:
        """Members of a tar, and keys of their JSON, that are none of the layout's."""
        shown = containers.pictured(self.layout.columns)
        words = self.layout.columns.keys() - set(shown)
        place, name, kinds = -1, "", {"json"}
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                mine, _, kind = member.name.partition(".")
                if mine != name:
                    if "json" not in kinds:
                        yield Finding(f"{self.shard.file} row {place}", f"{name}.json is missing")
                    place, name, kinds = place + 1, mine, set()
                where = f"{self.shard.file} row {place}"
                if mine != self._named(place) or kind in kinds or not member.isreg():
                    yield Finding(where, f"{member.name} stands where {self._named(place)} belongs")
                elif kind == "json":
                    opened = tar.extractfile(member)
                    for key in json.loads(opened.read() if opened else b"").keys() - words:
                        yield Finding(where, f"key {key} of {member.name} is none of the layout")
                elif kind != self.settings.writing.encoding:
                    yield Finding(where, f"{member.name} is none of the layout")
                kinds.add(kind)

    def _fields(self, path: Path) -> Iterator[Finding]:
        """Columns of a table that are none of the layout's."""
        csv.field_size_limit(sys.maxsize)  # a picture is one field
        due = list(self.layout.columns)
        with path.open(encoding="utf-8", newline="") as lines:
            for i, fields in enumerate(csv.reader(lines, delimiter="\t"), -1):
                if i < 0 and fields != due:
                    yield Finding(self.shard.file, f"its columns are {fields}, not {due}")
                    return
                if len(fields) != len(due):
                    yield Finding(
                        f"{self.shard.file} row {i}", f"it has {len(fields)} fields, not {len(due)}"
                    )

    def _batches(self, path: Path) -> Iterator[list[Cells]]:
        held: list[Cells] = []
        damage: BaseException | None = None
        batches = containers.read(
            self.settings.writing.container, path, self.folder, self.layout.columns
        )
        while damage is None:
            try:
                held += next(batches)
            except StopIteration:
                break
            except _DAMAGE as wrong:
                damage = wrong
            while len(held) >= _CHUNK:
                yield held[:_CHUNK]
                held = held[_CHUNK:]
        if held:
            yield held
        if damage:  # only now, so that it is said of the row behind those that were read
            raise damage

    def _looked_at(self, name: str, start: int, cells: list[Cells]) -> Iterator[Finding]:
        true = []
        for i, row in enumerate(cells):
            try:
                true += _core.contents([row["address"]])
            except TaskError as wrong:
                yield Finding(f"{name} row {start + i}", f"its address is damaged: {wrong}")
                return
        for i, (row, content) in enumerate(zip(cells, true, strict=True)):
            if row["content"] != content:
                yield Finding(f"{name} row {start + i}", "its content is not that of its address")
        real = [{**row, "content": content} for row, content in zip(cells, true, strict=True)]
        yield from self.seen.add(name, start, real)
        first = self.shard.start + start
        # What is behind the shard's last row has no place in the mixture.
        stop = min(first + len(cells), self.shard.stop)
        planned = items(self.settings.mixture, self.shard.phase, first, max(first, stop))
        sound: list[tuple[int, Item]] = []
        moved = []
        for i, (row, item) in enumerate(zip(cells, planned, strict=False)):
            if row["format"] != item.format.name or not _stands_for(row["address"], item.address):
                yield Finding(
                    f"{name} row {start + i}",
                    f"{row['address']} as {row['format']} stands where the mixture has "
                    f"{item.address} as {item.format.name}",
                )
                continue
            if row["address"] != item.address:
                moved.append(item.address)
            sound.append((i, replace(item, address=row["address"])))
        self.seen.replaced(moved)
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
