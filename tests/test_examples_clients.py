"""Examples of clients that ask, judge or draw, in the clients' own classes, run for a few steps."""

import ast
import json
import runpy
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIENTS = (
    "lmms_eval_task",
    "nemo_gym_server",
    "openai_server",
    "openenv_board",
    "reasoning_gym_curriculum",
    "verifiers_taskset",
    "verl_rows",
)
UNINSTALLED = "tests/consumers.txt is not installed"


def ran(name: str, *options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name, *options])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_these_are_all_but_those_of_rl_and_of_trl() -> None:
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names - set(CLIENTS) == {name for name in names if name.startswith(("ppo_", "trl_"))}


@pytest.mark.parametrize("name", CLIENTS)
def test_an_example_is_short_says_how_it_is_run_and_has_its_place(name: str) -> None:
    text = (EXAMPLES / f"{name}.py").read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert f"python examples/{name}.py" in (ast.get_docstring(ast.parse(text)) or "")
    pages = EXAMPLES.parent.glob("docs/*.md")
    assert any(f"`examples/{name}.py`" in page.read_text("utf-8") for page in pages)


def test_reasoning_gym_climbs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("reasoning_gym", reason=UNINSTALLED)
    ran("reasoning_gym_curriculum.py", "--steps", "4", monkeypatch=monkeypatch)
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("3 ") and last.count("=rung") == 4
    assert "=rung1" in last and "=rung3" not in last


@pytest.fixture
def server() -> Iterator[tuple[str, list[Any]]]:
    """A server of the chat API on this machine that always says the same."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": "Answer: 1"}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m"}
            said = json.dumps({**body, "choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/v1", asked
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_server_is_asked_with_pictures(
    server: tuple[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("openai", reason="needs the dev extra: pip install avrgym[dev]")
    url, asked = server
    options = ("--url", url, "--model", "m", "--task", "visual_analogy", "--steps", "2")
    ran("openai_server.py", *options, monkeypatch=monkeypatch)
    out = capsys.readouterr().out
    assert "of 2 right" in out and "visual_analogy/rung0?style=full#test:0:1" in out
    assert len(asked) == 2
    for body in asked:
        [turn] = body["messages"]
        picture, words = turn["content"]
        assert picture["image_url"]["url"].startswith("data:image/png;base64,")
        assert "Answer:" in words["text"]


def test_verifiers_pays_for_what_is_owed_and_for_its_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("verifiers.v1", reason=UNINSTALLED)
    ran("verifiers_taskset.py", "--steps", "3", monkeypatch=monkeypatch)
    told = capsys.readouterr().out.splitlines()
    assert [line.endswith("valid: True") for line in told] == [True, False, False] * 3
    assert all("  correct: 1.500 of {'correctness': 1.0" in line for line in told[1::3])
    for line in told[2::3]:
        points = ast.literal_eval(line.partition(" of ")[2])
        assert points["correctness"] == 0 < points["steps"] < 1


def test_verifiers_scores_what_a_server_says(
    server: tuple[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("verifiers.v1", reason=UNINSTALLED)
    url, asked = server
    options = ("--url", url, "--model", "m", "--levels", "visual_analogy/rung0", "--steps", "2")
    ran("verifiers_taskset.py", *options, monkeypatch=monkeypatch)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 4 and len(asked) == 2
    for body, line in zip(asked, told[1::2], strict=True):
        assert body["messages"][0]["content"][0]["image_url"]["url"].startswith("data:image/png")
        assert line.startswith(("  correct: 1", "  wrong: 0.000"))


def test_the_server_of_nemo_gym_judges_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("fastapi", reason="needs the dev extra: pip install avrgym[dev]")
    pytest.importorskip("uvicorn", reason="needs the serve extra: pip install avrgym[serve]")
    ran("nemo_gym_server.py", "--steps", "2", monkeypatch=monkeypatch)
    told = capsys.readouterr().out.splitlines()
    assert "#test:" in told[0] and "?style=full" in told[4] and len(told) == 8
    for line in (0, 4):
        owed, cut, wrong = map(ast.literal_eval, map(str.strip, told[line + 1 : line + 4]))
        assert owed["reward"] == 1 > cut["reward"] > wrong["reward"] == 0
        assert (owed["outcome"], wrong["outcome"]) == ("correct", "wrong")


def test_a_board_of_openenv_is_walked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "openenv wants another mcp than verifiers does; pip install it"
    pytest.importorskip("openenv.core.env_server", reason=reason)
    ran("openenv_board.py", "--steps", "2", monkeypatch=monkeypatch)
    told = capsys.readouterr().out
    assert told.endswith("2 of 2 arrived\n") and "grid_navigation/rung2#test:0:1" in told


def test_verl_draws_rows_and_climbs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("verl.utils.dataset.rl_dataset", reason=UNINSTALLED)
    ran("verl_rows.py", "--steps", "6", monkeypatch=monkeypatch)
    *_, first, _, _, _, _, last = capsys.readouterr().out.splitlines()
    assert first == "0: rung0, right 1.00; now at rung0"
    assert last.startswith("5: ") and last.endswith("right 1.00; now at rung2")


def test_a_task_of_lmms_eval_scores_replies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lmms_eval.tasks", reason=UNINSTALLED)
    ran("lmms_eval_task.py", "--steps", "2", monkeypatch=monkeypatch)
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    scores = [ast.literal_eval(line[line.index("{") :]) for line in told]
    assert scores == [{"correct": 1.0, "parsed": 1.0}, {"correct": 0.0, "parsed": 0.0}] * 2
