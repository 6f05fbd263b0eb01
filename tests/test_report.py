"""The report of a run: made from its record alone, whatever stages, tasks and formats it has."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym import _core
from avrgym.core.score import Score

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.length import by_length
from avrgym.analyses.seeds import entry, half_width
from avrgym.report.answers import answers, as_json
from avrgym.report.gathered import gather
from avrgym.report.inquiry import inquire
from avrgym.report.page import write_report
from avrgym.report.seconds import spent
from avrgym.report.sections.headline import HEADLINE
from avrgym.report.stages import role, stages
from avrgym.report.study import study
from evaluated import said
from recorded import FORMATS, LEVELS, record


class Tables(HTMLParser):
    """The cells of a page's tables, captions as first cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("caption", "tr"):
            self.rows.append([""] if tag == "caption" else [])
            self.open = tag == "caption"
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag not in ("td", "th", "caption")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    made = record(tmp_path_factory.mktemp("runs") / "by-hand")

    def refuse(*_: object) -> None:
        raise AssertionError("a report judges")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_core, "verify", refuse)
        page = write_report(made).read_text("utf-8")
    yield made, page


def test_the_page_needs_nothing_else(whole: tuple[Any, str]) -> None:
    _, page = whole
    assert not re.search(r"""(src|href)=["'](?!data:image|#)""", page.replace("xlink:href", "href"))
    assert "url(http" not in page and "@import" not in page


def test_a_reports_stages_are_those_of_the_record_in_order(whole: tuple[Any, str]) -> None:
    made, page = whole
    told = stages(made.events(), list(made.results()))
    assert [(s.name, s.label, s.first, s.last) for s in told] == [
        ("start", "before", 0, 0),
        ("sft", "SFT", 0, 90),
        ("climb", "climb", 90, 150),
        ("grpo", "GRPO", 150, 200),
    ]
    assert told[2].shade == "#e9f5ec"  # an unknown kind brings its own, others get theirs
    assert len({stage.shade for stage in told[1:]}) == 3
    assert "SFT (90 steps), climb (60 steps), GRPO (50 steps)" in " ".join(page.split())


def test_roles_follow_from_what_stages_drew(whole: tuple[Any, str]) -> None:
    made, _ = whole
    told = stages(made.events(), [])
    assert [role(level, "image", told) for level in LEVELS] == [
        "imitated",
        "only reinforced",
        "never seen",
        "woven as text",
    ]
    assert role(LEVELS[3], "text", told) == "only woven"
    # Wording counts: what a stage drew in full is not what is asked tersely.
    full = [{"event": "stage", "stage": "sft", "kind": "sft", "settings": [LEVELS[2]]}]
    assert role("grid_navigation/simple", "image", stages(full, [])) == "never seen"
    spelled = LEVELS[0] + "?style=terse"  # what the level says anyway
    again = [{**full[0], "settings": [spelled], "role": "imitated"}]
    assert role(LEVELS[0], "image", stages(again, [])) == "imitated"
    assert role(LEVELS[2], "image", stages(full, [])) == "only trained on"


def test_tables_count_what_the_rows_say(whole: tuple[Any, str]) -> None:
    made, page = whole
    cells = Tables(page).rows
    rows = [row for row in made.results() if row["decoding"] == "greedy"]
    scores = accuracy(rows, "level", "format", "stage")
    told = stages(made.events(), rows)
    tasks = {"Grid navigation": LEVELS[:3], "Table readout": LEVELS[3:]}
    for task, levels in tasks.items():
        at = cells.index([task])
        assert cells[at + 1][:3] == ["level", "in training", "format"]
        mine = iter(cells[at + 2 :])
        for level in levels:
            for name in FORMATS:
                line = next(mine)
                assert line[:2] == [level.partition("/")[2], role(level, name, told)]
                for cell, stage in zip(line[3:], ("start", "sft", "climb", "grpo"), strict=True):
                    score = scores[level, name, stage]
                    low, high = (100 * end for end in score.interval())
                    assert cell == f"{100 * score.accuracy:.1f}{low:.0f}\u2013{high:.0f}"
    at = cells.index(["Seconds"])
    assert cells[at + 1][:3] == ["stage", "training", "evaluation"]
    assert cells[at + 2] == ["SFT", "41.5", "8.25", "1.0", "2.0"]


