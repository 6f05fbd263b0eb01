"""Rows held against their addresses, against the mixture, and against what is made anew."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.core.pictures import render
from avrgym.data import containers, layouts, rows
from avrgym.data.layouts import Cells
from avrgym.data.proof.findings import Finding
from avrgym.data.proof.repeats import Seen
from avrgym.data.settings import Writing
from avrgym.data.shards import Shard
from avrgym.mixtures import Item, items
from avrgym.mixtures.parts import LARGEST


def compared(
    shard: Shard, start: int, cells: list[Cells], step: int, seen: Seen
) -> Iterator[Finding]:
    """What is wrong with some rows of a shard, one after the other.

    Args:
        shard: Which one.
        start: The first row's place in it.
        cells: The rows as they were read.
        step: Of how many rows one is made anew.
        seen: Takes note of their contents, and of what gave way.
    """
    true = []
    for i, row in enumerate(cells):
        try:
            true += _core.contents([row["address"]])
        except TaskError as wrong:
            yield Finding(f"{shard.file} row {start + i}", f"its address is damaged: {wrong}")
            return
    for i, (row, content) in enumerate(zip(cells, true, strict=True)):
        if row["content"] != content:
            yield Finding(f"{shard.file} row {start + i}", "its content is not that of its address")
    real = [{**row, "content": content} for row, content in zip(cells, true, strict=True)]
    yield from seen.add(shard.file, start, real)
    first = shard.start + start
    # What is behind the shard's last row has no place in the mixture.
    stop = min(first + len(cells), shard.stop)
    planned = items(shard.settings.mixture, shard.phase, first, max(first, stop))
    sound: list[tuple[int, Item]] = []
    moved = []
    for i, (row, item) in enumerate(zip(cells, planned, strict=False)):
        if row["format"] != item.format.name or not _stands_for(row["address"], item.address):
            yield Finding(
                f"{shard.file} row {start + i}",
                f"{row['address']} as {row['format']} stands where the mixture has "
                f"{item.address} as {item.format.name}",
            )
            continue
        if row["address"] != item.address:
            moved.append(item.address)
        sound.append((i, item.moved(row["address"])))
    seen.replaced(moved)
    wanted = [(i, item) for i, item in sound if (start + i) % step == 0]
    made = rows.make(shard.settings, [item for _, item in wanted])
    layout = layouts.of(shard.settings.writing)
    for (i, _), due in zip(wanted, made, strict=True):
        where = f"{shard.file} row {start + i}"
        yield from _differing(shard.settings.writing, where, cells[i], layout.lay(due))


def _stands_for(address: str, planned: str) -> bool:
    """Whether an address is a planned one, or what comes in its place."""
    head, _, index = address.rpartition(":")
    due_head, _, due = planned.rpartition(":")
    return head == due_head and (int(index) - int(due)) % LARGEST == 0


def _differing(writing: Writing, where: str, found: Cells, made: Cells) -> Iterator[Finding]:
    shown = containers.pictured(layouts.of(writing).columns)
    for key, value in made.items():
        if found.get(key) == value:
            continue
        if key not in shown:
            yield Finding(where, f"column {key} is not what {made['address']} gives")
        elif not _same_pictures(writing, made["address"], found.get(key), value):
            yield Finding(where, f"the picture is not that of {made['address']}")


def _same_pictures(writing: Writing, address: str, found: Any, made: Any) -> bool:
    """Whether PNGs of different bytes have the right pixels."""
    with needs("data"):
        from PIL import Image, UnidentifiedImageError

    kept = found if isinstance(found, list) else [found] if found else []
    due = made if isinstance(made, list) else [made] if made else []
    if len(kept) != len(due) or writing.encoding != "png":
        return False
    try:
        pixels = [np.asarray(Image.open(BytesIO(file)).convert("RGB")) for file in kept]
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    [right] = render([address], writing.size, writing.theme, insist=True)
    return all(np.array_equal(one, right) for one in pixels)
