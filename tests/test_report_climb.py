"""Where a climb stands: the section's numbers are counts of the events of a run."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

from avrgym.report.answers import answers, as_json, as_markdown
from avrgym.report.gathered import gather
from avrgym.report.inquiry import Inquiry, inquire
from avrgym.report.page import write_page
from avrgym.report.section import Section
from avrgym.report.sections.climb import ALIKE, CLIMB
from avrgym.report.stages import stages
from evaluated import said
from recorded import SETTINGS

RUNGS = [f"grid_navigation/rung{n}" for n in range(4)]
STALLED = "window: grid_navigation/rung1 has been the top level for 25% of the budget"

Event = dict[str, Any]


def of_steps(steps: Sequence[dict[int, tuple[int, int]]], *more: Event) -> list[Event]:
    """Events of a stage: what each step drew, right and all, by rung."""
    found: list[Event] = [{"event": "stage", "stage": "grpo", "kind": "grpo", "steps": len(steps)}]
    for step, drawn in enumerate(steps, start=1):
        for rung, (right, total) in drawn.items():
            counts = {"format": "image", "right": right, "total": total}
            where = {"stage": "grpo", "step": step, "level": RUNGS[rung]}
            found.append({"event": "sampled", **where, **counts})
        found += [{**each, "stage": "grpo"} for each in more if each["step"] == step]
    return found


def asked(folder: Path, events: Sequence[Event]) -> Inquiry:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(SETTINGS), "utf-8")
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "metrics.jsonl").write_text(lines, "utf-8")
    return inquire(gather([folder]))


def section_of(folder: Path, events: Sequence[Event]) -> Section:
    found = CLIMB.ask(asked(folder, events))
    assert found
    return found


_GROUPS = st.integers(1, 24).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))
_STEPS = st.lists(st.dictionaries(st.integers(0, 3), _GROUPS, min_size=1), min_size=1, max_size=35)


@given(_STEPS)
def test_levels_are_counted_and_the_sentence_has_the_counts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[dict[int, tuple[int, int]]]
) -> None:
    found = section_of(tmp_path_factory.getbasetemp() / "counted", of_steps(steps))
    [sheet] = found.tables
    rungs = sorted({rung for step in steps for rung in step})
    assert [row[0] for row in sheet.rows] == [f"rung{rung}" for rung in rungs]
    parts = min(10, len(steps))
    cut = [
        [step for at, step in enumerate(steps) if at * parts // len(steps) == part]
        for part in range(parts)
    ]
    shares = []
    gains = {}
    for rung, row in zip(rungs, sheet.rows, strict=True):
        assert row[1] == sum(step[rung][1] for step in steps if rung in step)
        for part, told in ((cut[0], row[2]), (cut[-1], row[3])):
            mine = sum(step[rung][1] for step in part if rung in step)
            assert told == pytest.approx(mine / sum(t for s in part for _, t in s.values()))
        held = [part for part in cut if any(rung in step for step in part)]
        for part, told in ((held[0], row[4]), (held[-1], row[5])):
            pairs = [step[rung] for step in part if rung in step]
            assert told == pytest.approx(sum(r for r, _ in pairs) / sum(t for _, t in pairs))
        assert isinstance(row[3], float) and isinstance(row[4], float) and isinstance(row[5], float)
        assert row[6] == pytest.approx(row[5] - row[4])
        shares.append(row[3])
        gains[f"rung{rung}"] = abs(row[5] - row[4]), f"{100 * row[4]:.0f}", f"{100 * row[5]:.0f}"
    assert sum(shares) == pytest.approx(1)
    [moved] = re.findall(r"(rung\d) went from (\d+) to (\d+) % right", found.words)
    assert gains[moved[0]][0] == max(gains.values())[0] and gains[moved[0]][1:] == moved[1:]
    if len(rungs) == 1:
        assert f"GRPO drew rung{rungs[0]} alone;" in found.words
        return
    most = [
        f"rung{r}" for r, share in zip(rungs, shares, strict=True) if share > max(shares) - ALIKE
    ]
    if len(most) == len(rungs):
        assert f"GRPO drew its {len(rungs)} levels about alike at the end;" in found.words
    else:
        [(end, those)] = re.findall(r"drew (\d+) % from ([^(]+) at the end \(", found.words)
        assert re.findall(r"rung\d", those) == most
        whole = sum(share for share in shares if share > max(shares) - ALIKE)
        assert int(end) == pytest.approx(100 * whole, abs=0.51)


def test_own_numbers_what_was_left_out_and_warnings_are_told_everywhere(tmp_path: Path) -> None:
    def log(step: int, top: float, left_out: float) -> Event:
        own = {"top": top, "value/grid_navigation/rung1": top / 8, "share/grid_navigation/rung0": 1}
        return {"event": "log", "step": step, "curriculum": own, "left_out": left_out}

    logs = [log(5, 0.0, 1.2), log(10, 1.0, 0.4), log(12, 3.0, 0.5)]  # means of 5, 5 and 2 drawings
    warned = {"event": "warning", "step": 9, "text": STALLED}
    steps = [{0: (3, 8), 1: (at % 8, 8)} for at in range(12)]
    inquiry = asked(tmp_path / "run", of_steps(steps, *logs, warned))
    found = answers(inquiry)
    told = json.loads(as_json(inquiry, found))
    assert said(told, "climb", "GRPO: the climb's own numbers") == [
        {"number": "top", "first": 0.0, "last": 3.0, "lowest": 0.0, "highest": 3.0},
        {"number": "value, rung1", "first": 0.0, "last": 0.375, "lowest": 0.0, "highest": 0.375},
    ]
    [left] = said(told, "climb", "GRPO: groups not learned from")
    assert left["groups"] == pytest.approx(5 * 1.2 + 5 * 0.4 + 2 * 0.5)
    assert said(told, "climb", "GRPO: warnings") == [{"step": 9, "what": STALLED}]
    page = write_page(inquiry, found, tmp_path / "page.html").read_text("utf-8")
    section = page.partition('id="climb"')[2].partition("</section>")[0]
    for text in (section, as_markdown(inquiry, found).replace("\\", "")):
        assert f"GRPO, step 9: {STALLED}." in text
        assert "GRPO left out 9 groups: all of their replies were right, or all wrong." in text
    assert section.count("<svg") == 1


def test_its_figure_has_a_band_and_a_line_for_each_level_that_was_drawn() -> None:
    from avrgym.report.figures import _windows, standing

    # One level comes late, another leaves: neither is drawn where it was not.
    steps = [{0: (9, 9)} if at < 15 else {1: (1, 9), 3: (0, 9)} for at in range(30)]
    events = of_steps(steps)
    [stage] = stages(events, [])
    drawn = [event for event in events if event["event"] == "sampled"]
    figure = standing(stage, drawn)
    assert re.findall(r">(rung\d)<", figure) == ["rung0", "rung1", "rung3"]
    assert [at for at, _ in _windows(drawn)] == [10, 20, 30]  # a step is of the ten it ends
    alone = standing(stage, drawn[:1])
    assert alone.count("<svg") == 1 and "nan" not in alone.lower()


@pytest.mark.parametrize("event", ["stage", "probe", "log"])
def test_a_stage_that_draws_nothing_has_no_climb(tmp_path: Path, event: str) -> None:
    counts = {"level": RUNGS[0], "format": "image", "right": 3, "total": 8}
    first = {"event": "stage", "stage": "sft", "kind": "sft", "steps": 4}
    assert (
        CLIMB.ask(asked(tmp_path, [first, {**first, **counts, "event": event, "step": 1}])) is None
    )


def test_runs_side_by_side_are_told_apart(tmp_path: Path) -> None:
    for name, right in (("plain", 2), ("window", 6)):
        asked(tmp_path / name, of_steps([{0: (right, 8)}, {0: (right + 1, 8)}]))
    found = CLIMB.ask(inquire(gather([tmp_path / "plain", tmp_path / "window"])))
    assert found
    assert [sheet.title for sheet in found.tables] == [
        "GRPO of plain: levels",
        "GRPO of window: levels",
    ]
    assert found.words.splitlines() == [
        "GRPO of plain drew rung0 alone; rung0 went from 25 to 38 % right.",
        "GRPO of window drew rung0 alone; rung0 went from 75 to 88 % right.",
    ]
