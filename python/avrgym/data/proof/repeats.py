"""Contents of a phase that must not occur, or occur twice."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from avrgym import _core
from avrgym.data.contents import Halves, among, halves, record, repeated
from avrgym.data.layouts import Cells
from avrgym.data.proof.findings import Finding


class Seen:
    """Contents of a phase, kept on disk by format."""

    def __init__(self, scratch: Path, own: Halves, out: Halves) -> None:
        """Nothing is seen yet.

        Args:
            scratch: A folder for the contents.
            own: What was excluded when the dataset was written, uint64 (n, 2).
            out: All that must not occur, uint64 (n, 2).
        """
        self.scratch = scratch
        self.own = own
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
