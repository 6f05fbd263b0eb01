"""The page of a report: valid, self-contained, read on any screen; and the verb that writes it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import browser
from commands import Command

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("tyro")

from avrgym.report import palette
from avrgym.report.answers import answers
from avrgym.report.gathered import gather
from avrgym.report.inquiry import inquire
from avrgym.report.page import write_page
from evaluated import evaluated, run

_VOID = {"meta", "link", "img", "br", "input", "hr"}
_HOSTILE = "<b>&\"'x"


class Tags(HTMLParser):
    """Tags that do not match, and names that stand twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "xlink:href", "aria-labelledby") and value:
                self.links.append(value.removeprefix("#"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:])
        self.open.pop()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run and a subject, their folders named to be trouble."""
    folder = tmp_path_factory.mktemp("runs")
    run(folder / _HOSTILE, settings=["grid_navigation/simple"])
    evaluated(folder / "blind", "blind")
    page = folder / "page.html"
    inquiry = inquire(gather([folder / _HOSTILE, folder / "blind"]))
    write_page(inquiry, answers(inquiry), page)
    return page


def test_the_page_is_whole_and_stands_alone(made: Path) -> None:
    page = made.read_text("utf-8")
    tags = Tags(page)
    assert not tags.open and page.startswith("<!doctype html>")
    assert len(set(tags.ids)) == len(tags.ids)
    assert set(tags.links) <= {*tags.ids}
    assert "<b>&" not in page.replace("&lt;b&gt;&amp;", "") and "&lt;b&gt;&amp;" in page
    assert not re.search(r"""(src|href)=["'](?!data:image|#)""", page.replace("xlink:href", "href"))
    assert "url(http" not in page and "@import" not in page


def test_figures_are_drawn_in_the_colors_of_the_page(made: Path) -> None:
    page = made.read_text("utf-8")
    assert "#01fe" not in page and page.count("<svg") == page.count("</svg>") > 5
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    used = set(re.findall(r"var\(--(\w+)\)", drawn))
    for dark in (False, True):
        declared = set(re.findall(r"--(\w+):", palette.declared(dark)))
        assert used <= declared
        assert palette.declared(dark) in page


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    if browser.CHROMIUM is None:
        pytest.skip("no Chromium")
    with browser.browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_read_on_any_screen(
    made: Path, tab: browser.Page, width: int, dark: bool
) -> None:
    tab.sized(width, dark=dark)
    tab.go(made.as_uri())
    tab.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert tab.run("document.documentElement.scrollWidth") <= width
    wide = "[...document.querySelectorAll('.wide, .drawn')]"
    assert tab.run(f"{wide}.every(each => each.getBoundingClientRect().right <= innerWidth)")
    # What scrolls within its own box is reached by the keyboard.
    assert tab.run(f"{wide}.every(each => each.tabIndex === 0)")
    assert tab.run(_CONTRAST) >= 4.5
    assert not tab.complaints


# The least contrast of a text of the page with the page or the card behind it (WCAG 2).
_CONTRAST = """(() => {
    const part = value => (value /= 255) <= .04045
        ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
    const light = color => {
        const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
        return .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
    };
    const behind = node => {
        for (; node; node = node.parentElement) {
            const color = getComputedStyle(node).backgroundColor;
            if (!/, 0\\)$/.test(color)) return light(color);
        }
    };
    const texts = "h1, h2, p, th, td, td b, td small, figcaption, text";
    const shown = [...document.querySelectorAll(texts)];
    return Math.min(...shown.map(node => {
        const style = getComputedStyle(node);
        const fill = node.tagName === "text" ? style.fill : style.color;
        const [a, b] = [light(fill), behind(node)].sort((x, y) => y - x);
        return (a + .05) / (b + .05);
    }));
})()"""


def test_links_lead_to_sections(made: Path, tab: browser.Page) -> None:
    tab.sized(1280)
    tab.go(made.as_uri())
    tab.run("document.querySelector('nav a[href=\"#power\"]').click()")
    tab.until("Math.abs(document.getElementById('power').getBoundingClientRect().top) < 900")
    assert tab.run("location.hash") == "#power"


def test_the_verb_writes_and_prints(tmp_path: Path, command: Command) -> None:
    folder = evaluated(tmp_path / "blind", "blind", items="2")
    other = evaluated(tmp_path / "guess", "guess", items="2")
    code, told, _ = command("report", folder)
    page = folder / "report.html"
    assert code == 0 and told.strip() == str(page) and page.is_file()
    page.unlink()
    code, told, _ = command("report", folder, other, "--json", "--against", "guess")
    numbers = json.loads(told)
    assert code == 0 and numbers["compared"] == [["blind", "guess"]] and not page.exists()
    assert [each["name"] for each in numbers["sources"]] == ["blind", "guess"]
    to = tmp_path / "page.html"
    code, told, _ = command("report", folder, other, "--markdown", "--to", to)
    assert code == 0 and told.startswith("# blind, guess: 64 replies") and to.is_file()


def test_what_is_wrong_is_one_line(tmp_path: Path, command: Command) -> None:
    folder = evaluated(tmp_path / "blind", "blind", items="1")
    nothing = tmp_path / "nothing"
    for words, said in (
        ((nothing,), "holds neither a run (run.json) nor an evaluation"),
        ((folder, folder, "--json"), "is given twice; give each folder once"),
        ((folder, nothing), "several folders have one page; say where with --to"),
        ((folder, "--against", "nobody"), "no subject 'nobody' to compare to; give one of 'blind'"),
        ((folder, "--json", "--markdown"), "give one of them"),
        ((folder, "--to", tmp_path), "is no file in a folder that is there"),
        ((folder, "--to", nothing / "page.html"), "is no file in a folder that is there"),
    ):
        code, told, wrong = command("report", *words)
        assert code == 2 and not told
        [line] = wrong.splitlines()
        assert line.startswith("avrgym: ") and said in line
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "evaluation.toml",
        "results.jsonl",
    ]
