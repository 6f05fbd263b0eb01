"""A server of the chat API on this machine that behaves as it is told to."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log
from threading import Lock, Thread
from typing import Any

#: The status and the body for the body of a request, and how many came before it.
Behave = Callable[[dict[str, Any], int], tuple[int, dict[str, Any]]]


@dataclass(slots=True)
class Asked:
    """What a server was asked, the most that was under way at once, and how it behaves."""

    behave: Behave
    bodies: list[dict[str, Any]] = field(default_factory=list)
    now: int = 0
    most: int = 0
    url: str = ""


def choices(*words: str, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A body that says these words."""
    said = [
        {"index": at, "finish_reason": finish, "message": {"role": "assistant", "content": each}}
        for at, each in enumerate(words)
    ]
    usage = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "usage": usage}
    return {**body, "choices": said, **more}


def believes(first: Mapping[str, float]) -> dict[str, Any]:
    """A body whose first token is the likeliest of these, and tells of all of them."""
    told = sorted(first.items(), key=lambda one: -one[1])
    each = [{"token": token, "logprob": log(p), "bytes": None} for token, p in told]
    body = choices(told[0][0], finish="length")
    body["choices"][0]["logprobs"] = {"content": [{**each[0], "top_logprobs": each}]}
    return body


def models(*names: str) -> dict[str, Any]:
    """A body that lists models."""
    each = {"object": "model", "created": 0, "owned_by": "nobody"}
    return {"object": "list", "data": [{"id": name, **each} for name in names]}


@contextmanager
def serving(behave: Behave, *names: str) -> Iterator[Asked]:
    """A server for the block, which serves these models."""
    asked, lock = Asked(behave), Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(200, models(*names))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                asked.bodies.append(body)
                before = len(asked.bodies) - 1
                asked.now += 1
                asked.most = max(asked.most, asked.now)
            status, said = asked.behave(body, before)
            with lock:
                asked.now -= 1
            self.answer(status, said)

        def answer(self, status: int, said: dict[str, Any]) -> None:
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            if status >= 400:
                self.send_header("retry-after-ms", "1")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    class Patient(ThreadingHTTPServer):
        request_queue_size = 64  # five, as it would be, turn away who comes with others

    made = Patient(("127.0.0.1", 0), Handler)
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    asked.url = f"http://127.0.0.1:{made.server_port}/v1"
    try:
        yield asked
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
