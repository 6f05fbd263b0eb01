"""One file of a dataset read through, row by row."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from avrgym.config import difference
from avrgym.data import containers, layouts, manifest
from avrgym.data.excluded import MANIFEST
from avrgym.data.layouts import ORIGIN, Cells, Layout
from avrgym.data.proof.findings import DAMAGE, Finding, said
from avrgym.data.proof.remade import compared
from avrgym.data.proof.repeats import Seen
from avrgym.data.proof.surplus import surplus
from avrgym.data.shards import Shard, Tally
from avrgym.files.storage import sha256

# Rows made anew in each shard unless all are: spread over it evenly.
_SAMPLED = 64
_CHUNK = 512


def findings(
    shard: Shard, fact: dict[str, Any], every_row: bool, seen: Seen
) -> Generator[Finding, None, dict[str, Any]]:
    """What is wrong with the shard; what cannot be read is not looked into further.

    Args:
        shard: Which one.
        fact: What the manifest says of it.
        every_row: Whether to make every row anew.
        seen: The contents of the phase's shards before it.

    Returns:
        The facts of it as they are, or as they are stated where they cannot be had.
    """
    folder, layout = Path(shard.folder), layouts.of(shard.settings.writing)
    path = folder / shard.file
    if not path.is_file():
        yield Finding(shard.file, "the file is missing")
        return fact
    proved = {key: fact[key] for key in manifest.SHARD}
    proved["rows"] = shard.stop - shard.start
    if shard.pictures is not None:
        proved["pictures"] = fact.get("pictures", {})
    if sha256(path) == fact["sha256"]:
        proved["bytes"] = path.stat().st_size
    else:
        yield Finding(shard.file, "its SHA-256 is not the manifest's; the file was changed")
    yield from surplus(shard)
    tally, count = Tally(containers.pictured(layout.columns)), 0
    step = 1 if every_row else max(1, fact["rows"] // _SAMPLED)
    place = 0
    try:
        for cells in _batches(shard, layout):
            for place, row in enumerate(cells, count):
                yield from _shaped(shard, layout, place, row)
                tally.add(row)
            yield from compared(shard, count, cells, step, seen)
            place = count = count + len(cells)
    except DAMAGE as wrong:
        yield Finding(f"{shard.file} row {place}", f"cannot be read: {said(wrong, folder)}")
        return proved
    if count != proved["rows"]:
        yield Finding(shard.file, f"it has {count} rows, the mixture {proved['rows']}")
    if tally.facts()["list_sha256"] != fact["list_sha256"]:
        yield Finding(shard.file, "its addresses or contents are not those of the manifest")
    proved["formats"] = tally.facts()["formats"]
    if shard.pictures is not None:
        if tally.picture_facts()["sha256"] != proved["pictures"].get("sha256"):
            yield Finding(
                shard.file, f"the pictures in {shard.pictures} are not those of the manifest"
            )
        else:
            proved["pictures"] = {"folder": shard.pictures, **tally.picture_facts()}
    for line in difference(proved, fact, shard.file):
        yield Finding(MANIFEST, line)
    return proved


def _shaped(shard: Shard, layout: Layout, place: int, row: Cells) -> Iterator[Finding]:
    """Columns beyond the layout's; those that are missing cannot be read."""
    for key in row.keys() - layout.columns.keys():
        yield Finding(
            f"{shard.file} row {place}",
            f"column {key} is none of layout {shard.settings.writing.layout}",
        )
    for key in ORIGIN:
        if not isinstance(row[key], str):
            raise TypeError(f"its {key} is {row[key]!r}")


def _batches(shard: Shard, layout: Layout) -> Iterator[list[Cells]]:
    folder = Path(shard.folder)
    held: list[Cells] = []
    damage: BaseException | None = None
    batches = containers.read(
        shard.settings.writing.container, folder / shard.file, folder, layout.columns
    )
    while damage is None:
        try:
            held += next(batches)
        except StopIteration:
            break
        except DAMAGE as wrong:
            damage = wrong
        while len(held) >= _CHUNK:
            yield held[:_CHUNK]
            held = held[_CHUNK:]
    if held:
        yield held
    if damage:  # only now, so that it is said of the row behind those that were read
        raise damage
