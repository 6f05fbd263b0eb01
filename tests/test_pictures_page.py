"""What docs/pictures.md and the table of legible sizes say is so."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import avrgym
from sources import EVERY_LEVEL

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "pictures.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_block_runs_and_says_what_is_shown() -> None:
    namespace: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in BLOCKS:
            exec(compile(block, "docs/pictures.md", "exec"), namespace)
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert said.getvalue() == shown
    assert namespace["picture"].shape == (448, 448, 3)
    for call, size in re.findall(r"^(avrgym\.legible_size\(.*?\))  # (\d+)", PAGE, re.MULTILINE):
        assert eval(call, namespace) == int(size)


def test_the_sizes_of_compact_are_those_said() -> None:
    large = {
        f"{task}/{level}": side
        for task, level in EVERY_LEVEL
        if (side := avrgym.legible_size(f"{task}/{level}", "compact")) > 448
    }
    assert f"start at {min(large.values())} to {max(large.values())} pixels" in PAGE
    assert all("table_readout" in name for name in large)


def test_the_table_lists_every_level() -> None:
    text = (DOCS / "results" / "levels.md").read_text("utf-8")
    for task, part in zip(avrgym.TASKS, re.split(r"(?m)^## `", text)[1:], strict=True):
        sizes = part.split("Smallest legible picture")[1]
        for level in avrgym.levels(task):
            row = [avrgym.legible_size(f"{task}/{level}", theme) for theme in avrgym.THEMES]
            assert f"| {level} | {' | '.join(map(str, row))} |" in sizes
