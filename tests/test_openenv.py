"""The environments in OpenEnv's own classes, and behind its own server."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym import Picture, TaskError, _core

pytest.importorskip(
    "openenv.core.env_server",
    reason="openenv wants another mcp than verifiers does; pip install it",
)
pytest.importorskip("PIL", reason="needs the data extra: pip install avrgym[data]")
pytest.importorskip("starlette", reason="needs the serve extra: pip install avrgym[serve]")

from openenv.core.env_server.interfaces import Environment
from PIL import Image
from starlette import testclient

from avrgym.adapters import openenv

# The library's own: deprecations of what it imports.
pytestmark = pytest.mark.filterwarnings("ignore")

MOVES = ("up", "down", "left", "right")


def walked(env: Any, answer: str) -> list[Any]:
    return [env.step(openenv.BoardAction(action=move)) for move in answer.split(", ")]


def test_a_shortest_walk_earns_one_and_a_detour_no_more() -> None:
    env = openenv.BoardEnvironment(level="rung2", split="test", format="text")
    assert isinstance(env, Environment)
    for index in range(5):
        first = env.reset(index=index, split="test", episode_id=f"e{index}")
        assert first.reward is None and not first.done and not first.picture
        assert "W" in first.board and "no path" in first.prompt
        [sample] = avrgym.samples([env.state.address])
        assert sample.address == f"grid_navigation/rung2#test:0:{index}"
        seen = walked(env, sample.answer)
        assert sum(each.reward for each in seen) == pytest.approx(1)
        assert [each.done for each in seen] == [False] * (len(seen) - 1) + [True]
        assert seen[-1].metadata["success"] and env.state.step_count == len(seen)
        assert env.state.episode_id == f"e{index}"
        with pytest.raises(TaskError, match="over"):
            env.step(openenv.BoardAction(action="up"))
    env.reset(index=0)
    wrong = env.step(openenv.BoardAction(action="No path "))
    assert wrong.reward == 0 and wrong.done and not wrong.metadata["success"]
    none = openenv.BoardEnvironment(params={"p_unsolvable": 1}, format="text")
    none.reset()
    right = none.step(openenv.BoardAction(action="no path"))
    assert right.reward == 1 and right.done and right.metadata["success"]


def test_refused_moves_earn_nothing_and_a_wrong_word_changes_nothing() -> None:
    env = openenv.BoardEnvironment(format="text", max_moves=50)
    env.reset(seed=5)
    back = {"up": "down", "down": "up", "left": "right", "right": "left"}
    total = 0.0
    for move in MOVES:
        before = env.state.step_count
        with pytest.raises(TaskError, match="known"):
            env.step(openenv.BoardAction(action="north"))
        assert env.state.step_count == before
        seen = env.step(openenv.BoardAction(action=move))
        total += seen.reward
        if not seen.refused:
            total += env.step(openenv.BoardAction(action=back[move])).reward
    assert total == pytest.approx(0)


def test_tables_are_read() -> None:
    env = openenv.BoardEnvironment(
        "consecutive_table_readout", "rung0", picture=Picture(448, "compact")
    )
    first = env.reset()
    shown = np.asarray(Image.open(BytesIO(base64.b64decode(first.picture.partition(",")[2]))))
    assert shown.shape == (448, 448, 3) and not first.board
    digits = avrgym.samples([env.state.address])[0].answer.split(", ")
    assert env.step(openenv.BoardAction(action=digits[0])).metadata["left"] == len(digits) - 1
    env.reset(address=env.state.address)
    wrong = env.step(openenv.BoardAction(action=str((int(digits[0]) + 1) % 10)))
    assert wrong.done and wrong.refused == "misread" and not wrong.metadata["success"]


def test_replies_are_judged() -> None:
    env = openenv.ReplyEnvironment("visual_analogy", "rung0", split="val")
    for _ in range(2):
        first = env.reset()
        address = env.state.address
        assert first.messages == avrgym.prompts.openai(address) and "style=full" in address
        [sample] = avrgym.samples([address])
        seen = env.step(openenv.ReplyAction(reply=sample.rationale))
        assert seen.done and seen.reward == 1 and seen.metadata["steps_made"] > 0
    env.reset()
    assert env.step(openenv.ReplyAction(reply="")).reward == 0
    assert address.endswith("#val:0:1") and env.state.address.endswith("#val:0:2")
    refused: list[dict[str, Any]] = [
        {"task": "x"},
        {"format": "x"},
        {"reward": "x"},
        {"split": "x"},
    ]
    for wrong in refused:
        with pytest.raises(TaskError):
            openenv.ReplyEnvironment(**wrong)


def test_its_own_server_serves_them() -> None:
    made = openenv.app("board", task="table_readout", level="rung0", format="text", size=50)
    with testclient.TestClient(made) as client:
        assert client.get("/health").json()["status"] == "healthy"
        schema = client.get("/schema").json()
        assert "action" in schema["action"]["properties"]
        told = client.post("/avrgym/num_tasks", json={"split": "test"}).json()
        assert told["num_tasks"] == 50
        task = client.post("/avrgym/task", json={"split": "test", "index": 7}).json()["task"]
        assert task["id"] == "table_readout/rung0#test:0:7"
        assert client.post("/avrgym/task", json={"split": "test", "index": 50}).status_code == 400
        digits = avrgym.samples([task["id"]])[0].answer.split(", ")
        with client.websocket_connect("/ws") as socket:
            socket.send_json({"type": "reset", "data": {"split": "test", "index": 7}})
            begun = socket.receive_json()["data"]
            assert begun["observation"]["board"] and not begun["done"]
            socket.send_json({"type": "step", "data": {"action": digits[0]}})
            after = socket.receive_json()["data"]
            assert after["reward"] > 0 or after["done"]
            socket.send_json({"type": "state"})
            assert socket.receive_json()["data"]["address"] == task["id"]


def test_boards_are_those_of_the_core() -> None:
    assert all(openenv.BoardEnvironment(task).reset() for task in _core.BOARD_TASKS)
    with pytest.raises(TaskError):
        openenv.BoardEnvironment("visual_analogy").reset()
