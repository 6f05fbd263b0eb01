"""The failure browser without a browser: what it holds, how much, and that rows say so."""

import json
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avrgym
from avrgym import Format, Prompt

pytest.importorskip("jinja2")
pytest.importorskip("PIL")

from answered import row as answered
from avrgym.analyses.failures import KINDS, kinds
from avrgym.analyses.skills import first_errors as first_shares
from avrgym.analyses.table import Table
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.pictures import Picture
from avrgym.evaluate.results import judged, said
from avrgym.models.completion import Completion
from avrgym.prompts.formats import prompt as asked_as
from avrgym.report import browser as module
from avrgym.report.browser import Browser, browse
from avrgym.report.browser_chosen import RIGHT, choose, first_errors
from avrgym.report.browser_packed import unpacked
from avrgym.report.browser_words import HEAD, TAIL, parts, visible
from avrgym.report.gathered import Gathered, gather
from browsed import HOSTILE, confused, evaluated, page, written
from recorded import record

LEVELS = ("grid_navigation/rung0", "table_readout/rung1", "visual_analogy/simple")


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """Two models that saw pictures of other sizes, and a subject."""
    root = tmp_path_factory.mktemp("browsed")
    asked: dict[str, Any] = {"suite": LEVELS, "items": 12, "formats": ("image", "text")}
    asked |= {"decodings": ("greedy", "sampled"), "draws": 2}
    small = Picture(96, "compact", insist=True)
    return gather(
        [
            evaluated(root / "early", confused("early", 0.8), small, **asked),
            evaluated(root / "late", confused("late", 0.3), **asked),
            evaluated(root / "guess", "guess", **asked),
        ]
    )


