"""The page on scripts of one's own names what is there."""

import re
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

PAGE = (Path(__file__).parent.parent / "docs" / "trl.md").read_text("utf-8")


def test_every_piece_on_the_page_is_there() -> None:
    for name in re.findall(r"`(avrgym(?:\.\w+)+)", PAGE):
        module, _, leaf = name.rpartition(".")
        try:
            found = __import__(module, fromlist=[leaf])
        except ImportError:
            module, _, holder = module.rpartition(".")
            found = getattr(__import__(module, fromlist=[holder]), holder)
        assert hasattr(found, leaf) or __import__(name, fromlist=["_"])
