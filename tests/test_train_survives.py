"""Runs that are killed go on as if nothing had been, and several processes share one."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")

import torch
from safetensors.torch import load_file

from avrgym.files import jsonl
from avrgym.runs.record import Record
from trained import PRM

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
TIMES = {"seconds", "step_time", "cpu_seconds", "num_tokens"}


def told(record: Record) -> list[dict[str, Any]]:
    """What a run says of itself, but for time."""
    return [
        {name: value for name, value in event.items() if name not in TIMES}
        for event in record.events()
        if event["event"] in ("log", "sampled", "stage", "labelled", "judged")
    ]


def moved(record: Record) -> list[list[tuple[str, Any]]]:
    """What is said of displacement; of a round's begin it may stand before what was drawn."""
    return sorted(sorted(event.items()) for event in record.events("displacement"))


def pairs(record: Record) -> dict[tuple[str, ...], str]:
    """What was learned in rounds of preferences, by stage and round."""
    return {file.parts[-2:]: file.read_text() for file in record.folder.glob("pairs/*/*")}


def weights(record: Record, stage: str) -> dict[str, torch.Tensor]:
    [file] = record.model(stage).glob("*.safetensors")
    return load_file(file)


# Behind a checkpoint, on one, and before the first: of each stage, chosen anew each time.
STEPS = random.Random(random.randrange(2**32))
DEATHS = {
    "whole": [f"sft:{STEPS.randint(1, 6)}", f"grpo:{STEPS.randint(1, 3)}", "grpo:5"],
    # With nothing kept yet but what was drawn, within a round, and in the next one.
    "rounds": [
        *("rft:1", f"rft:{STEPS.randint(2, 3)}", f"rft:{STEPS.randint(4, 6)}"),
        *(f"dpo:{STEPS.randint(1, 3)}", "dpo:4", f"sppo:{STEPS.randint(1, 6)}"),
    ],
    # Its replies are drawn, no checkpoint is kept; then behind one and on one.
    "judges": ["prm:1", f"prm:{STEPS.randint(2, 5)}", f"grpo:{STEPS.randint(1, 3)}"],
    "adapter": ["grpo:3", f"dpo:{STEPS.randint(3, 4)}"],  # where a checkpoint is to go on from
}


def test_runs_that_are_killed_go_on_as_if_they_had_not_been(tmp_path: Path) -> None:
    """Both kinds in one process, because the libraries take longer than the runs."""
    asked = [f"{which}={' '.join(deaths)}" for which, deaths in DEATHS.items()]
    words = [sys.executable, str(HERE / "survivor.py"), str(tmp_path), *asked]
    done = subprocess.run(words, env=ENVIRONMENT, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, (DEATHS, done.stderr)
    ends = [line for line in done.stdout.splitlines() if line.startswith("ended")]
    codes = {name: ["0", *["9"] * len(deaths), "0"] for name, deaths in DEATHS.items()}
    codes["judges"].append("0")  # two processes at the end
    wanted = [f"ended {name} {' '.join(each)}" for name, each in codes.items()]
    assert ends == wanted, (DEATHS, done.stdout)
    for which, deaths in DEATHS.items():
        ran = [Record(tmp_path / which / kind / "survivor") for kind in ("whole", "killed")]
        _same(ran[0], ran[1], deaths)
    _shared(*(Record(tmp_path / "judges" / kind / "survivor") for kind in ("whole", "shared")))


def _shared(alone: Record, shared: Record) -> None:
    """Two processes ask each its half, know all of what came of it, and make one judge of each."""
    agreed = list(shared.events("agreed"))
    assert [each["of"] for each in agreed] == ["model", "judge", "model"]
    assert all(len(each["digests"]) == 2 for each in agreed)
    told = [event for event in shared.events("log") if event["stage"] == "grpo"]
    assert all(0 < event["judge/loss"] < 2 for event in told) and len(told) == 4
    ran = [[*record.events("labelled"), *record.events("judged")] for record in (alone, shared)]
    assert [each["event"] for each in ran[1]] == ["labelled", "judged", "judged"]
    rows = [
        [row["address"] for row in jsonl.read(record.judge("prm") / "labelled.jsonl")]
        for record in (alone, shared)
    ]
    assert rows[0] == rows[1] and len(rows[1]) == PRM.samples * PRM.replies
    for own, other in zip(ran[0][1:], ran[1][1:], strict=True):
        assert own["replies"] == other["replies"] and own.keys() == other.keys()
    assert {file.name for file in shared.judge("prm").iterdir()} == {
        *("judge.json", "head.safetensors", "labelled.jsonl", "model")
    }


def _same(whole: Record, killed: Record, deaths: list[str]) -> None:
    assert told(killed) == told(whole), deaths
    assert moved(killed) == moved(whole), deaths
    assert pairs(killed) == pairs(whole), deaths
    assert list(killed.rollouts()) == list(whole.rollouts()), deaths
    assert [row["reply"] for row in killed.results()] == [row["reply"] for row in whole.results()]
    for stage in whole.stages():
        ours, theirs = weights(killed, stage), weights(whole, stage)
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs), (deaths, stage)
    for file in whole.folder.glob("judges/**/*.safetensors"):
        ours, theirs = load_file(killed.folder / file.relative_to(whole.folder)), load_file(file)
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs), (deaths, file)
    assert not list(killed.folder.rglob("*.part")) and not list(killed.folder.rglob("unfinished/*"))
    assert not any(killed.folder.joinpath("checkpoints").iterdir())