class Told:
    """A browser's data, read as its script reads them."""

    def __init__(self, browser: Browser) -> None:
        self.index = unpacked(browser.index)
        self.blocks = [unpacked(block) for block in browser.blocks]

    def replies(self) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Each reply by subject, address, format, decoding and draw."""
        index, at = self.index, 0
        items, told = index["items"], index["replies"]
        for i, count in enumerate(items["replies"]):
            block = self.blocks[i // index["block"]]
            sample, *replies = block["items"][i % index["block"]]
            assert len(replies) == count
            for prompt, flat in replies:
                key = (
                    index["subjects"][told["subject"][at]],
                    index["addresses"][items["address"][i]],
                    index["formats"][items["format"][i]][0],
                    index["decodings"][items["decoding"][i]],
                    items["draw"][i],
                )
                looks = [index["styles"][look] for look in flat[1::2]]
                yield (
                    key,
                    {name: column[at] for name, column in told.items()}
                    | {
                        "length": index["length"][items["address"][i]],
                        "sample": block["samples"][sample],
                        "prompt": block["prompts"][prompt],
                        "text": "".join(flat[::2]),
                        "parts": list(zip(flat[::2], looks, strict=True)),
                    },
                )
                at += 1


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["who"], row["address"], row["format"], row["decoding"], row["draw"]


def test_the_data_are_what_rows_say(gathered: Gathered) -> None:
    browser = browse(gathered)
    told = dict(Told(browser).replies())
    index = unpacked(browser.index)
    rows = list(gathered.rows())
    features = facts.features([row["address"] for row in rows])
    assert browser.all_failed + browser.all_right == len({key(row)[1:] for row in rows})
    assert (browser.failed, browser.right) == (browser.all_failed, browser.all_right)
    assert set(told) == {key(row) for row in rows}
    formats, decodings = (gathered.table[name].values for name in ("format", "decoding"))
    at = [avrgym.Address.parse(each[1]) for each in told]
    order = [
        (LEVELS.index(where.setting), where.index, formats.index(f), decodings.index(d), draw)
        for where, (_, _, f, d, draw) in zip(at, told, strict=True)
    ]
    assert order == sorted(order)
    became, (skill, reason) = kinds(gathered.table), first_errors(gathered.table)
    for place, row in enumerate(rows):
        mine = told[key(row)]
        [sample] = avrgym.samples([row["address"]])
        assert mine["sample"] == [sample.question, sample.twin, sample.answer]
        asked = asked_as(sample, row["format"], template=row["template"])
        assert mine["prompt"] == [["user", asked, Format.parse(row["format"]).pictured]]
        assert [mine[name] for name in ("kind", "skill", "reason")] == [
            became[place],
            skill[place],
            reason[place],
        ]
        assert (mine["tokens"], mine["finish"]) == (row["tokens"], row["finish"])
        assert mine["length"] == features[facts.length(task_of(row["level"]))][place]
        wrong = [step for step in row["steps"] if step[3] != "ok"]
        complaints = [note for _, look in mine["parts"] for _, note in look[2]]
        notes = [f"{step[2]}: {step[4]}".replace("_", " ") for step in wrong]
        assert sorted(complaints) == sorted(notes)
        if row["size"]:
            look = f"{row['size'][1]} x {row['size'][0]}, {row['theme']}"
            assert index["looks"][mine["look"]] == look
    assert index["subjects"][index["first"]] == "late"  # a model that failed, the last given


def test_first_errors_are_those_that_are_counted(gathered: Gathered) -> None:
    skill, _ = first_errors(gathered.table)
    [shares] = first_shares(gathered.table).values()
    for name, share in shares.skills.items():
        assert np.mean(skill == avrgym.SKILLS.index(name)) == pytest.approx(share.value)
    assert np.mean(skill == len(avrgym.SKILLS)) == pytest.approx(shares.none.value)
    tried = ("move", "wrong", "obstacle", True)
    said_too = ("read", "wrong", "wrong_value", False)
    thought = [answered(0, steps=[tried, said_too]), answered(1, steps=[tried])]
    skill, _ = first_errors(Table.of(thought))
    assert skill.tolist() == [avrgym.SKILLS.index("read"), len(avrgym.SKILLS)]


def rows_of(replies: Sequence[bytes], level: str = LEVELS[0]) -> list[dict[str, Any]]:
    prompts = [Prompt(f"{level}#test:0:{i}", Format("text")) for i in range(len(replies))]
    made = [Completion(reply) for reply in replies]
    return [row.row() for row in judged(prompts, made, stage="", decoding="greedy")]


def squeezed(text: str) -> str:
    """Without how many bytes were no text: a cut between two of them counts them apart."""
    return re.sub("\ufffd+", "\ufffd", text)


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60), st.text(max_size=60).map(str.encode) | st.sampled_from(HOSTILE)
        ),
        min_size=1,
        max_size=4,
    ).map(lambda pieces: b"\n".join(pieces)),
    st.integers(0, 3),
    st.booleans(),
)
def test_hostile_replies_are_data(reply: bytes, lines: int, marked: bool) -> None:
    [sample] = avrgym.samples([f"{LEVELS[0]}#test:0:0"])
    worked = sample.rationale.encode().splitlines(keepends=True)
    whole = b"".join(worked[:lines]) + reply + b"\n" + b"".join(worked[lines:][:2])
    rows = rows_of([whole])
    if marked:  # whatever a step may come to stand for
        rows[0]["steps"] = [[0, len(whole) - 1, "read", "wrong", "extra"]]
    with TemporaryDirectory() as folder:
        browser = browse(gather([written(Path(folder) / "mine", rows)]))
    [(_, told)] = Told(browser).replies()
    shown = visible(said(rows[0]).decode("utf-8", "replace"))
    assert squeezed(told["text"]) == squeezed(shown)
    unseen = {unicodedata.category(letter) for letter in shown if letter not in "\n\t"}
    assert not unseen & {"Cc", "Cf", "Zl", "Zp"}
    for state in ("ok", "wrong", "unsupported"):
        assert (state in [look[0] for _, look in told["parts"]]) <= (
            state in [step[3] for step in rows[0]["steps"]]
        )
    tags = Tags(page(browser))
    assert tags.count("script") == 2 + len(browser.blocks) + len(browser.urls)
    assert tags.count("img") == 1 + len(browser.cards)
    assert not {name for tag in tags.found for name in tag[1] if name.startswith("on")}


class Tags(HTMLParser):
    """The tags of a page, what stands where no script runs among them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.found)


