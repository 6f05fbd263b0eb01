"""Examples that ask a server, and that hand the tasks to reasoning-gym, run for a few steps."""

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


def ran(name: str, *options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name, *options])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_reasoning_gym_climbs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("reasoning_gym", reason="tests/consumers.txt is not installed")
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
