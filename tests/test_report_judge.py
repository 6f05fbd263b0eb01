"""Whether a judge is fooled: the section says where score and truth part, and draws it."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

from avrgym.analyses.parting import SCORE, SEES, THINKS
from avrgym.report.answers import answers, as_json
from avrgym.report.gathered import gather
from avrgym.report.inquiry import Inquiry, inquire
from avrgym.report.page import write_page
from avrgym.report.sections.judge import JUDGE
from evaluated import said
from recorded import SETTINGS

RUNG = "grid_navigation/rung2"
STEPS = 30


def asked(folder: Path, *, falls: bool, blames: bool = True, judged: bool = True) -> Inquiry:
    """A run of 30 steps of GRPO behind ten of imitation, whose judge gives ever more."""
    events: list[dict[str, Any]] = [
        {"event": "stage", "stage": "sft", "kind": "sft", "steps": 10},
        {"event": "log", "stage": "sft", "step": 10, "loss": 1.0},
        {"event": "stage", "stage": "grpo", "kind": "grpo", "steps": STEPS},
    ]
    for step in range(1, STEPS + 1):
        counts = {"right": 40 - step % 2 - falls * (step // 10) * 10, "total": 64}
        where = {"stage": "grpo", "step": step}
        events.append({"event": "sampled", **where, "level": RUNG, "format": "image", **counts})
        told = {SCORE: 0.5 + step / 100} if judged else {}
        told |= {SEES: 0.25, THINKS: 0.125} if blames else {}
        events.append({"event": "log", **where, **told})
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(SETTINGS), "utf-8")
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "metrics.jsonl").write_text(lines, "utf-8")
    return inquire(gather([folder]))


@pytest.mark.parametrize("blames", [True, False])
def test_page_and_numbers_say_where_they_part(tmp_path: Path, blames: bool) -> None:
    inquiry = asked(tmp_path / "run", falls=True, blames=blames)
    found = answers(inquiry)
    told = json.loads(as_json(inquiry, found))
    rows = said(told, "judge", "GRPO: by steps")
    assert [row["steps"] for row in rows][:2] == ["1 to 3", "4 to 6"] and len(rows) == 10
    assert rows[0]["judge's score"] == pytest.approx(0.52) and rows[0]["right"]["n"] == 3 * 64
    assert [row.get("first wrong: seeing") for row in rows] == [0.25 if blames else None] * 10
    page = write_page(inquiry, found, tmp_path / "page.html").read_text("utf-8")
    section = page.partition('id="judge"')[2].partition("</section>")[0]
    words = section.replace("&#39;", "'")
    assert "the judge's score went from 52 to 79 %, right replies from 61 to 26 %" in words
    assert "they part at steps 10 to 12: from there on less is right than at steps 4 to 6" in words
    for label in ("judge's score", "right", "they part"):
        assert f">{label}<" in words
    assert (">first wrong: seeing<" in words) == blames


def test_who_does_not_part_is_not_marked_and_who_has_no_judge_is_not_asked(tmp_path: Path) -> None:
    found = JUDGE.ask(asked(tmp_path / "stands", falls=False))
    assert found and found.words.endswith("; they do not part.")
    [figure] = found.figures
    assert "they part" not in figure.draw() and "nan" not in figure.draw().lower()
    assert JUDGE.ask(asked(tmp_path / "outcome", falls=True, judged=False)) is None


def test_runs_side_by_side_are_told_apart(tmp_path: Path) -> None:
    asked(tmp_path / "one", falls=True)
    asked(tmp_path / "two", falls=False)
    found = JUDGE.ask(inquire(gather([tmp_path / "one", tmp_path / "two"])))
    assert found and [sheet.title for sheet in found.tables] == [
        "GRPO of one: by steps",
        "GRPO of two: by steps",
    ]
