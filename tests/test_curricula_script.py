"""The study that compares climbs: its runs can be made, and its page counts what is there."""

import importlib
import itertools
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tyro")
pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym import TaskError
from avrgym.runs.record import ROLLOUTS, Record
from avrgym.train import plan

SCRIPTS = Path(__file__).parents[1] / "scripts"
PROBLEMS = ("lengths", "far", "grid", "sizes", "readout")

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours


@pytest.fixture
def curricula(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("curricula")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_what_is_climbed_passes_all_checks_and_begins_with_what_is_imitated(
    curricula: Any, problem: str
) -> None:
    assert tuple(curricula.PROBLEMS) == PROBLEMS
    run = curricula.run_of(curricula.Study(), problem, "uniform", 0)
    steps, replies = run.stages[1].steps, 8 * 8
    assert f"{steps} steps, {steps * 8} prompts" in plan.describe(run)
    assert steps * replies <= 6_400  # a run is to take a minute, of which there are hundreds
    for climb in curricula.VARIANTS:
        other = curricula.run_of(curricula.Study(), problem, climb, 0)
        assert (other.stages[0], other.evaluation) == (run.stages[0], run.evaluation)


def test_the_page_compares_seeds_that_both_have_and_says_what_is_missing(
    curricula: Any, tmp_path: Path
) -> None:
    # Right of 10 on each of two levels, after imitation and under the climb.
    fared = {
        ("uniform", 0): ((5, 1), (6, 2)),
        ("uniform", 1): ((5, 1), (8, 2)),
        ("window", 0): ((5, 1), (9, 5)),
        ("sec", 1): ((5, 1), (8, 0)),
    }
    for (climb, seed), stages in fared.items():
        folder = tmp_path / f"lengths-{seed}-{climb}"
        folder.mkdir()
        record = Record(folder)
        for stage, scores in zip(("sft", "grpo"), stages, strict=True):
            places = itertools.product(("greedy", "sampled"), enumerate(scores), range(10))
            record.answered(
                {"stage": stage, "decoding": how, "level": f"l{level}", "correct": at < right}
                for how, (level, right), at in places
            )
        if climb == "window":
            replies = ((1, "a", True), (1, "a", False), (1, "b", False), (2, "b", True))
            drawn = ({"step": at, "address": of, "correct": right} for at, of, right in replies)
            record.extend(drawn, to=ROLLOUTS)
            record.append({"event": "warning", "stage": "grpo", "step": 3, "text": "rests"})
        record.append({"event": "done", "stage": "grpo", "job": "evaluate grpo"})
    study = curricula.Study(
        problems=("lengths", "far"),
        climbs=("uniform", "window", "sec"),
        seeds=(0, 1),
        finished=True,
        runs=tmp_path,
        to=tmp_path / "page.md",
    )
    curricula.main(study, ["--seeds", "0", "1", "--finished"])
    page = study.to.read_text("utf-8")
    assert "python scripts/curricula.py --seeds 0 1`" in page
    assert "**Missing: 2 of 6 runs.**" in page and "Not run yet." in page
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    split = next(at for at, row in enumerate(rows) if row and row[0] == "greedy, by level")
    found, levels = (
        {row[0]: row[1:] for row in part if row} for part in (rows[:split], rows[split:])
    )
    assert found["none: imitation alone"][:2] == ["0 1", "**30** ± 0 (30, 30)"]
    assert found["uniform"] == [
        "0 1",
        *2 * ["**45** ± 64 (40, 50)"],
        "**20** ± 0 (20, 20)",
        "",
        "",
        "**0** ± 0 (0, 0)",
        "0",
    ]
    assert found["window"] == ["0", "70", "70", "50", "+30", "+30", "1", "1"]
    assert found["sec"] == ["1", "40", "40", "0", "-10", "-10", "0", "0"]
    assert list(levels)[2:] == ["none: imitation alone", "uniform", "window", "sec"]
    for climb in ("uniform", "window", "sec"):  # the hardest level comes last
        assert levels[climb][-1] == found[climb][3]
    assert levels["sec"] == ["80", "0"]


def test_a_page_of_nothing_and_names_that_are_unknown_are_one_error(
    curricula: Any, tmp_path: Path
) -> None:
    study = curricula.Study(finished=True, runs=tmp_path, to=tmp_path / "page.md")
    with pytest.raises(TaskError, match=r"no run in .* is finished"):
        curricula.main(study, [])
    with pytest.raises(TaskError, match="no climb windows; known: uniform, "):
        curricula.main(curricula.Study(climbs=("windows",)), [])
    assert not list(tmp_path.iterdir())
