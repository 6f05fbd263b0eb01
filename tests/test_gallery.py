"""The gallery is one page that shows everything, to eyes, keyboards and readers alike."""

import base64
import html
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import TaskError
from sources import EVERY_LEVEL

pytest.importorskip("jinja2")
image = pytest.importorskip("PIL.Image")

from avrgym.report.gallery import write_gallery  # noqa: E402

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


class Tags(HTMLParser):
    """All tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gallery(tmp_path_factory.mktemp("gallery") / "new" / "gallery.html", size=64)


def test_every_task_level_and_theme_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    tags = Tags(text).found
    shots = [tag for tag in tags if tag[0] == "button"]
    assert [shot[1]["data-of"] for shot in shots[::3]] == [f"{t}-{lv}" for t, lv in EVERY_LEVEL]
    for task, level in EVERY_LEVEL:
        for theme in avrgym.THEMES:
            label = f"{task.replace('_', ' ')}, {level}, theme {theme}"
            assert sum(shot[1]["aria-label"] == label for shot in shots) == 1
    keys = [tag[1]["data-key"] for tag in tags if tag[0] == "article"]
    assert sorted(map(str, keys)) == sorted({str(shot[1]["data-of"]) for shot in shots})
    sources = [tag[1]["src"] or "" for tag in tags if tag[0] == "img" and "src" in tag[1]]
    assert len(sources) == 3 * len(EVERY_LEVEL)
    for i in (0, 50, 176):
        encoded = base64.b64decode(sources[i].partition("base64,")[2])
        task, level = EVERY_LEVEL[i // 3]
        theme = avrgym.THEMES[i % 3]
        side = avrgym.legible_size(f"{task}/{level}", theme)
        [drawn] = avrgym.render([f"{task}/{level}#test:0:0"], side, theme)
        assert np.array_equal(np.asarray(image.open(io.BytesIO(encoded)).convert("RGB")), drawn)


def test_the_page_needs_nothing_else(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:image|#)""", text)
    assert "url(" not in text and "@import" not in text and "fetch(" not in text
    assert [path.name for path in page.parent.iterdir()] == ["gallery.html"]


def test_every_picture_and_control_has_a_name(page: Path) -> None:
    tags = Tags(page.read_text("utf-8")).found
    assert tags[0] == ("html", {"lang": "en"})
    for tag, attributes in tags:
        if tag == "img":
            assert "alt" in attributes
        if tag in ("button", "aside", "nav"):
            assert attributes["aria-label"]
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    for _, attributes in tags:
        for key in ("aria-controls", "aria-labelledby"):
            assert attributes.get(key) is None or attributes[key] in ids
        if (attributes.get("href") or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in ids


def test_every_step_is_marked_by_its_skill(page: Path) -> None:
    text = page.read_text("utf-8")
    for task, level in EVERY_LEVEL:
        [sample] = avrgym.samples([f"{task}/{level}#test:0:0"])
        article = text.partition(f'<article data-key="{task}-{level}"')[2].partition("</article>")[
            0
        ]
        worked = article.partition('<p class="steps">')[2].partition("</p>")[0]
        assert html.unescape(re.sub(r"<[^>]*>", "", worked)) == sample.rationale
        assert re.findall(r'<span class="step (\w+)"', worked) == [s.skill for s in sample.steps]


def test_bad_arguments_leave_nothing_behind(tmp_path: Path) -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"tasks": ["maze"]},
        {"levels": ["easy"]},
        {"themes": ["neon"]},
        {"themes": []},
        {"size": 8},
        {"split": "dev"},
    )
    for wrong in cases:
        with pytest.raises(TaskError):
            write_gallery(tmp_path / "new" / "gallery.html", **wrong)
    assert not list(tmp_path.iterdir())


SCRIPT = """<script>
  const seen = [], shots = [...document.querySelectorAll(".shot")];
  const look = () => seen.push({
    key: [...document.querySelectorAll("article")]
      .filter(it => it.offsetParent).map(it => it.dataset.key),
    alt: document.querySelector(".large").alt,
    large: document.querySelector(".large").naturalWidth,
    held: shots.findIndex(it => it.getAttribute("aria-pressed") == "true"),
    twin: (document.querySelector("article:not([hidden]) pre") || {}).innerText,
  });
  const rest = () => new Promise(done => setTimeout(done, 200));
  (async () => {
    await rest(); look();
    shots[1].dispatchEvent(new PointerEvent("pointerenter")); await rest(); look();
    shots[3].dispatchEvent(new PointerEvent("pointerenter"));
    shots[3].dispatchEvent(new PointerEvent("pointerleave")); await rest(); look();
    shots[3].focus(); await rest(); look();
    shots[5].click(); await rest(); shots[0].focus(); await rest(); look();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    shots[0].blur(); shots[0].focus(); await rest(); look();
    const wide = document.documentElement.scrollWidth <= innerWidth;
    document.body.innerHTML = "<pre id=said></pre>";
    document.getElementById("said").textContent = btoa(JSON.stringify({ seen, wide }));
  })();
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_pointing_focusing_and_holding_in_a_browser(tmp_path: Path) -> None:
    levels = ["simple", "rung0"]
    made = write_gallery(
        tmp_path / "gallery.html", tasks=["grid_navigation"], levels=levels, size=448
    )
    made.write_text(made.read_text("utf-8").replace("</body>", SCRIPT), "utf-8")
    flags = "--headless --no-sandbox --disable-gpu --virtual-time-budget=5000 --dump-dom"
    said = subprocess.run(
        [str(CHROMIUM), *flags.split(), f"--user-data-dir={tmp_path / 'profile'}", made.as_uri()],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    found = re.search(r'<pre id="said">([\w+/=]+)</pre>', said.stdout)
    assert found, said.stderr[-500:]
    told = json.loads(base64.b64decode(found[1]))
    simple, rung = "grid_navigation-simple", "grid_navigation-rung0"
    name = "grid navigation, {}, theme {}".format
    assert [(look["key"], look["alt"], look["held"]) for look in told["seen"]] == [
        ([simple], name("simple", "paper"), -1),  # the first is shown at once
        ([simple], name("simple", "varied"), -1),  # pointing shows another theme
        ([simple], name("simple", "varied"), -1),  # passing over does not
        ([rung], name("rung0", "paper"), -1),  # focus does
        ([rung], name("rung0", "compact"), 5),  # a click holds against focus
        ([simple], name("simple", "paper"), -1),  # Escape lets go
    ]
    assert all(look["large"] == 448 for look in told["seen"])
    [sample] = avrgym.samples(["grid_navigation/simple#test:0:0"])
    assert told["seen"][0]["twin"].split() == sample.twin.split()
    assert told["wide"], "nothing is cut off or scrolls sideways"
