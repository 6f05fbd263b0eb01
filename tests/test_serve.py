"""The page of ``play --serve``: what it answers, whom it refuses."""

import io
import json
from typing import Any

import numpy as np
import pytest

import avrgym
from avrgym.envs.board import BoardEnv

pytest.importorskip("starlette", reason="the serve extra is not installed")
pytest.importorskip("httpx2", reason="what starlette's test client needs is not installed")
image = pytest.importorskip("PIL.Image")

from starlette.testclient import TestClient  # noqa: E402

from avrgym.serve.app import MOST, application  # noqa: E402

GRID = "grid_navigation/rung0#test:0:7"
TABLE = "table_readout/rung0#test:0:7"


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(application(), "http://127.0.0.1:8642")


def read(client: TestClient, path: str, **query: str) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, path: str, **query: str) -> str:
    answer = client.get(path, params=query)
    assert answer.status_code == 400
    wrong: str = answer.json()["error"]
    assert len(wrong.splitlines()) == 1
    return wrong


def pixels(client: TestClient, **query: str) -> Any:
    answer = client.get("/picture.png", params=query)
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    return np.asarray(image.open(io.BytesIO(answer.content)).convert("RGB"))


def test_every_level_can_be_chosen_and_is_legible_at_its_own_size(client: TestClient) -> None:
    known = read(client, "/api/about")
    assert [task["name"] for task in known["tasks"]] == list(avrgym.TASKS)
    assert known["model"] is None
    for task in known["tasks"]:
        assert task["board"] == (task["name"] in avrgym.envs.BOARD_TASKS)
        for level in task["levels"]:
            assert task["meanings"].keys() >= level["parameters"].keys()
            address = f"{task['name']}/{level['name']}#train:0:0"
            assert level["parameters"] == avrgym.parameters(task["name"], level["name"])
            told = read(client, "/api/sample", address=address)
            [sample] = avrgym.samples([address])
            assert (told["question"], told["twin"]) == (sample.question, sample.twin)
            assert "".join(piece["text"] for piece in told["steps"]) == sample.rationale
            assert told["unread"] == ""


def test_pictures_are_those_that_the_core_draws(client: TestClient) -> None:
    drawn = pixels(client, address=GRID, size="96x128", theme="varied")
    assert np.array_equal(drawn, avrgym.render([GRID], (96, 128), "varied")[0])
    assert pixels(client, address=TABLE).shape == (800, 1500, 3)
    small = {"address": "grid_navigation/hard#test:0:7", "size": "64"}
    wrong = refused(client, "/picture.png", **small)
    assert "64 x 64 pixels is too small" in wrong
    assert read(client, "/api/sample", **small)["unread"] == wrong
    assert pixels(client, **small, insist="1").shape == (64, 64, 3)


def test_bad_addresses_sizes_and_moves_are_one_line(client: TestClient) -> None:
    assert 'unknown task "maze"' in refused(client, "/api/sample", address="maze/hard#test:0:0")
    assert "is no address" in refused(client, "/api/walk", address="maze")
    assert refused(client, "/api/sample")
    assert "give pixels to a side" in refused(client, "/picture.png", address=GRID, size="big")
    assert "is out of range" in refused(client, "/picture.png", address=GRID, size="9999")
    assert "theme" in refused(client, "/picture.png", address=GRID, theme="neon")
    assert "known: udlr" in refused(client, "/api/walk", address=GRID, moves="u7")
    assert "are too many" in refused(client, "/api/walk", address=GRID, moves="u" * 5000)
    analogy = "visual_analogy/hard#test:0:0"
    assert "has no boards" in refused(client, "/api/walk", address=analogy)


def test_a_grid_is_walked_by_its_board(client: TestClient) -> None:
    [sample] = avrgym.samples([GRID])
    moves = "".join(move[0] for move in sample.answer.split(", "))
    begun = read(client, "/api/walk", address=GRID, moves="")
    assert (begun["distance"], begun["over"], begun["digits"]) == (len(moves), False, False)
    done = read(client, "/api/walk", address=GRID, moves=moves)
    assert done["success"] and done["over"] and "done" in done["said"]
    assert "the walk is over before" in refused(client, "/api/walk", address=GRID, moves=moves * 2)
    assert "the board ends" in read(client, "/api/walk", address=GRID, moves="u")["said"]
    assert "obstacle" in read(client, "/api/walk", address=GRID, moves="r")["said"]
    env = BoardEnv("grid_navigation", "rung0", split="test", size=96, render_mode="rgb_array")
    env.reset(seed=0, options={"index": 7})
    env.step(1)
    drawn: Any = env.render()
    assert np.array_equal(pixels(client, address=GRID, size="96", moves="d"), drawn)


def test_a_table_is_read_with_its_cursor(client: TestClient) -> None:
    begun = read(client, "/api/walk", address=TABLE, moves="")
    assert begun["digits"] and begun["left"] == 4
    [sample] = avrgym.samples([TABLE])
    first = sample.answer[0]
    assert read(client, "/api/walk", address=TABLE, moves=first)["left"] == 3
    wrong = str((int(first) + 1) % 10)
    over = read(client, "/api/walk", address=TABLE, moves=wrong)
    assert over["over"] and not over["success"] and f"{wrong} was misread" in over["said"]


def test_a_reply_is_judged_step_by_step_also_if_it_is_no_text(client: TestClient) -> None:
    [sample] = avrgym.samples([GRID])
    for reply in (sample.rationale, sample.rationale.replace("down", "up", 1), "", "ä\0<b>"):
        answer = client.post("/api/verify", json={"address": GRID, "reply": reply})
        told = answer.json()
        [verdict] = avrgym.verify([GRID], [reply])
        assert told["outcome"] == verdict.outcome and told["first_error"] == verdict.first_error
        assert "".join(piece["text"] for piece in told["pieces"]) == reply
        ended = [mark for piece in told["pieces"] for mark in piece["ended"]]
        assert [mark["reason"] for mark in ended] == [step.reason for step in verdict.steps]
    half = json.dumps({"address": GRID, "reply": "\ud800 aa"})  # as an escape, which is ASCII
    answer = client.post("/api/verify", content=half, headers={"content-type": "application/json"})
    assert answer.json()["outcome"] == "unparsed"


def test_other_hosts_and_other_sites_are_refused(client: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "192.168.1.2:8642", ""):
        assert client.get("/", headers={"host": host}).status_code == 400
    assert client.get("/", headers={"host": "localhost:9"}).status_code == 200
    for path in ("/picture.png", "/api/about"):
        answer = client.get(path, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403 and "another site" in answer.json()["error"]
    assert client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    body = '{"address": "", "reply": ""}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post("/api/verify", content=body, headers={"content-type": kind})
        assert answer.status_code == 415


def test_bodies_are_objects_of_a_bounded_size(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    for body, code in (("x" * (MOST + 1), 413), ("{", 400), ("[]", 400), ('{"address": 1}', 400)):
        answer = client.post("/api/verify", content=body, headers=headers)
        assert answer.status_code == code and answer.json()["error"]
    assert client.post("/api/ask", json={}).status_code == 404


def test_nothing_comes_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/page.js", "/page.css", "/icon.svg", "/api/about", "/nothing"):
        answer = client.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        said = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in said and "https:" not in said and "//cdn" not in said
    assert client.get("/../app.py").status_code == client.get("/nothing").status_code == 404
    page = client.get("/").text
    assert "<style" not in page and "style=" not in page and "onclick" not in page
