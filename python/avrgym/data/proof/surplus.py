"""What a container's reader does not look at, since no trainer needs it."""

import csv
import json
import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from avrgym.data import containers, layouts, rows
from avrgym.data.layouts import Layout
from avrgym.data.proof.findings import DAMAGE, Finding
from avrgym.data.proof.strangers import visible
from avrgym.data.shards import Shard


def surplus(shard: Shard) -> Iterator[Finding]:
    """Pictures, members, keys and columns of a shard's files that are none of its layout's.

    Damage ends the search: who reads the rows says where it is.
    """
    look = {"jsonl": _pictures, "webdataset": _members, "tsv": _fields}
    if container := look.get(shard.settings.writing.container):
        layout = layouts.of(shard.settings.writing)
        try:
            yield from container(shard, layout, Path(shard.folder) / shard.file)
        except DAMAGE:
            return


def _named(shard: Shard, place: int) -> str:
    """How the row at a place of the shard is called: see :class:`avrgym.data.rows.Row`."""
    return rows.called(shard.phase, shard.start + place)


def _pictures(shard: Shard, layout: Layout, path: Path) -> Iterator[Finding]:
    """Pictures that are elsewhere than they belong, and those that no row shows."""
    if shard.pictures is None:
        return
    shown, due = containers.pictured(layout.columns), set()
    with path.open("rb") as lines:
        for i, line in enumerate(lines):
            file = f"{_named(shard, i)}.{shard.settings.writing.encoding}"
            for found in containers.pictures(json.loads(line), shown):
                if found != f"{shard.pictures}/{file}":
                    yield Finding(
                        f"{shard.file} row {i}",
                        f"its picture is at {found}, not at {shard.pictures}/{file}",
                    )
                due.add(file)
    for found in sorted(os.listdir(Path(shard.folder) / shard.pictures)):
        if visible(found) and found not in due:
            where = f"{shard.pictures}/{found}"
            yield Finding(where, f"no row of {shard.file} shows this file")


def _members(shard: Shard, layout: Layout, path: Path) -> Iterator[Finding]:
    """Members of a tar, and keys of their JSON, that are none of the layout's."""
    words = layout.columns.keys() - set(containers.pictured(layout.columns))
    place, name, kinds = -1, "", {"json"}
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            mine, _, kind = member.name.partition(".")
            if mine != name:
                if "json" not in kinds:
                    yield Finding(f"{shard.file} row {place}", f"{name}.json is missing")
                place, name, kinds = place + 1, mine, set()
            where, due = f"{shard.file} row {place}", _named(shard, place)
            if mine != due or kind in kinds or not member.isreg():
                yield Finding(where, f"{member.name} stands where {due} belongs")
            elif kind == "json":
                opened = tar.extractfile(member)
                for key in json.loads(opened.read() if opened else b"").keys() - words:
                    yield Finding(where, f"key {key} of {member.name} is none of the layout")
            elif kind != shard.settings.writing.encoding:
                yield Finding(where, f"{member.name} is none of the layout")
            kinds.add(kind)


def _fields(shard: Shard, layout: Layout, path: Path) -> Iterator[Finding]:
    """Columns of a table that are none of the layout's."""
    csv.field_size_limit(sys.maxsize)  # a picture is one field
    due = list(layout.columns)
    with path.open(encoding="utf-8", newline="") as lines:
        for i, fields in enumerate(csv.reader(lines, delimiter="\t"), -1):
            if i < 0 and fields != due:
                yield Finding(shard.file, f"its columns are {fields}, not {due}")
                return
            if len(fields) != len(due):
                yield Finding(
                    f"{shard.file} row {i}", f"it has {len(fields)} fields, not {len(due)}"
                )
