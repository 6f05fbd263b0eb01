"""The docs site is built without a warning, and what is made of the code is whole."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zensical", reason="needs the docs extra: pip install avrgym[docs]")
pytest.importorskip("mkdocstrings_handlers.python")

import avrgym
from avrgym.core import facts

ROOT = Path(__file__).parent.parent
PAGES, SITE = ROOT / "build" / "docs", ROOT / "build" / "site"


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """One build, which fails where a link or a name of the reference leads nowhere."""
    command = [sys.executable, str(ROOT / "scripts" / "docs" / "build.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_a_task_page_says_all_that_is_known(task: str) -> None:
    page = (PAGES / "tasks" / f"{task}.md").read_text("utf-8")
    said = facts.meanings(task)
    for name in (each.name for each in said.parameters):
        assert f"| `{name}` |" in page
    for name in (*said.features, *said.shortcuts):
        assert f"| `{name}` |" in page
    for level in avrgym.levels(task):
        sizes = [avrgym.legible_size(f"{task}/{level}", theme) for theme in avrgym.THEMES]
        row = " | ".join(map(str, sizes))
        assert re.search(rf"^\| `{level}` \| .* \| {re.escape(row)} \|$", page, re.MULTILINE)
    assert len(list((PAGES / "tasks").glob(f"{task}-*.png"))) == 3
    assert f'tasks/{task}.html"' in (SITE / "index.html").read_text("utf-8"), "it is in the menu"


def test_a_run_page_has_every_key() -> None:
    pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
    from avrgym.models.spec import MODELS
    from avrgym.prm.heads import HEADS
    from avrgym.train.curricula import CLIMBS, CURRICULA
    from avrgym.train.spec import Run
    from avrgym.train.stages import STAGES

    page = (PAGES / "run-file.md").read_text("utf-8")
    every: list[Any] = [Run, *MODELS, *STAGES, *CURRICULA, *CLIMBS, *HEADS]
    for kind in every:
        [section] = [s for s in page.split("\n## ") if f"{kind.__module__}.{kind.__name__}`" in s]
        for key in (field.name for field in fields(kind) if field.name != "kind"):
            assert re.search(
                rf"^\| `{key}` \|[^|]+\|[^|]+\|[^|]*\w[^|]*\|", section, re.MULTILINE
            ), key


def test_every_example_has_its_place() -> None:
    page = (PAGES / "clients.md").read_text("utf-8")
    for script in (ROOT / "examples").glob("*.py"):
        assert f"## `{script.name}`" in page


def test_nothing_is_fetched_when_a_page_is_looked_at() -> None:
    pages = list(SITE.rglob("*.html"))
    assert len(pages) > 30
    fetched = re.compile(
        r"<(?:script|img|iframe)[^>]+src=.?(?:https?:)?//|<link[^>]+href=.?(?:https?:)?//"
    )
    for page in pages:
        assert not fetched.search(page.read_text("utf-8")), page
    for style in SITE.rglob("*.css"):
        assert not re.search(r"url\(.?(?:https?:)?//|@import", style.read_text("utf-8")), style


def test_the_reference_shows_the_public_surface() -> None:
    told = "".join(page.read_text("utf-8") for page in (SITE / "api").glob("*.html"))
    missing = []
    for name in avrgym.__all__:
        value = getattr(avrgym, name)
        place = getattr(value, "__module__", None)
        if place and place.startswith("avrgym.") and callable(value):
            missing += [] if f"{place}.{name}" in told else [name]
    assert not missing