def test_a_run_that_was_broken_off_has_a_page(tmp_path: Path) -> None:
    nothing = record(tmp_path / "nothing", stages=())
    assert "Nothing was measured yet" in write_report(nothing).read_text("utf-8")
    begun = record(tmp_path / "begun", stages=("start",))
    page = write_report(begun).read_text("utf-8")
    assert "<svg" in page and "before" in page and "imitated" not in page
    going = record(tmp_path / "going", stages=("start", "sft"))
    with (going.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
        stage = {"event": "stage", "stage": "dpo", "kind": "dpo", "steps": 30, "settings": []}
        file.write(json.dumps(stage) + '\n{"event": "log", "stage": "dpo", "st')
    page = write_report(going).read_text("utf-8")
    assert "SFT (90 steps), DPO (30 steps)" in " ".join(page.split())


def test_text_alone_is_what_is_looked_at(tmp_path: Path) -> None:
    made = record(tmp_path / "text", stages=("start", "sft"))
    results = made.folder / "results.jsonl"
    rows = [row for row in made.results() if row["format"] == "text"]
    results.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    inquiry = inquire(gather([made.folder]))
    assert inquiry.shown == "text" and inquiry.focused == "after SFT, text"
    assert "modality" in {each.name for each in answers(inquiry).open}


def test_lengths_split_the_whole(whole: tuple[Any, str]) -> None:
    made, _ = whole
    rows = [row for row in made.results() if row["stage"] == "grpo"]
    found = by_length(rows)
    assert list(found) == list(LEVELS)
    for level, scores in found.items():
        mine = [row for row in rows if row["level"] == level]
        assert sum(scores.values(), Score(0, 0)) == Score(
            sum(row["correct"] for row in mine), len(mine)
        )
        assert list(scores) == sorted(scores)
    sample = avrgym.samples([rows[0]["address"]])[0]
    assert int(sample.features["length"]) in found[LEVELS[0]]
    assert by_length([]) == {}


def test_time_is_shared_out_by_steps(whole: tuple[Any, str]) -> None:
    made, _ = whole
    events = list(made.events())
    sft, climb, _ = spent(stages(events, []), events)
    assert (sft.label, sft.training, sft.evaluation) == ("SFT", 41.5, 8.25)
    assert climb.shares == pytest.approx({"environment": 0.01, "pictures": 0.02})

    # Ten steps of one second, then thirty of three: a half and a tenth of them are 14 s of 100.
    logs = [
        {"event": "log", "stage": "sft", "step": 10, "seconds": {"step": 1.0, "reward": 0.5}},
        {"event": "log", "stage": "sft", "step": 40, "seconds": {"step": 3.0, "reward": 0.3}},
    ]
    [odd] = spent(stages(logs, []), logs)
    assert odd.training is None and odd.shares == pytest.approx({"reward": 0.14})


def test_a_stage_without_a_level_leaves_its_cell_empty(tmp_path: Path) -> None:
    made = record(tmp_path / "gap")
    rows = [r for r in made.results() if (r["stage"], r["level"]) != ("sft", LEVELS[1])]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (made.folder / "results.jsonl").write_text(lines, "utf-8")
    inquiry = inquire(gather([made.folder]))
    numbers = json.loads(as_json(inquiry, answers(inquiry, (HEADLINE,))))
    first, *_, second = said(numbers, "headline", "Grid navigation")[:4]
    assert first["after SFT"] and second["level"] == "rung2" and second["after SFT"] is None


def test_runs_over_seeds_are_one_page(tmp_path: Path) -> None:
    runs = [record(tmp_path / str(seed)) for seed in range(3)]
    for place, made in enumerate(runs):  # the third ends with a reply less
        rows = list(made.results())
        for row in rows:
            if place == 2 and row["stage"] == "grpo" and row["address"].endswith("1"):
                row["correct"] = False
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (made.folder / "results.jsonl").write_text(lines, "utf-8")
    page = "\n".join(study({"Credit by steps": runs}))
    # 9 of 12 are right, at the last seed one less: 75, 75, 66.7 have the deviation 4.81.
    line = "| grid_navigation/rung0 | imitated | greedy | **0** ± 0 (0, 0, 0) | "
    line += "**25** ± 0 (25, 25, 25) | **50** ± 0 (50, 50, 50) | "
    line += "**72** ± 12 (75, 75, 67) | **+22** ± 12 (+25, +25, +17) |"
    assert line in page
    assert (
        "| level | in training | decoding | before | after SFT | after climb | after GRPO |" in page
    )
    assert "| grid_navigation/rung0 by length, Credit by steps | 3 |" in page
    assert "| of | 36 |" in page
    assert entry([5.0]) == "5" and half_width([1.0]) is None
    assert half_width([1.0, 3.0] * 6) == pytest.approx(1.96 * 1.0445 / 12**0.5, rel=1e-3)
