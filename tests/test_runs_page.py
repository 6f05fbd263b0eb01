"""What the page on runs says is so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import pages
from avrgym import TaskError

pytest.importorskip("trl", reason="the train extra is not installed")

from avrgym.train import shipped, spec

PAGE = (Path(__file__).parent.parent / "docs" / "runs.md").read_text("utf-8")


def blocks(kind: str) -> Iterator[str]:
    """The page's blocks of a kind."""
    yield from (block.text for block in pages.blocks("docs/runs.md") if block.language == kind)


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    [text] = [block.text for block in pages.blocks("docs/runs.md") if block.title == "mine.toml"]
    Path("mine.toml").write_text(text)
    return Path("mine.toml")


def test_the_file_on_the_page_is_a_run(mine: Path) -> None:
    run = spec.load(mine)
    assert (run.name, [stage.name for stage in run.planned()]) == ("grid-climb", ["sft", "grpo"])
    assert len(run.evaluation.settings(run.wording)) == 4


DEFAULTS = ("seed", "threads", "held_out", "credit", "batch", "prompts", "split")


def test_what_it_says_is_left_out_is_so(mine: Path) -> None:
    given = spec.load(mine)
    left = "\n".join(
        line
        for line in mine.read_text().splitlines()
        if not line.startswith(
            ("seed", "threads", "held_out", "credit", "batch", "prompts", "split")
        )
    )
    mine.write_text(left)
    assert spec.load(mine) == given


def test_the_errors_on_the_page_are_said(mine: Path) -> None:
    *_, shown = blocks("text")  # the last; before it stands what a run leaves
    for line, overrides in zip(
        shown.splitlines(),
        (
            {"stages.1.stepz": "3"},
            {"stages.0.kind": "sftt"},
            {"stages.0.steps": "many", "stages.1.steps": "more"},
        ),
        strict=True,
    ):
        with pytest.raises(TaskError) as wrong:
            spec.load(mine, overrides)
        assert str(wrong.value) == line


@pytest.mark.parametrize("name", shipped.names())
def test_runs_that_come_with_the_package_are_read(name: str) -> None:
    assert spec.load(shipped.find(name)).stages


def test_keys_on_the_page_are_taken(mine: Path) -> None:
    run = spec.load(
        mine,
        {
            "stages.1.steps": "500",
            "model.preset": "small",
            "stages.0.curriculum.levels": '["rung0"]',
            "stages.0.curriculum.formats": "{ image = 1 }",
            'stages.1.rewards."my.module:reward"': "0.5",
        },
    )
    assert run.stages[1].steps == 500
