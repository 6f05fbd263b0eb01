"""What the terminal shows of an evaluation."""

import io
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from rich.console import Console

from avrgym.runs.record import RESULTS, Record
from avrgym.train.screen import Screen

EDGE = "\N{BOX DRAWINGS HEAVY VERTICAL}"  # between heads of columns
LEVELS = [
    "rung0?answer=cells",
    "rung0?answer=cells&cells=1-11&random=1-6&random_cells=7-8",
    "rung0?answer=cells&cells=1-11&random=1-6&random_cells=9-11",
]


@pytest.mark.parametrize("width", [60, 80, 160])
def test_columns_of_levels_can_be_told_apart(tmp_path: Path, width: int) -> None:
    record = Record(tmp_path)
    rows = (
        {
            "stage": "sft",
            "format": "image",
            "decoding": "greedy",
            "level": f"table_readout/{level}",
            "correct": at < place,
        }
        for place, level in enumerate(LEVELS)
        for at in range(2)
    )
    record.extend(rows, to=RESULTS)
    said = io.StringIO()
    Screen(record, Console(file=said, width=width)).evaluated("sft")
    shown = said.getvalue().splitlines()
    heads = [line.strip(EDGE).split(EDGE) for line in shown if line.count(EDGE) > 2]
    columns = ["".join(map(str.strip, column)) for column in zip(*heads, strict=True)]
    assert columns == ["", *LEVELS]
    assert max(map(len, shown)) <= width
