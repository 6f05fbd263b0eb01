"""The resources server for NeMo Gym judges what layout nemo-gym writes."""

import json
from pathlib import Path
from typing import Any

import pytest

import avrgym
import rolled
from avrgym import Format, TaskError
from avrgym.adapters import nemo_gym
from avrgym.data import generate
from avrgym.mixtures import Mixture, Part, Phase
from written import settings

pytest.importorskip("fastapi", reason="needs the dev extra: pip install avrgym[dev]")
testclient = pytest.importorskip("starlette.testclient")

FORMATS = ("image", "text", "image_via_text", "image_to_text", "image-direct")
PARTS = tuple(
    Part(task, "rung0", Format.parse(format)) for task in avrgym.TASKS for format in FORMATS
)
# As the Responses API has it, reasoning and all.
REASONING = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "?"}]}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("nemo") / "data"
    mixed = Mixture("m", (Phase("m", len(PARTS), PARTS),))
    generate(settings(mixed, layout="nemo-gym"), folder)
    return [json.loads(line) for line in (folder / "m.jsonl").read_text("utf-8").splitlines()]


def responded(*said: str) -> dict[str, Any]:
    messages = [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": text, "annotations": []}],
        }
        for text in said
    ]
    return {"id": "resp_1", "object": "response", "model": "m", "output": [REASONING, *messages]}


def owed(row: dict[str, Any]) -> str:
    [sample] = avrgym.samples([row["address"]])
    return sample.twin if row["format"] == "image_to_text" else sample.rationale


def test_gold_earns_all_and_wrong_nothing(rows: list[dict[str, Any]]) -> None:
    with testclient.TestClient(nemo_gym.app()) as client:
        assert {row["format"] for row in rows} == set(FORMATS)
        for row in rows:
            assert client.post("/seed_session", json=row).status_code == 200
            right = client.post("/verify", json={**row, "response": responded("So.", owed(row))})
            body = right.json()
            assert right.status_code == 200 and body["reward"] == 1.0 and body["correct"]
            # What was sent comes back, as NeMo Gym's own servers give it.
            assert body["responses_create_params"] == row["responses_create_params"]
            assert body["response"]["output"][0] == REASONING
            bare = "" if row["format"] == "image_to_text" else f"Answer: {row['expected_answer']}"
            for said in ("", "Answer: 123456", f"{bare} or so"):
                body = client.post("/verify", json={**row, "response": responded(said)}).json()
                assert body["reward"] == 0.0 and not body["correct"]
            body = client.post("/verify", json={**row, "response": {"output": [REASONING]}}).json()
            assert body["reward"] == 0.0
            if bare:
                body = client.post("/verify", json={**row, "response": responded(bare)}).json()
                assert body["reward"] == 1.0


def test_steps_are_paid_where_asked(rows: list[dict[str, Any]]) -> None:
    row = next(
        row for row in rows if row["address"].startswith("table") and row["format"] == "text"
    )
    lines = owed(row).splitlines()
    with testclient.TestClient(nemo_gym.app({"steps": 1.0})) as client:
        said = "\n".join(lines[:-1])
        body = client.post("/verify", json={**row, "response": responded(said)}).json()
        due = avrgym.rewards.steps([said], address=[row["address"]])[0]
        assert body["reward"] == due > 0
        assert body["steps_right"] == body["steps_made"] > 0 and body["first_error"] == -1
    with pytest.raises(TaskError, match="unknown reward"):
        nemo_gym.app("nope")


def test_bodies_that_are_no_rows_are_refused(rows: list[dict[str, Any]]) -> None:
    row, good = rows[0], responded("Answer: 1")
    wrong: list[dict[str, Any]] = [
        {},
        {"response": good},
        {**row},
        {**row, "response": {}},
        {**row, "response": {"output": "Answer: 1"}},
        {**row, "response": {"output": [{"type": "message", "content": [1]}]}},
        {**row, "response": {"output": [{"type": "message", "content": 7}]}},
        {**row, "response": good, "address": "nothing"},
        {**row, "response": good, "address": "grid_navigation/rung99#train:0:0"},
        {**row, "response": good, "address": 7},
        {**row, "response": good, "format": "nothing"},
    ]
    with testclient.TestClient(nemo_gym.app()) as client:
        for body in wrong:
            answer = client.post("/verify", json=body)
            assert answer.status_code == 422, body
            assert answer.json()["detail"]
        assert client.post("/seed_session", json={**row, "address": "x"}).status_code == 422
        assert client.post("/verify", content=b"{").status_code == 422


@pytest.mark.filterwarnings("ignore")
def test_verifiers_reads_the_rows_and_its_responses_are_judged(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    own = pytest.importorskip(
        "verifiers.v1.tasksets.nemo_gym.taskset", reason="tests/consumers.txt is not installed"
    )
    convert = pytest.importorskip("verifiers.v1.tasksets.nemo_gym.response")
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    tasks = list(own.NeMoGymTaskset(own.NeMoGymConfig(dataset=file)))
    assert len(tasks) == len(rows)
    with testclient.TestClient(nemo_gym.app()) as client:
        for task, row in zip(tasks, rows, strict=True):
            [user] = task.data.prompt
            kinds = [part.type for part in user.content]
            assert kinds == ["image_url"] * (row["format"] != "text") + ["text"]
            trace = rolled.trace(task, owed(row))
            response = convert.trace_to_nemo_response(trace, row["responses_create_params"], [])
            body = client.post("/verify", json={**task.data.row, "response": response}).json()
            assert body["reward"] == 1.0
