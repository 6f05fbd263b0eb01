"""The taskset in verifiers' own classes, and by its own command line."""

import asyncio
import base64
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avrgym
import rolled
from avrgym import TaskError

pytest.importorskip("verifiers.v1", reason="tests/consumers.txt is not installed")
pytest.importorskip("PIL", reason="needs the data extra: pip install avrgym[data]")

from PIL import Image
from verifiers.v1.utils.loaders import load_taskset, taskset_config_type

# The library's own: multiprocessing, event loops, deprecations.
pytestmark = pytest.mark.filterwarnings("ignore")
NAME = "avrgym-verifiers"
LEVELS = ",".join(f"{task}/rung0" for task in avrgym.TASKS)


def tasks(count: int, **settings: Any) -> list[Any]:
    """As verifiers itself loads them by name."""
    config = taskset_config_type(NAME)(id=NAME, **settings)
    return list(load_taskset(config).head(count))


def scored(task: Any, said: str) -> Any:
    trace = rolled.trace(task, said)
    asyncio.run(task.score(trace))
    return trace


def test_tasks_show_pictures_and_are_asked_in_full() -> None:
    made = tasks(2 * len(avrgym.TASKS), levels=LEVELS, theme="compact")
    assert [task.data.address.split("/")[0] for task in made] == [*avrgym.TASKS] * 2
    assert len({task.key for task in made}) == len(made)
    for task in made:
        [user] = task.data.prompt
        picture, words = user.content
        [drawn] = avrgym.render([task.data.address], 448, "compact")
        body = base64.b64decode(picture.image_url.url.partition(",")[2])
        assert np.array_equal(np.asarray(Image.open(BytesIO(body)).convert("RGB")), drawn)
        assert "?style=full#test:0:" in task.data.address and "Answer:" in words.text
        # What goes to disk and to workers comes back whole.
        again = type(task.data).model_validate_json(task.data.model_dump_json())
        assert again == task.data


def test_rewards_are_those_of_the_house() -> None:
    for task in tasks(len(avrgym.TASKS), levels=LEVELS, format="text"):
        [sample] = avrgym.samples([task.data.address])
        right = scored(task, sample.rationale)
        assert right.reward == right.rewards["correctness"].score == 1
        assert right.info["verdict"]["outcome"] == "correct" and right.metrics["steps_made"] > 0
        cut = "\n".join(sample.rationale.splitlines()[:-1])
        short = scored(task, cut)
        for name in ("correctness", "steps", "progress", "format"):
            [due] = getattr(avrgym.rewards, name)([cut], address=[sample.address])
            assert short.rewards[name].score == due
        assert short.reward == 0 < short.rewards["steps"].score
        assert short.metrics["steps_right"] == len(short.info["verdict"]["steps"])
        assert scored(task, "").reward == 0


def test_steps_weigh_what_the_settings_say() -> None:
    [task] = tasks(1, format="text", task={"rewards": {"steps": {"weight": 0.5}}})
    [sample] = avrgym.samples([task.data.address])
    assert scored(task, sample.rationale).reward == 1.5


def test_transcriptions_are_judged_as_such() -> None:
    [task] = tasks(1, format="image_to_text")
    [sample] = avrgym.samples([task.data.address])
    assert scored(task, sample.twin).reward == 1
    # A part of it is not right, as with every other reward for a right answer.
    for said in (sample.twin.rpartition("\n")[0], sample.rationale):
        assert scored(task, said).reward == 0


def test_what_names_nothing_is_refused() -> None:
    for wrong in ({"levels": "grid"}, {"format": "x"}, {"split": "x"}, {"theme": "x"}):
        with pytest.raises(TaskError):
            tasks(1, **wrong)


def test_its_command_line_validates_the_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from verifiers.v1.cli import validate

    said = [NAME, "-n", "4", "--only-gold", "--no-rich", "--runtime.type", "subprocess"]
    said += [
        "-o",
        str(tmp_path),
        "--taskset.levels",
        "table_readout/rung0..rung1",
        "--taskset.format",
        "text",
    ]
    monkeypatch.setattr(sys, "argv", ["validate"])
    monkeypatch.chdir(tmp_path)
    try:
        validate.main(said)
    except SystemExit as ended:
        assert not ended.code
    [file] = tmp_path.rglob("results.jsonl")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(rows) == 4
    assert all(row["valid"] for row in rows), rows