def test_what_is_unseen_is_named() -> None:
    assert visible("a\tb\nc é 漢 😀") == "a\tb\nc é 漢 😀"
    assert visible("\u202eab\u2028\x00\x1b\x7f\r") == "⟦U+202E⟧ab⟦U+2028⟧␀␛⟦U+007F⟧␍"


@given(st.text(min_size=1, max_size=30), st.integers(1, 20_000), st.integers(0, 60))
def test_long_replies_are_cut_in_the_middle_and_say_so(text: str, size: int, steps: int) -> None:
    text *= size // len(text.encode()) + 1
    raw = text.encode()
    bounds = [(at * 300, at * 300 + 250) for at in range(steps if text.isascii() else 0)]
    marks = [[*each, "move", "wrong", "obstacle"] for each in bounds]
    shown = parts({"reply": text, "raw": None, "steps": marks})
    left = [part for part in shown if part.look.state == "left"]
    words = "".join(part.text for part in shown if part.look.state != "left")
    complaints = sum(len(part.look.complaints) for part in shown)
    if len(raw) <= HEAD + TAIL:
        assert not left and words == visible(text)
        assert complaints == sum(start < len(raw) for start, _ in bounds)
        return
    [note] = left
    [gone] = re.findall(r"[\d,]+", note.text)
    kept = len(raw) - int(gone.replace(",", ""))
    assert abs(kept - HEAD - TAIL) < 4
    for first in range(HEAD - 3, HEAD + 1):
        head = raw[:first].decode("utf-8", "ignore")
        tail = raw[len(raw) - kept + len(head.encode()) :].decode("utf-8", "replace")
        if visible(head + tail) == words:
            break
    else:
        raise AssertionError("neither the beginning nor the end")
    ended = [end for start, end in bounds if start < len(raw) and not HEAD < end < len(raw) - TAIL]
    assert complaints == len(ended)


