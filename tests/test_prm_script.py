"""What the study of judges tells of GRPO as it goes on, of runs written by hand."""

import importlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

import avrgym
from avrgym.analyses.parting import SCORE, SEES, THINKS
from avrgym.analyses.skills import SEEING
from avrgym.core.corruption import corrupted
from avrgym.runs.record import ROLLOUTS, Record

SCRIPTS = Path(__file__).parents[1] / "scripts"
LEVEL = "grid_navigation/rung2"
STEPS, EACH = 20, 8


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("prm_training")


def run(folder: Path, *, falls: bool) -> Record:
    """20 steps of GRPO, 8 replies each, whose judge gives ever more; a line of the log for two.

    Replies are rationales, a step of one of which is wrong, and ever more answers of others.
    """
    folder.mkdir()
    record = Record(folder)
    more = [f"{LEVEL}#train:5:{at}" for at in range(2 * EACH)]
    made = [each for each in corrupted(more, kinds=["answer"]) if each][:EACH]
    addresses, spoiled = [each.address for each in made], [each.reply for each in made]
    gold = [sample.rationale for sample in avrgym.samples(addresses)]
    [misread] = corrupted(addresses[-1], kinds=["fact"], skills=["locate"])
    assert misread
    for step in range(1, STEPS + 1):
        wrong = 1 + step % 2 + falls * step // 4
        replies = [*spoiled[:wrong], *gold[wrong:-1], misread.reply]
        judged = avrgym.verify(addresses, replies)
        where = {"stage": "grpo", "step": step}
        lines = zip(addresses, replies, strict=True)
        rows = [{**where, "address": address, "reply": reply} for address, reply in lines]
        record.extend(rows, to=ROLLOUTS)
        counts = {"right": int(judged.correct.sum()), "total": EACH}
        record.append({"event": "sampled", **where, "level": LEVEL, "format": "image", **counts})
        if step % 2 == 0:
            record.append({"event": "log", **where, SCORE: 0.5 + step / 100})
    return record


def test_first_errors_are_those_of_the_replies(script: Any, tmp_path: Path) -> None:
    record = run(tmp_path / "run", falls=True)
    rows = list(record.rollouts())
    told = [event for event in script.drawn(record) if event["event"] == "log"]
    assert [event["step"] for event in told] == list(range(2, STEPS + 1, 2))
    for event in told:
        mine = [row for row in rows if event["step"] - 2 < row["step"] <= event["step"]]
        judged = avrgym.verify([row["address"] for row in mine], [row["reply"] for row in mine])
        first = [
            None if each.first_error is None else each.steps[each.first_error].skill in SEEING
            for each in judged
        ]
        assert event[SEES] == pytest.approx(first.count(True) / len(first))
        assert event[THINKS] == pytest.approx(first.count(False) / len(first))
    assert told[-1][THINKS] > told[0][THINKS] and told[0][SEES] == 1 / EACH


def test_the_section_says_where_they_part_and_draws_it(script: Any, tmp_path: Path) -> None:
    made = {
        name: [script.drawn(run(tmp_path / f"{name}{seed}", falls=name == "fooled"))]
        for seed, name in enumerate(("fooled", "sound"))
    }
    text = "\n".join(script.section([7], made, "told.svg"))
    assert "* fooled: at steps 13 to 16 on seed 7.\n* sound: nowhere on seed 7." in text
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert rows[0][1:] == [f"steps {at + 1} to {at + 4}" for at in range(0, STEPS, 4)]
    assert [row[:2] for row in rows[1:5]] == [
        ["fooled", what] for what in ("score", "right", "seeing", "thinking")
    ]
    counts = [event for event in made["fooled"][0] if event["event"] == "sampled"]
    last = [event["right"] for event in counts if event["step"] > STEPS - 4]
    assert rows[2][-1] == f"{100 * sum(last) / (4 * EACH):.0f}"
    figure = script.figure(made)
    assert "var(--card)" in figure and "prefers-color-scheme: dark" in figure
    assert "first wrong: seeing" in figure
    assert list(script.section([7], {}, "told.svg")) == []


def test_the_committed_page_has_its_figure_and_a_command_for_anybody() -> None:
    results = SCRIPTS.parent / "docs" / "results"
    page = (results / "prm.md").read_text("utf-8")
    assert "](prm.svg)" in page and (results / "prm.svg").exists() and "--runs" not in page
