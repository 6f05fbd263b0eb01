"""Shipped runs that ask for larger tables than they show: what is labelled, said and drawn."""

import re
from pathlib import Path

import numpy as np
import pytest

import avrgym
from avrgym.core import facts

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

from avrgym.train import CONFIGS, plan
from avrgym.train.curricula.occasion import Plan
from avrgym.train.spec import Run, load
from avrgym.train.stages import Rft, Sft

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

CLIMBS = sorted(CONFIGS.glob("climb_*.toml"))


def settings(run: Run, asked: Plan) -> set[str]:
    """All that a curriculum may ask for."""
    return {setting for setting, _ in asked.asks(run.occasion(0, run.stages[0]))}


def drawn(settings: set[str]) -> list[str]:
    """Addresses of some samples of each."""
    return [f"{setting}#train:0:{at}" for setting in sorted(settings) for at in range(800)]


def stages(file: Path) -> tuple[Run, set[str], set[str]]:
    """A run, what it has labels for, and what is only judged."""
    run = load(file)
    imitation, rounds = run.stages
    assert isinstance(imitation, Sft) and isinstance(rounds, Rft) and rounds.demonstrations
    labelled = settings(run, imitation.curriculum)
    assert settings(run, rounds.demonstrations) <= labelled
    return run, labelled, settings(run, rounds.curriculum)


@pytest.mark.parametrize("file", CLIMBS, ids=lambda file: file.stem)
def test_no_path_is_shown_on_a_table_that_is_asked_for(file: Path) -> None:
    run, labelled, judged = stages(file)
    cells, rows, columns = (
        [np.asarray(facts.features(drawn(each))[name]) for each in (labelled, judged)]
        for name in ("cells", "rows", "columns")
    )
    paths = cells[0] > 2  # two cells are a step
    assert (rows[0] * columns[0])[paths].max() < (rows[1] * columns[1]).min()
    assert cells[0].max() < cells[1].max() / 2
    assert not labelled & judged
    shown, *others = run.evaluation.settings(run.wording)
    assert shown in labelled and not set(others) & labelled
    assert set(others) & judged
    assert "evaluation: " in plan.describe(run)


@pytest.mark.parametrize("file", CLIMBS, ids=lambda file: file.stem)
def test_all_that_is_asked_for_has_been_said_once(file: Path) -> None:
    _, labelled, judged = stages(file)
    shown, asked = (
        {
            name
            for sample in avrgym.samples(drawn(each))
            for name in re.findall(r"((?:, )?[a-z]+) \d", sample.answer)
        }
        for each in (labelled, judged)
    )
    # A name is one token, with the comma before it another; one never said is hardly sampled.
    assert asked <= shown


@pytest.mark.parametrize("file", CLIMBS, ids=lambda file: file.stem)
def test_a_cell_is_a_patch_in_every_table(file: Path) -> None:
    run, labelled, judged = stages(file)
    measured = settings(run, run.stages[0].curriculum) | set(run.evaluation.settings(run.wording))
    found = facts.features(drawn(labelled | judged | measured))
    sides = [run.picture.width // (found["columns"] + 1), run.picture.height // (found["rows"] + 1)]
    assert set(np.minimum(*sides)) == {run.model.shape.patch}  # type: ignore[union-attr]
