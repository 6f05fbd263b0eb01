"""The table of easy labels and hard levels: what its cells say, and that no label sneaks in."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("tyro", reason="needs the data extra: pip install avrgym[data]")

from avrgym import TaskError
from avrgym.runs.record import Record
from avrgym.train.shipped import find
from avrgym.train.spec import Run, load
from avrgym.train.stages import Rft

RUN = "quickstart_consecutive_table_readout"
LEVELS = (
    "consecutive_table_readout/rung3?answer=cells&cells=9-12&names=letters",
    "consecutive_table_readout/rung3?answer=cells&cells=13-16&names=letters",
)
# Right of four, by seed: before, after imitation, and after the last stage of run and control.
RIGHT = {"start": (0, 0), "sft": (1, 2), "rft": (4, 4), "more": (1, 1)}


@pytest.fixture
def s2h(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "scripts"))
    import s2h  # type: ignore[import-not-found]

    assert isinstance(s2h, ModuleType)
    return s2h


def test_no_level_of_the_table_is_ever_demonstrated(s2h: ModuleType) -> None:
    for row in s2h.ROWS:
        run = load(find(row.run))
        shown = set(demonstrated(run))
        assert shown
        found = s2h.Found(row, run, (), ())
        assert not shown & set(s2h.levels(found)), row.run


def demonstrated(run: Run) -> Iterator[str]:
    """Settings whose worked replies a run imitates."""
    for place, stage in enumerate(run.stages):
        plans = stage.plans[1:] if isinstance(stage, Rft) else stage.plans
        for plan in plans:
            yield from (setting for setting, _ in plan.asks(run.occasion(place, stage)))


def test_cells_say_what_the_records_say(s2h: ModuleType, tmp_path: Path) -> None:
    row = s2h.Row(RUN, shown="1-8", asked="1-16", levels=tuple(rung(each) for each in LEVELS))
    climbed = tuple(record(tmp_path / f"rounds-{seed}", seed, "rft") for seed in (0, 1))
    more = tuple(record(tmp_path / f"short-{seed}", seed, "more") for seed in (0, 1))
    found = s2h.Found(row, load(find(RUN)), climbed, more)
    lines = list(s2h.page([found], s2h.S2h(seeds=(0, 1)), ["--seeds", "0", "1"]))
    first, second = (line.split(" | ") for line in lines if line.startswith("| 1-8 |"))
    assert first[2] == f"`{rung(LEVELS[0])}`" and second[2] == f"`{rung(LEVELS[1])}`"
    assert (first[3], second[3]) == ("only judged", "never seen")
    each = [cell.partition("(")[2].rstrip(") |") for cell in first[5:]]
    assert each == ["0, 0", "25, 50", "25, 25", "100, 100", "+75, +50"]
    assert "| … its control | 7 | 7 |" in lines  # what it shares with the run is not its own


def test_a_level_that_a_run_does_not_measure_is_named(s2h: ModuleType) -> None:
    found = s2h.Found(s2h.Row(RUN, "", "", levels=("rung7",)), load(find(RUN)), (), ())
    with pytest.raises(TaskError, match="does not measure consecutive_table_readout/rung7"):
        list(s2h.levels(found))


def rung(level: str) -> str:
    """Without its task."""
    return level.partition("/")[2]


def record(folder: Path, seed: int, last: str) -> Record:
    """A run that went through imitation and one more stage, which asked for the first level."""
    made = Record(folder)
    made.open({"seed": seed})
    asks: Mapping[str, list[list[str]]] = {"sft": [["consecutive_table_readout/rung0", "image"]]}
    asks = {**asks, "rft": [[LEVELS[0], "image"]], "more": asks["sft"]}
    for stage in ("start", "sft", last):
        if stage != "start":
            role = "judged" if stage == "rft" else "imitated"
            said = {"event": "stage", "stage": stage, "kind": stage, "role": role, "steps": 1}
            made.append({**said, "asks": asks[stage]})
        made.model(stage).mkdir(parents=True)
        for job, seconds in ((stage, 5.0), (f"evaluate {stage}", 2.0)):
            made.append({"event": "done", "stage": stage, "job": job, "cpu_seconds": seconds})
        made.answered(
            {
                "stage": stage,
                "level": level,
                "format": "image",
                "decoding": "greedy",
                "correct": item < RIGHT[stage][seed],
            }
            for level in LEVELS
            for item in range(4)
        )
    made.join()
    return made
