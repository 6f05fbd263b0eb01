"""What docs/environments.md shows runs, block by block, and what it counts is so."""

import re
from pathlib import Path

import pytest

from avrgym import Source, contents

PAGE = (Path(__file__).parent.parent / "docs" / "environments.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_small_levels_repeat_as_is_said() -> None:
    shown = set(contents(Source("grid_navigation", "rung0").addresses(range(10_000))))
    asked = contents(Source("grid_navigation", "rung0", "test").addresses(range(2_000)))
    assert sum(content in shown for content in asked) / 2_000 == pytest.approx(0.5, abs=0.05)
