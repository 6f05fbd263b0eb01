"""What docs/pictures.md and the table of legible sizes say is so."""

import re
from pathlib import Path

import avrgym
from sources import EVERY_LEVEL

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "pictures.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_sizes_in_comments_are_those_given() -> None:
    shown = re.findall(r"^avrgym\.legible_size\((.*?)\)  # (\d+)", PAGE, re.MULTILINE)
    assert shown
    for call, size in shown:
        arguments = [word.strip('" ') for word in call.split(",")]
        assert avrgym.legible_size(*arguments) == int(size)


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
