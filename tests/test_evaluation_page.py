"""What docs/evaluation.md says of evaluations is so: its settings are read, its block is run."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from avrgym.config import build
from avrgym.evaluate import suites
from avrgym.evaluate.results import Result
from avrgym.evaluate.subjects import SUBJECTS
from avrgym.evaluate.suite import Evaluation
from avrgym.report.sections import ANALYSES

PAGE = (Path(__file__).parent.parent / "docs" / "evaluation.md").read_text("utf-8")


def test_the_settings_are_read() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    read = build(Evaluation, tomllib.loads(block)["evaluation"], "docs/evaluation.md")
    assert len(read.settings()) == 5
    assert read.items == Evaluation().items and read.max_reply == Evaluation().max_reply


def test_every_column_has_its_line() -> None:
    section = PAGE[PAGE.index("## `results.jsonl`") : PAGE.index("## Questions")]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert named == [each.name for each in fields(Result)]


def test_every_section_of_the_report_has_its_line() -> None:
    _, _, section = PAGE.partition("## The report")
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert named == [each.name for each in ANALYSES]


def test_every_suite_and_subject_is_named() -> None:
    before, _, _ = PAGE.partition("## `results.jsonl`")
    assert sorted(re.findall(r"^\| `(\w+)` \|", before, re.MULTILINE)) == suites.names()
    assert f"| {', '.join(f'`{name}`' for name in SUBJECTS)} |" in before
