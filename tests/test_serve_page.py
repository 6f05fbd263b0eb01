"""The page of ``play --serve`` in a browser: chosen, walked, judged, and kept in its address."""

import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

import avrgym
from browser import CHROMIUM, Page, browser

pytest.importorskip("uvicorn", reason="the serve extra is not installed")
pytest.importorskip("tyro")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

GRID = "grid_navigation/rung0#test:0:7"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Of a page that the command serves."""
    command = [sys.executable, "-m", "avrgym.cli", "play", "--serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def opened(page: Page, url: str, **state: str) -> None:
    page.go(f"{url}#{urlencode(state)}")
    page.until(
        "shown && document.getElementById('drawn').src && !document.querySelector('main.stale')"
    )


def text(page: Page, name: str) -> str:
    said: str = page.run(f"document.getElementById('{name}').textContent")
    return said


def test_choosing_walking_and_judging(page: Page, url: str) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    page.sized(1280)
    opened(page, url)
    chosen = {"task": "grid_navigation", "level": "rung0", "split": "test", "index": "7"}
    for control, value in chosen.items():
        page.choose(control, value)
    page.until(f"shown.address === '{GRID}'")
    [sample] = avrgym.samples([GRID])
    assert text(page, "twin") == sample.twin
    # The keyboard alone walks it.
    page.run("at('walk').click()")
    page.until("at('said').textContent")
    for move in sample.answer.split(", "):
        page.press(f"Arrow{move.title()}")
    page.until("at('said').textContent.startsWith('done')")
    page.press("Backspace")
    page.until("at('said').textContent === '0 left, 1 to go'")
    # What is typed is judged.
    page.run("at('reply').focus()")
    page.type("aa to cb\naa right ab")
    page.until("at('outcome').textContent === 'unparsed'")
    assert page.run("document.querySelector('#judged .wrong').textContent") == "aa right ab"
    page.type(f"\nAnswer: {sample.answer}")
    page.until("at('outcome').textContent === 'correct'")
    assert text(page, "wrong") == ""
    # The address says it all: elsewhere it shows the same.
    seen = [text(page, name) for name in ("judged", "said", "moves", "twin")]
    page.go(page.run("location.href"))
    page.until("at('outcome').textContent === 'correct' && at('said').textContent")
    assert [text(page, name) for name in ("judged", "said", "moves", "twin")] == seen
    page.run("at('after').click()")
    page.until("shown.address.endsWith(':8')")
    assert page.complaints == []


def test_what_is_wrong_is_one_line_and_what_is_right_comes_back(page: Page, url: str) -> None:
    page.sized(1280)
    opened(page, url, address=GRID)
    page.complaints.clear()
    page.choose("address", "grid_navigation/rung99#test:0:7")
    page.until("at('wrong').textContent.includes('rung99')")
    assert "\n" not in text(page, "wrong")
    page.choose("level", "hard")
    page.until("!at('wrong').textContent && shown.address.includes('hard')")
    page.choose("size", "64")
    page.until("at('unread').textContent.includes('too small')")


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_nothing_scrolls_sideways_and_every_control_has_a_name(
    page: Page, url: str, width: int, dark: bool
) -> None:
    page.sized(width, dark=dark)
    for task in avrgym.TASKS:
        opened(page, url, address=f"{task}/hard#test:0:1", walk="", reply="Answer: 1")
        page.until("at('outcome').textContent && at('steps').textContent")
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), task
        unnamed = page.run("""[...document.querySelectorAll("input, select, textarea, button")]
            .filter(it => !it.labels?.length && !it.ariaLabel && !it.textContent.trim())
            .map(it => it.id)""")
        assert unnamed == []
