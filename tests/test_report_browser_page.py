"""The failure browser in Chromium: filters count what rows say, keys move, links show the same."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import avrgym
from browser import CHROMIUM, Page, browser

pytest.importorskip("jinja2")
pytest.importorskip("PIL")

from avrgym.analyses.failures import KINDS, kinds
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.pictures import Picture
from avrgym.evaluate.results import said
from avrgym.report.browser import browse
from avrgym.report.browser_chosen import first_errors
from avrgym.report.browser_words import visible
from avrgym.report.gathered import Gathered, gather
from avrgym.report.names import format_name
from browsed import confused, evaluated, page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

LEVELS = ("grid_navigation/rung0", "grid_navigation/rung3", "table_readout/rung1")
AT = "document.getElementById('fb-{}')".format


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    root = tmp_path_factory.mktemp("browsed")
    asked: dict[str, Any] = {"suite": LEVELS, "items": 24, "formats": ("image", "text")}
    asked |= {"decodings": ("greedy",)}
    small = Picture(112, "compact", insist=True)
    return gather(
        [
            evaluated(root / "early", confused("early", 0.9), small, **asked),
            evaluated(root / "late", confused("late", 0.3), **asked),
        ]
    )


@pytest.fixture(scope="module")
def url(gathered: Gathered, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page(browse(gathered)), "utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def opened(tab: Page, url: str, width: int = 1280, dark: bool = False) -> None:
    tab.complaints.clear()
    tab.sized(width, dark=dark)
    tab.go(url)
    settled(tab)


def settled(tab: Page) -> None:
    tab.until("document.getElementById('failures').dataset.count")


def chosen(tab: Page, **values: str) -> int:
    """Chooses values, and says how many items are left."""
    for name, value in values.items():
        tab.run("delete document.getElementById('failures').dataset.count")
        tab.choose(f"fb-{name}", value)
        settled(tab)
    return int(tab.run("document.getElementById('failures').dataset.count"))


def text(tab: Page, name: str) -> str:
    told: str = tab.run(f"{AT(name)}.innerText")
    return told


def offered(tab: Page, name: str) -> dict[str, int]:
    """The choices of a filter, each with the number beside it."""
    told: list[str] = tab.run(f"[...{AT(name)}.options].map(it => it.text)")
    found = (re.fullmatch(r"(.*) \(([\d,]+)\)", each) for each in told)
    return {each[1]: int(each[2].replace(",", "")) for each in found if each}


def value(tab: Page, name: str, words: str) -> str:
    """The value of a choice."""
    told: str = tab.run(
        f"[...{AT(name)}.options].find(it => it.text.startsWith({words!r} + ' (')).value"
    )
    return told


class Items:
    """Replies by item and subject, as Python counts them."""

    def __init__(self, gathered: Gathered) -> None:
        became, (skill, reason) = kinds(gathered.table), first_errors(gathered.table)
        rows = list(gathered.rows())
        features = facts.features([row["address"] for row in rows])
        self.items: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        for place, row in enumerate(rows):
            wrong = int(skill[place]) < len(avrgym.SKILLS)
            told = {
                "kind": KINDS[became[place]],
                "skill": avrgym.SKILLS[skill[place]] if wrong else "no step is wrong",
                "reason": avrgym.REASONS[reason[place]] if wrong else "",
                "task": task_of(row["level"]),
                "level": row["level"],
                "format": format_name(row["format"]),
                "length": int(features[facts.length(task_of(row["level"]))][place]),
                "said": visible(said(row).decode("utf-8", "replace")),
            }
            for name in ("skill", "reason", "task"):
                told[name] = told[name].replace("_", " ")
            mine = self.items.setdefault((row["address"], row["format"]), {})
            mine[row["who"]] = told

    def about(self, left: str, right: str | None = None) -> list[dict[str, Any]]:
        """The reply of each item that filters ask about."""
        found = []
        for mine in self.items.values():
            one, other = mine[left], mine[right or left]
            flags = [one["kind"] == "right", other["kind"] == "right"]
            asked = other if flags == [True, False] else one
            change = {(True, False): "right → wrong", (False, True): "wrong → right"}
            change |= {(False, False): "neither is right"}
            both = one["said"] + "\0" + other["said"]
            found.append(asked | {"change": change.get((flags[0], flags[1]), ""), "both": both})
        return found


def counted(asked: list[dict[str, Any]], name: str) -> dict[str, int]:
    values = [each[name] for each in asked if each[name]]
    return {each: values.count(each) for each in dict.fromkeys(values)}


FILTERS = ("skill", "reason", "task", "level", "format")


def test_filters_count_what_rows_say(tab: Page, url: str, gathered: Gathered) -> None:
    opened(tab, url)
    items = Items(gathered)
    assert tab.run(f"{AT('left')}.selectedOptions[0].text") == "late"
    every = items.about("late")
    failed = [each for each in every if each["kind"] != "right"]
    assert chosen(tab) == len(failed) and f"{len(failed)} of {len(every)}" in text(tab, "count")
    assert counted(every, "kind") | {"not right": len(failed), "any": len(every)} == offered(
        tab, "kind"
    )
    for name in FILTERS:
        told = offered(tab, name)
        assert told.pop("any") == len(failed)
        assert told == counted(failed, name), name
        for words, count in told.items():
            assert chosen(tab, **{name: value(tab, name, words)}) == count
        chosen(tab, **{name: ""})
    # Two filters: beside each choice stands what is left under the others.
    chosen(tab, level=value(tab, "level", LEVELS[1]))
    mine = [each for each in failed if each["level"] == LEVELS[1]]
    assert offered(tab, "format") == counted(mine, "format") | {"any": len(mine)}
    assert offered(tab, "level") == counted(failed, "level") | {"any": len(failed)}
    middle = sorted(each["length"] for each in mine)[len(mine) // 2]
    assert chosen(tab, min=str(middle)) == sum(each["length"] >= middle for each in mine)
    assert chosen(tab, max=str(middle)) == sum(each["length"] == middle for each in mine)
    tab.run(f"delete document.getElementById('failures').dataset.count, {AT('reset')}.click()")
    settled(tab)
    assert tab.run(f"{AT('reset')}.hidden")
    assert chosen(tab) == len(failed)


def test_sorting_goes_by_length_and_tokens(tab: Page, url: str, gathered: Gathered) -> None:
    opened(tab, url)
    lengths = [each["length"] for each in Items(gathered).about("late") if each["kind"] != "right"]
    for order, due in (("shortest", min(lengths)), ("longest", max(lengths))):
        chosen(tab, sort=order)
        assert re.search(rf"\b{due} ·", text(tab, "asked"))
    tokens = []
    for order in ("fewest", "most"):
        chosen(tab, sort=order)
        found = re.search(r"([\d,]+) tokens", text(tab, "replies"))
        tokens.append(int(found[1].replace(",", "")) if found else -1)
    assert tokens[0] < tokens[1]


def test_two_side_by_side(tab: Page, url: str, gathered: Gathered) -> None:
    opened(tab, url)
    items = Items(gathered).about("early", "late")
    chosen(tab, left="0", right="1")
    failed = [each for each in items if each["kind"] != "right"]
    differ = [each for each in items if each["change"].startswith(("right", "wrong"))]
    due = counted(failed, "change") | {"any": len(failed), "they differ": len(differ)}
    assert offered(tab, "change") == due
    assert offered(tab, "skill") == counted(failed, "skill") | {"any": len(failed)}
    assert chosen(tab, change="gained") == due["wrong → right"]
    heads = tab.run(
        "[...document.querySelectorAll('#fb-replies h4')].map(it => it.innerText.split(/\\s+/))"
    )
    assert [head[0] for head in heads] == ["early", "late"]
    assert heads[0][1] != "right" and heads[1][1] == "right"
    chosen(tab, format=value(tab, "format", "image"))
    assert text(tab, "caption") == "early saw 112 x 112, compact; late saw 448 x 448, paper"
    chosen(tab, format="")
    assert chosen(tab, change="differ") == len(differ)


def test_what_is_shown_is_what_was_said(tab: Page, url: str, gathered: Gathered) -> None:
    opened(tab, url)
    items = Items(gathered).items
    for _ in range(12):
        shown: str = tab.run("document.getElementById('failures').dataset.shown")
        address, format = shown.split(" ")[:2]
        [sample] = avrgym.samples([address])
        assert tab.run(f"{AT('twin')}.textContent") == sample.twin
        assert tab.run(f"{AT('answer')}.textContent") == sample.answer
        assert tab.run(f"{AT('command')}.textContent") == f"avrgym show '{address}'"
        body = "document.querySelector('#fb-replies .fb-reply')"
        parts = f"[...{body}.childNodes].filter(it => !it.classList?.contains('fb-why'))"
        told = tab.run(f"{parts}.map(it => it.textContent).join('')")
        due = items[address, format]["late"]["said"]
        assert re.sub("\ufffd+", "\ufffd", told) == re.sub("\ufffd+", "\ufffd", due) or not due
        assert tab.run(f"{AT('picture')}.complete && {AT('picture')}.naturalWidth") == 448
        tab.run(f"{AT('next')}.click()")
        tab.until(f"![{shown!r}, ''].includes(document.getElementById('failures').dataset.shown)")
    assert tab.run("window.hacked") is None and not tab.complaints


def test_words_are_found(tab: Page, url: str, gathered: Gathered) -> None:
    opened(tab, url)
    chosen(tab, left="0", right="1")
    items = [each for each in Items(gathered).about("early", "late") if each["kind"] != "right"]
    found = []
    markup = "<IMG src=x onerror='window.hacked = 1'>"
    for words in (markup, "shalom", "שלום", "⟦U+202E⟧", "Answer: "):
        tab.run("delete document.getElementById('failures').dataset.count")
        tab.run(f"{AT('text')}.focus(), {AT('text')}.select()")
        tab.type(words)
        settled(tab)
        due = sum(words.lower() in each["both"].lower() for each in items)
        assert chosen(tab) == due, words
        found.append(bool(due))
        if due:
            marks = "[...document.querySelectorAll('#fb-replies mark')].map(it => it.textContent)"
            assert {mark.lower() for mark in tab.run(marks)} == {words.lower()}
    assert found == [True, False, True, True, True]
    assert tab.run("window.hacked") is None and not tab.complaints


def test_a_link_shows_the_same(tab: Page, url: str) -> None:
    opened(tab, url)
    chosen(tab, left="0", right="1", change="differ", format="1", sort="longest", min="2")
    tab.press("j", "j")
    tab.until("location.hash.includes('item')")
    state = f"[document.getElementById('failures').dataset.shown, {AT('replies')}.innerText]"
    told = tab.run(state)
    count, link = chosen(tab), tab.run("location.href")
    assert link.partition("#")[2].startswith("failures&") and "left=early" in link
    opened(tab, link)
    assert chosen(tab) == count and tab.run(state) == told
    # What is no filter of this page is left out, and the rest holds.
    opened(tab, f"{url}#failures&left=nobody&level=none&sort=odd&format=text&item=gone")
    assert tab.run(f"{AT('left')}.selectedOptions[0].text") == "late"
    assert tab.run(f"{AT('sort')}.value") == "address" and chosen(tab) > 0
    assert not tab.complaints


def test_keys_move_search_and_help(tab: Page, url: str) -> None:
    opened(tab, url)
    place = "+document.querySelector('[aria-selected=true]').getAttribute('aria-posinset')"
    tab.run(f"{AT('list')}.focus()")
    tab.press("j", "ArrowDown", "j")
    assert tab.run(place) == 4
    tab.press("k", "ArrowUp")
    assert tab.run(place) == 2
    active = f"document.getElementById({AT('list')}.getAttribute('aria-activedescendant'))"
    assert tab.run(f"{active}.ariaSelected") == "true"
    tab.press("End")
    assert tab.run(place) == chosen(tab)
    assert tab.run(f"{AT('next')}.disabled")
    tab.press("Home", "?")
    assert tab.run(f"{AT('help')}.open") and tab.run(place) == 1
    tab.run(f"{AT('help')}.close()")
    tab.press("/")
    assert tab.run("document.activeElement.id") == "fb-text"
    tab.press("j")  # a letter, where one types
    assert tab.run(place) == 1
    tab.press("Escape")
    assert tab.run("document.activeElement.id") == "fb-list"
    assert tab.run("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_every_control_has_a_name(tab: Page, url: str) -> None:
    opened(tab, url)
    controls = "[...document.querySelectorAll('#failures :is(input, select, button, img, dialog)')]"
    named = "it => it.labels?.length || it.ariaLabel || it.innerText || it.alt"
    nameless = f"{controls}.filter(it => !({named})(it)).map(it => it.id)"
    assert tab.run(nameless) == []
    roles = "[...document.querySelectorAll('.fb-row')].map(it => it.getAttribute('role'))"
    assert {*tab.run(roles)} == {"option"}
    assert tab.run("document.querySelector('.fb-reply').dir") == "auto"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_screens_in_light_and_dark(tab: Page, url: str, width: int, dark: bool) -> None:
    opened(tab, f"{url}#failures&left=early&right=late", width, dark)
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    boxes: list[Mapping[str, float]] = tab.run(
        f"[{AT('list')}, {AT('item')}].map(it => it.getBoundingClientRect().toJSON())"
    )
    assert (boxes[0]["bottom"] <= boxes[1]["top"]) is (width < 600)  # above, or beside
    ground, ink = tab.run(
        f"['backgroundColor', 'color'].map(name => getComputedStyle({AT('item')})[name])"
    )
    ground, ink = (sum(map(float, re.findall(r"[\d.]+", it)[:3])) for it in (ground, ink))
    assert (ground > ink) is not dark


def test_ten_thousand_stay_usable(tab: Page, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"suite": ("*/simple",), "items": 1250, "formats": ("image", "text")}
    folder = evaluated(tmp_path / "guess", "guess", decodings=("greedy",), **asked)
    made = browse(gather([folder]), pictures=20)
    assert made.failed + made.right > 9_000 and made.size < 12_000_000
    file = tmp_path / "page.html"
    file.write_text(page(made), "utf-8")
    opened(tab, file.as_uri())
    rows = "document.querySelectorAll('.fb-row').length"
    assert chosen(tab) == made.failed and 5 < tab.run(rows) < 60
    tab.run(f"{AT('list')}.scrollTop = 1e9")
    last = f"document.querySelector('[aria-posinset=\"{made.failed}\"]')"
    tab.until(last)
    assert tab.run(rows) < 60
    tab.run(f"{last}.click()")
    tab.until("document.getElementById('failures').dataset.shown")
    assert tab.run(f"{AT('next')}.disabled")
    tab.run("delete document.getElementById('failures').dataset.count")
    tab.run(f"{AT('text')}.focus()")
    tab.type("answer")
    settled(tab)
    assert 0 < chosen(tab) <= made.failed and tab.run(rows) < 60
    assert not tab.complaints
