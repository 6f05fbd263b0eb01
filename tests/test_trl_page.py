"""The blocks of the page on scripts of one's own run, and print what stands behind them."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

PAGE = (Path(__file__).parent.parent / "docs" / "trl.md").read_text("utf-8")
BLOCKS = re.findall(r"```(python|text)\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_prints_what_it_says() -> None:
    space: dict[str, Any] = {}
    shown = 0
    for (kind, code), (after, printed) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True):
        if kind == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(code, "docs/trl.md", "exec"), space)
            if said.getvalue():
                assert (after, said.getvalue()) == ("text", printed)
                shown += 1
    assert shown == 3
    board = space["GridBoard"](format="text")
    board.reset(address="grid_navigation/rung0#train:0:0")
    assert space["quickly"]([board]) == [0.0]


def test_every_piece_on_the_page_is_there() -> None:
    for name in re.findall(r"`(avrgym(?:\.\w+)+)", PAGE):
        module, _, leaf = name.rpartition(".")
        try:
            found = __import__(module, fromlist=[leaf])
        except ImportError:
            module, _, holder = module.rpartition(".")
            found = getattr(__import__(module, fromlist=[holder]), holder)
        assert hasattr(found, leaf) or __import__(name, fromlist=["_"])