def test_bounds_hold_and_are_stated(gathered: Gathered, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = browse(gathered)
    few = browse(gathered, most=30, pictures=5)
    assert (few.failed, few.right, few.pictured, len(few.urls)) == (20, 0, 5, 5)  # 60 replies
    text = page(few)
    assert f"{few.all_failed:,} items on which somebody is not right; 20 of them are here" in text
    assert f"5 of {few.pictures:,} pictures are here" in text
    assert f"{few.all_right} on which all are right; 0 of them are here" in text
    monkeypatch.setattr(module, "ROOM_FOR_WORDS", 20_000)
    monkeypatch.setattr(module, "ROOM", 40_000)
    small = browse(gathered)
    assert sum(map(len, small.blocks)) <= 20_000 and small.size <= 40_000
    assert 1 <= small.failed < whole.failed and small.pictured < whole.pictured
    assert f"{small.failed} of them are here" in page(small)


def test_the_same_rows_make_the_same_page_and_their_order_does_not_choose(
    gathered: Gathered, tmp_path: Path
) -> None:
    assert browse(gathered, most=40) == browse(gathered, most=40)
    rows = [row for row in gathered.rows() if row["who"] == "late"]
    for row in rows:
        del row["who"]
    shuffled = rows.copy()
    random.Random(0).shuffle(shuffled)
    held = []
    for name, mine in (("one", rows), ("two", shuffled)):
        one = gather([written(tmp_path / name / "late", mine)])
        held.append({each for each, _ in Told(browse(one, most=25, pictures=0)).replies()})
    assert held[0] == held[1]


@given(
    st.lists(st.sampled_from([(0, 0, 1)] * 3 + [(0, 0, 2), (1, 0, 0), (0, 1, 3)]), min_size=1),
    st.integers(1, 20),
    st.integers(1, 3),
)
def test_what_is_left_out_is_left_out_evenly(
    given: list[tuple[int, int, int]], most: int, times: int
) -> None:
    given = given * times
    skills = ("", "read", "move", "conclude")
    rows = [
        {
            "who": "me",
            "address": f"grid_navigation/rung{level}#test:0:{at}",
            "level": f"grid_navigation/rung{level}",
            "format": ("image", "text")[shown],
            "decoding": "greedy",
            "draw": 0,
            "finish": "stop",
            "outcome": "wrong",
            "correct": False,
            "parsed": True,
            "steps": [(0, 1, skills[skill], "wrong", "extra")] if skill else [],
        }
        for at, (level, shown, skill) in enumerate(given)
    ]
    table = Table.of([*rows, rows[0] | {"who": "you", "correct": True}])
    chosen = choose(table, most)
    assert len(chosen) == chosen.failed == min(most, len(rows))
    held = Counter(given[row] for row in chosen.rows.tolist() if row < len(rows))
    there = Counter(given)
    for stratum, count in held.items():
        for other, total in there.items():
            assert held[other] >= min(total, count - 1), (stratum, other)


def test_replies_of_all_subjects_stand_together_and_others_fail_apart(gathered: Gathered) -> None:
    table = gathered.table
    chosen = choose(table, 10_000)
    counts = np.bincount(chosen.item)
    assert set(counts.tolist()) == {3}  # of other sizes, and one item all the same
    bad = np.bincount(chosen.item, kinds(table)[chosen.rows] != RIGHT) > 0
    assert bad[: chosen.failed].all() and not bad[chosen.failed :].any()


def test_without_a_script_the_first_failures_stand_there(gathered: Gathered) -> None:
    browser = browse(gathered)
    assert len(browser.cards) == 12
    rows = {key(row): row for row in gathered.rows()}
    text = page(browser)
    cards = text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert cards.count('<article class="fb-card">') == 12
    for card in browser.cards:
        assert card.subject == "late" and card.kind in KINDS[1:] and card.picture
        said_so = "".join(part.text for part in card.parts)
        assert any(
            squeezed(said_so) == squeezed(visible(said(row).decode("utf-8", "replace")))
            for each, row in rows.items()
            if each[:2] == ("late", card.address)
        )


def test_the_page_needs_nothing_else(gathered: Gathered) -> None:
    text = page(browse(gathered))
    assert not re.search(r"""(src|href)=["'](?!data:image|#)""", text)
    assert "url(" not in text and "@import" not in text and "fetch(" not in text
    ids = [attributes["id"] for _, attributes in Tags(text).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_asked_and_nothing_failed_are_said(tmp_path: Path) -> None:
    assert "Nothing was asked yet." in page(browse(gather([written(tmp_path / "none", [])])))
    [sample] = avrgym.samples([f"{LEVELS[0]}#test:0:0"])
    right = rows_of([sample.rationale.encode()])
    browser = browse(gather([written(tmp_path / "right", right)]), most=10)
    assert (browser.failed, browser.right, browser.all_right) == (0, 1, 1)
    assert "Nobody failed on anything." in page(browser)
    json.dumps(unpacked(browser.index))


def test_a_run_is_told_by_its_stages_and_drawn_as_it_draws(tmp_path: Path) -> None:
    kept = record(tmp_path / "run", ("start", "sft"))
    rows = list(kept.results())
    for row in rows:  # as older ones are
        for name in ("template", "size", "theme", "policy", "seconds", "seed"):
            del row[name]
    (kept.folder / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    browser = browse(gather([kept.folder]), pictures=4)
    index = unpacked(browser.index)
    assert (index["subjects"], index["first"]) == (["before", "after SFT"], 1)
    assert index["looks"] == ["112 x 112, compact"] and browser.pictured == 4
    assert {*index["replies"]["template"]} == {"plain"}