def test_processes_share_a_run_and_others_go_on_with_it(tmp_path: Path) -> None:
    """Rows are disjoint, groups stay whole, weights equal; replies are kept whoever is killed."""
    words = [sys.executable, str(HERE / "sharing.py"), str(tmp_path)]
    done = subprocess.run(words, env=ENVIRONMENT, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    ends = [line for line in done.stdout.splitlines() if line.startswith("ended")]
    assert ends == ["ended 0", "ended 9", "ended 9", "ended 0"], done.stdout
    # Two processes found the same wrong at first: one said it, both ended before any work.
    assert done.stderr.count("batch 33 is not divisible by 2 processes") == 1, done.stderr[-2000:]
    assert [(tmp_path / f"refused-{rank}").read_text() for rank in (0, 1)] == ["2", "2"]
    assert not list(tmp_path.joinpath("refused").iterdir())
    record = Record(tmp_path / "shared")
    assert [event["stage"] for event in record.events("agreed")] == ["sft", "grpo"]
    for event in record.events("agreed"):
        assert len(event["digests"]) == 2 and len(set(event["digests"])) == 1
    # The beginning reads prompts in both; what follows are batches of three steps.
    places = [json.loads((tmp_path / f"first-places-{rank}.json").read_text()) for rank in (0, 1)]
    rows = [[each for each in mine if len(each) == 2] for mine in places]
    first, second = ([at for each in mine[:3] for at in each] for mine in rows)
    assert len(first) == len(second) == 6 and not set(first) & set(second)
    assert sorted(first + second) == list(range(12))
    by_step: dict[int, list[str]] = {}
    for rollout in record.rollouts():
        by_step.setdefault(rollout["step"], []).append(rollout["address"])
    assert sorted(by_step) == [1, 3]
    for asked in by_step.values():
        assert [asked.count(each) for each in dict.fromkeys(asked)] == [4] * 4
    climbed = [json.loads((tmp_path / f"climbed-{rank}.json").read_text()) for rank in (0, 1)]
    assert climbed[0] == climbed[1] and len(climbed[0]) == 8  # of the last time, after step 2
    learned = {rollout["address"] for rollout in record.rollouts() if rollout["step"] == 3}
    assert learned == set(climbed[0][:4])
    rows_there = list(record.results())
    keys = {(row["stage"], row["address"], row["format"], row["decoding"]) for row in rows_there}
    assert len(rows_there) == len(keys) == 3 * 2 * 2 * 4
    kept = json.loads((tmp_path / "kept.json").read_text())
    assert [row["stage"] for row in kept].count("sft") >= 3  # of the process that was killed
    assert all(row in rows_there for row in kept)
    assert not list(record.folder.glob("results-*"))
    jobs = [event["job"] for event in record.events("done")]
    assert jobs == ["start", "evaluate start", "sft", "evaluate sft", "grpo", "evaluate grpo"]
    assert len([event for event in record.events("log") if event["stage"] == "grpo"]) == 4


def test_torchrun_starts_processes_that_know_each_other(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*words, str(HERE / "together.py"), str(tmp_path)],
        env=ENVIRONMENT,
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)]
    assert [each.pop("first") for each in told] == [True, False]
    assert [each.pop("share") for each in told] == [[0, 2, 4], [1, 3]]
    assert sorted(each.pop("says_it") for each in told) == [False, True]
    assert told[0] == told[1] == {"count": 2, "joined": [0, 1, 2, 3, 4], "said": "of 0"}
