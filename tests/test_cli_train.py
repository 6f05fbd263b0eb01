"""The verbs train and play, as far as they need no training."""

from pathlib import Path

import pytest

import avrgym
from commands import Command

pytest.importorskip("tyro")
pytest.importorskip("rich")
pytest.importorskip("pyarrow")

from avrgym.cli.keys import split
from avrgym.cli.play import marked

OWN = ("file", "runs", "name", "task", "dry_run", "keys")


def test_options_that_are_none_of_the_verb_are_keys() -> None:
    left, keys = split(
        [
            *("mine.toml", "--stages.1.steps", "50", "--runs", "here", "--seed=3", "--dry-run"),
            *("--model.preset=a=b", "--stages.0.trl.learning_rate", "-1e-3", "-h", "--no-dry-run"),
            *("--rewards.x", "", "--name=it", "--dry_run"),
        ],
        OWN,
    )
    assert left == [
        *("mine.toml", "--runs", "here", "--dry-run", "-h", "--no-dry-run", "--name=it"),
        "--dry_run",
    ]
    assert keys == {
        "stages.1.steps": "50",
        "seed": "3",
        "model.preset": "a=b",
        "stages.0.trl.learning_rate": "-1e-3",
        "rewards.x": "",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seed",), "--seed has no value; give one, such as --seed=1"),
        (("--seed", "--dry-run"), "--seed has no value; give one, such as --seed=1"),
        (("--seed", "1", "--seed=2"), "--seed is given twice; give it once"),
    ],
)
def test_a_key_without_a_value_or_with_two_is_refused(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    assert command("train", "x.toml", *arguments) == (2, "", f"avrgym: {said}\n")


def test_help_says_that_keys_are_options(command: Command) -> None:
    code, said, _ = command("train", "--help")
    assert code == 0
    for words in ("avrgym train mine.toml --dry-run", "--stages.1.steps 500", "--runs"):
        assert words in " ".join(said.split())
    assert "--keys" not in said


@pytest.mark.parametrize("task", avrgym.TASKS)
def test_a_rationale_is_marked_step_by_step(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    [sample] = avrgym.samples([f"{task}/hard#test:0:7"])
    marked(sample.address, sample.rationale.encode())
    said = capsys.readouterr().out
    assert said.count(" ✓") == len(sample.steps) and "✗" not in said
    assert said.replace(" ✓", "").replace("\n", "").startswith(sample.rationale.replace("\n", ""))
    assert said.endswith("\ncorrect\n")
    marked(sample.address, b"Answer: \xff nothing of the kind")
    said = capsys.readouterr().out
    assert "\ufffd" in said and "correct" not in said


def test_a_wrong_step_is_marked_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    [sample] = avrgym.samples(["grid_navigation/rung1#test:0:3"])
    wrong = sample.rationale.replace("up", "right", 1)
    marked(sample.address, wrong.encode())
    said = capsys.readouterr().out
    [verdict] = avrgym.verify([sample.address], [wrong])
    [first, *_] = [step for step in verdict.steps if step.state != "ok"]
    assert f"{first.claim} ✗ {first.reason}" in said


def test_what_is_no_run_is_refused_with_those_that_are(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("trl", reason="the train extra is not installed")
    for name in ("none.toml", "quickstart_chess", tmp_path):
        code, _, said = command("train", name)
        assert code == 2 and len(said.splitlines()) == 1
        assert f"no run at {name}; give a file, or one that comes with avrgym: " in said
        assert "quickstart_grid_navigation" in said
    code, _, said = command("train", "mine.toml", "--task", "grid_navigation")
    assert code == 2 and "--task chooses a quickstart; leave it out, or mine.toml" in said
    code, _, said = command("play", "grid_navigation/rung2#test:0:7", tmp_path)
    assert code == 2 and f"{tmp_path} holds no model" in said and "train one first" in said


def test_a_key_that_is_none_is_refused_before_anything(tmp_path: Path, command: Command) -> None:
    pytest.importorskip("trl", reason="the train extra is not installed")
    runs = ("--runs", tmp_path / "runs")
    for options, words in (
        (("--sead", 3), "unknown key sead (did you mean seed?); known keys: name, seed, "),
        (
            ("--stages.0.stepz", 3),
            "stages[0]: unknown key stepz (did you mean steps?); known keys: ",
        ),
        (("--stages.0.kind", "sftt"), "stages[0].kind: unknown kind sftt (did you mean sft?); "),
        (("--stages.9.steps", 3), "stages: no place 9; its places: 0 to 1"),
        (("--stages.0.steps", "many"), "stages[0].steps: expected a whole number, got 'many'"),
    ):
        code, said, wrong = command("train", *options, *runs)
        assert code == 2 and not said and len(wrong.splitlines()) == 1, wrong
        assert words in wrong and "quickstart_grid_navigation.toml" in wrong
    assert not (tmp_path / "runs").exists()
