"""Sections of a report: right numbers, the same on the page, in JSON and in Markdown."""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avrgym import TaskError

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pytest.importorskip("filelock")

from avrgym.analyses.interval import Estimate
from avrgym.analyses.skills import SEEING
from avrgym.core.score import Score
from avrgym.report.answers import Answers, answers, as_json, as_markdown
from avrgym.report.cells import NOTHING, written
from avrgym.report.gathered import gather
from avrgym.report.inquiry import Inquiry, inquire
from avrgym.report.page import write_page
from avrgym.report.section import Analysis, Head, Section, Sheet
from avrgym.report.sections import ANALYSES
from evaluated import evaluated, run, said
from recorded import LEVELS
from test_report import Tables

EASY, HARD = "grid_navigation/simple", "grid_navigation/hard"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two runs, one on easy and one on hard levels, and built-in subjects."""
    made = tmp_path_factory.mktemp("runs")
    found = {name: evaluated(made / name, name) for name in ("oracle", "blind", "guess")}
    easy = run(made / "easy", settings=[EASY], role="imitated")
    return found | {"easy": easy, "hard": run(made / "hard", settings=[HARD], role="imitated")}


@pytest.fixture(scope="module")
def inquiry(folders: dict[str, Path]) -> Inquiry:
    return inquire(gather([folders["easy"], folders["hard"], folders["blind"]]))


@pytest.fixture(scope="module")
def found(inquiry: Inquiry) -> Answers:
    return answers(inquiry)


@pytest.fixture(scope="module")
def numbers(inquiry: Inquiry, found: Answers) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(as_json(inquiry, found))
    return made


def rows_of(folder: Path, **values: object) -> list[dict[str, Any]]:
    lines = (folder / "results.jsonl").read_text("utf-8").splitlines()
    rows = map(json.loads, lines)
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def test_all_questions_are_answered_where_rows_can_say(found: Answers) -> None:
    assert not found.open
    assert [analysis for analysis, _ in found.sections] == list(ANALYSES)
    for analysis, section in found.sections:
        assert section.words or section.tables, analysis.name
        for sheet in section.tables:
            names = [head.text for head in sheet.heads]
            assert len(set(names)) == len(names), (analysis.name, sheet.title)
            assert all(len(row) == len(names) for row in sheet.rows)
            assert sheet.rows, (analysis.name, sheet.title)
    assert not any("nan" in section.words.lower() for _, section in found.sections)


def test_page_json_and_markdown_say_the_same(
    inquiry: Inquiry, found: Answers, numbers: dict[str, Any], tmp_path: Path
) -> None:
    page = write_page(inquiry, found, tmp_path / "page.html").read_text("utf-8")
    markdown = as_markdown(inquiry, found).splitlines()
    tables = [table for each in numbers["sections"] for table in each["tables"]]
    cells, lines = iter(Tables(page).rows), iter(markdown)
    checked = 0
    for table in tables:
        units = table["units"]
        assert next(row for row in cells if row == [table["title"]])
        assert next(cells) == list(units)
        assert next(line for line in lines if line.startswith(f"**{table['title']}**"))
        for row in table["rows"]:
            shown = next(cells)
            line = next(line for line in lines if line.startswith("| ") and "---" not in line)
            if line.startswith("| " + next(iter(units)).replace("_", "\\_") + " |"):
                line = next(lines)
                line = next(lines) if "---" in line else line
            printed = [each.replace("\\", "").strip() for each in line[1:-1].split(" |")]
            assert len(shown) == len(printed) == len(units)
            for (name, unit), on_page, in_line in zip(units.items(), shown, printed, strict=True):
                value = row[name]
                if unit == "words":
                    assert on_page == (value if value is not None else NOTHING)
                    assert " ".join(on_page.split()) == in_line
                    continue
                number = value["value"] if isinstance(value, dict) else value
                if number is None or unit == "p":
                    continue
                times = 100 if unit in ("share", "points", "change") else 1
                text = in_line.split(" (")[0].replace("\u2212", "-").replace(",", "")
                assert on_page.startswith(in_line.split(" (")[0])
                assert float(text) == pytest.approx(times * number, abs=0.051, rel=0.006)
                if isinstance(value, dict) and value["low"] is not None:
                    ends = [value["low"], value["high"]]
                    told = re.split(r"\u2013| to ", in_line.split(" (")[1].rstrip(")"))
                    told = [end.replace("\u2212", "-") for end in told]
                    assert list(map(float, told)) == pytest.approx(
                        [times * end for end in ends], abs=0.51
                    )
                    assert on_page.endswith(in_line.split(" (")[1].rstrip(")"))
                checked += 1
    assert checked > 300


def test_shares_and_changes_are_those_of_the_rows(
    folders: dict[str, Path], numbers: dict[str, Any]
) -> None:
    from scipy.stats import binomtest

    for shown in said(numbers, "headline", "Grid navigation"):
        level, name = f"grid_navigation/{shown['level']}", shown["format"].replace(" ", "_")
        for label, source, stage in (
            ("easy, before", "easy", "start"),
            ("hard, after SFT", "hard", "sft"),
        ):
            of = {"level": level, "format": name, "stage": stage, "decoding": "greedy"}
            mine = rows_of(folders[source], **of)
            if not mine:
                assert shown[label] is None
                continue
            score = Score(sum(row["correct"] for row in mine), len(mine))
            told = shown[label]
            assert (told["value"], told["n"]) == (score.accuracy, score.total)
            assert (told["low"], told["high"]) == pytest.approx(score.interval())
    for shown in said(numbers, "headline", "What changed"):
        sides = []
        for name in ("subject", "compared to"):
            source, _, stage = shown[name].partition(", ")
            of = {"format": shown["format"].replace(" ", "_"), "decoding": "greedy"}
            stage = "start" if stage == "before" else "sft"
            mine = rows_of(folders[source], stage=stage, **of)
            sides.append({row["address"]: row["correct"] for row in mine})
        a, b = sides
        won = sum(a[each] and not b[each] for each in a)
        lost = sum(b[each] and not a[each] for each in a)
        assert (shown["only the subject"], shown["only the other"]) == (won, lost)
        assert shown["items"] == len(a) == len(b)
        assert shown["change"]["value"] == pytest.approx((won - lost) / len(a))
        p = binomtest(won, won + lost).pvalue if won + lost else 1.0
        assert shown["p"] == pytest.approx(p)


def test_failures_and_first_errors_are_those_of_the_rows(
    folders: dict[str, Path], numbers: dict[str, Any]
) -> None:
    of = {"stage": "sft", "format": "image", "decoding": "greedy"}
    mine = rows_of(folders["easy"], **of)
    kinds = Counter(
        "right" if row["correct"] else "cut" if row["finish"] == "length" else row["outcome"]
        for row in mine
    )
    [shown] = [
        row
        for row in said(numbers, "outcomes", "All levels")
        if (row["subject"], row["format"]) == ("easy, after SFT", "image")
    ]
    for kind in ("right", "wrong", "ambiguous", "unparsed", "cut"):
        assert shown[kind]["value"] == pytest.approx(kinds[kind] / len(mine))
    first = Counter[str]()
    for row in mine:
        skills = [step[2] for step in row["steps"] if step[3] == "wrong"]
        first["none" if not skills else "seeing" if skills[0] in SEEING else "thinking"] += 1
    [shown] = [
        row
        for row in said(numbers, "skills", "First error of a reply, by the skill of its step")
        if (row["subject"], row["format"]) == ("easy, after SFT", "image")
    ]
    assert shown["seeing"]["value"] == pytest.approx(first["seeing"] / len(mine))
    assert shown["thinking"]["value"] == pytest.approx(first["thinking"] / len(mine))
    assert shown["no error"]["value"] == pytest.approx(first["none"] / len(mine))
    # What changed of first errors is the difference of the two shares, on the same items.
    shares = {
        (row["subject"], row["format"]): row
        for row in said(numbers, "skills", "First error of a reply, by the skill of its step")
    }
    for row in said(numbers, "skills", "What changed of first errors"):
        a, b = (shares[row[name], row["format"]] for name in ("subject", "compared to"))
        for name in ("seeing", "thinking"):
            assert row[name]["value"] == pytest.approx(a[name]["value"] - b[name]["value"])


def test_runs_are_told_apart_by_what_they_were_trained_on(numbers: dict[str, Any]) -> None:
    [image, *_] = next(each for each in numbers["sections"] if each["name"] == "s2h")["tables"]
    assert image["title"] == "SIMPLE and HARD"
    trained = said(numbers, "s2h", "Trained and tested, image")
    assert [(row["run"], row["trained on"]) for row in trained] == [
        ("easy, after SFT", "simple"),
        ("hard, after SFT", "hard"),
    ]
    shown = said(numbers, "recovered", "Supervision gap recovered")
    assert {(row["level"], row["trained elsewhere"], row["trained on it"]) for row in shown} == {
        ("grid_navigation/hard", "easy", "hard")
    }
    for row in shown:  # both runs said the same, so that all is recovered
        assert row["elsewhere"]["value"] == row["on it"]["value"]
        assert row["recovered"] is None or row["recovered"]["value"] == 1


def test_a_run_of_rungs_says_what_was_gained_where_nothing_trained(tmp_path: Path) -> None:
    from recorded import record

    inquiry = inquire(gather([record(tmp_path / "climb").folder]))
    assert inquiry.pairs == (
        ("after SFT", "before"),
        ("after climb", "after SFT"),
        ("after climb", "before"),
        ("after GRPO", "after climb"),
        ("after GRPO", "before"),
    )
    found = answers(inquiry)
    numbers = json.loads(as_json(inquiry, found))
    shown = said(numbers, "s2h", "What changed, by what training saw")
    never = [
        row
        for row in shown
        if (row["subject"], row["compared to"]) == ("after GRPO", "after climb")
        and row["in training"] == "never seen"
    ]
    assert [row["format"] for row in never] == ["image", "text", "image via text, answers alone"]
    for row in never:  # a quarter more of twelve, see recorded.rows
        assert row["change"]["value"] == pytest.approx(0.25) and row["items"] in (12, 24)
    assert {row["level"] for row in said(numbers, "headline", "Table readout")} == {
        LEVELS[3].partition("/")[2]
    }
    assert {"passes", "recovered"} <= {each.name for each in found.open}


def test_who_is_compared_to_whom(folders: dict[str, Path]) -> None:
    def asked(*names: str, against: str | None = None) -> Inquiry:
        return inquire(gather([folders[name] for name in names]), against)

    alone = asked("easy")
    assert alone.pairs == (("after SFT", "before"),) and alone.of == "after SFT"
    two = asked("easy", "hard")
    assert two.pairs == (
        ("easy, after SFT", "easy, before"),
        ("hard, after SFT", "hard, before"),
        ("hard, after SFT", "easy, after SFT"),
    )
    beside = asked("blind", "easy", "guess")
    assert beside.baselines == ("blind", "guess")
    assert beside.pairs == (("easy, after SFT", "easy, before"),)
    built = asked("oracle", "blind", "guess")
    assert built.models == ("oracle", "blind", "guess") and built.baselines == ()
    assert built.pairs == (("blind", "oracle"), ("guess", "oracle"))
    assert asked("oracle", "blind", against="blind").pairs == (("oracle", "blind"),)
    named = asked("easy", "blind", against="blind")
    assert named.pairs == (("easy, before", "blind"), ("easy, after SFT", "blind"))
    assert asked("easy", "hard", against="easy").pairs[-1] == ("hard, after SFT", "easy, after SFT")
    with pytest.raises(TaskError, match="no subject 'nobody' to compare to; give one of 'oracle'"):
        asked("oracle", against="nobody")


def test_themes_and_templates_are_lines_where_somebody_was_asked_in_several(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    several = evaluated(tmp_path / "several", "guess", themes="paper,varied", templates="plain,any")
    inquiry = inquire(gather([folders["blind"], several]))
    assert inquiry.varied == ("template", "theme")
    numbers = json.loads(as_json(inquiry, answers(inquiry, ANALYSES[:1])))
    shown = said(numbers, "headline", "All levels")
    lines = [(row["format"], row["template"], row["theme"]) for row in shown]
    assert lines[:2] == [("image", "plain", "paper"), ("text", "plain", "")]
    assert len(lines) == len(set(lines)) == 6
    # Only what both were asked alike is compared, and of each its own share is shown.
    assert [row["blind"] is not None for row in shown] == [True, True, *[False] * 4]
    changed = said(numbers, "headline", "What changed")
    assert [row["items"] for row in changed] == [24, 24]


def test_what_rows_cannot_say_is_said(folders: dict[str, Path], tmp_path: Path) -> None:
    inquiry = inquire(gather([folders["oracle"], folders["blind"]]))
    found = answers(inquiry)
    assert {each.name for each in found.open} >= {"passes", "training", "recovered", "calibration"}
    page = write_page(inquiry, found, tmp_path / "page.html").read_text("utf-8")
    text = as_markdown(inquiry, found)
    told = json.loads(as_json(inquiry, found))["unanswered"]
    assert told == [{"name": each.name, "needs": each.needs} for each in found.open]
    for each in found.open:
        assert f"{each.title.lower()} ({each.needs})" in page
        assert each.needs in text
    [(_, skills)] = [pair for pair in found.sections if pair[0].name == "skills"]
    assert "blind claims answers alone" in skills.words.lower()


def test_without_scipy_the_section_says_so(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    monkeypatch.delitem(sys.modules, "avrgym.analyses.items", raising=False)
    inquiry = inquire(gather([folders["easy"]]))
    [difficulty] = [each for each in ANALYSES if each.name == "difficulty"]
    section = difficulty.ask(inquiry)
    assert section is not None and not section.tables and "scipy" in section.words


def _count(inquiry: Inquiry) -> Section:
    replies = len(inquiry.rows)
    sheet = Sheet("Counted", (Head("what"), Head("how many", "count")), (("replies", replies),))
    return Section(f"There are {replies} replies.", (sheet,))


MINE = Analysis("counted", "How many there are", "replies", _count)


def test_a_section_is_one_file_and_one_line(folders: dict[str, Path], tmp_path: Path) -> None:
    inquiry = inquire(gather([folders["blind"]]))
    found = answers(inquiry, (MINE,))
    count = len(inquiry.rows)
    page = write_page(inquiry, found, tmp_path / "page.html").read_text("utf-8")
    assert ["Counted"] in Tables(page).rows and ["replies", str(count)] in Tables(page).rows
    assert 'id="counted"' in page and f"There are {count} replies." in page
    assert f"| replies | {count} |" in as_markdown(inquiry, found)
    numbers = json.loads(as_json(inquiry, found))
    assert said(numbers, "counted", "Counted") == [{"what": "replies", "how many": count}]


def test_a_folder_may_be_called_like_a_column(tmp_path: Path) -> None:
    inquiry = inquire(gather([evaluated(tmp_path / "format", "guess", items="1")]))
    shown = said(
        json.loads(as_json(inquiry, answers(inquiry, ANALYSES[:1]))), "headline", "All levels"
    )
    assert [row["format"] for row in shown] == ["image", "text"]
    assert all(row["format (2)"]["n"] == 8 for row in shown)


@given(
    st.floats(-1, 1),
    st.floats(0, 0.5),
    st.sampled_from(["share", "points", "change", "ratio", "logits", "slope", "number"]),
)
def test_numbers_are_written_as_they_are(value: float, half: float, unit: Any) -> None:
    told = written(Estimate(value, value - half, value + half, 3), unit)
    times = 100 if unit in ("share", "points", "change") else 1
    assert float(told.value.replace("\u2212", "-")) == pytest.approx(
        times * value, abs=0.051, rel=0.006
    )
    assert "-" not in told.value + told.interval
    assert told.sign == (
        "" if unit != "change" or abs(value) <= half else "ok" if value > 0 else "bad"
    )


def test_what_is_no_number_is_written_as_nothing() -> None:
    assert written(None, "share").value == NOTHING
    assert written(Estimate(np.nan, 0, 1, 0), "share").value == NOTHING
    alone = written(Estimate(0.5, -np.inf, np.inf, 1), "share")
    assert (alone.value, alone.interval) == ("50.0", "")
    assert written(-0.0001, "points").value == "0.0"
    assert written(0.0004, "p").value == "< 0.001" and written(1234, "count").value == "1,234"
