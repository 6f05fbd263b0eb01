"""Search step by step by a server: what it is asked, what it costs, and servers that cannot."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")
pytest.importorskip("tyro")

import tomllib

from avrgym.evaluate.folder import Folder
from chat_server import Behave, choices, serving
from commands import Command

REPLY = "The first is 1.\nThe second is 2.\nAnswer: 2"
WORDS = 4  # tokens of a line, as this server counts


def goes_on(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    """A model of one reply, which is served as vLLM serves it."""
    last = body["messages"][-1]
    said = last["content"] if last["role"] == "assistant" else ""
    assert not said or (body["continue_final_message"] and not body["add_generation_prompt"])
    rest = REPLY.removeprefix(said)
    if "stop" in body:
        assert body["stop"] == ["\n"] and body["include_stop_str_in_output"]
        rest = "".join(rest.splitlines(keepends=True)[:1])
    return 200, _body(rest)


def starts_anew(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    return 200, _body(REPLY.splitlines(keepends=True)[0] if "stop" in body else REPLY)


def echoes(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    last = body["messages"][-1]
    said = last["content"] if last["role"] == "assistant" else ""
    return 200, _body(said + goes_on(body, before)[1]["choices"][0]["message"]["content"])


def heeds_no_stop(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    whole = {key: held for key, held in body.items() if key != "stop"}
    last = body["messages"][-1]
    if last["role"] == "assistant":
        whole["messages"] = [{"role": "assistant", "content": "", "x": 0}]
        return 200, _body(REPLY.removeprefix(last["content"]))
    return goes_on(whole, before)


def refuses(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    if body["messages"][-1]["role"] == "assistant":
        return 400, {"error": {"message": "the last message must be the user's"}}
    return goes_on(body, before)


def _body(words: str) -> dict[str, Any]:
    body = choices(words)
    body["usage"]["completion_tokens"] = WORDS * len(words.splitlines())
    return body


def searched(
    behave: Behave, command: Command, tmp: Path, kind: str, *more: object
) -> tuple[int, str, Any]:
    suite = tmp / "one.toml"
    suite.write_text('suite = ["visual_analogy/rung0"]\nformats = ["text"]\n')
    asked = ("--suite", suite, "--items", 6, "--decodings", "sampled", "--draws", 1)
    how = ("--search", f"{{ kind = '{kind}', n = 4 }}", "--scorer", "exact", *more)
    with serving(behave, "m") as server:
        code, _, said = command(
            "evaluate", "--policy", server.url, *asked, *how, "--retries", 0, "--to", tmp / "to"
        )
    return code, said, server


@pytest.mark.parametrize("kind", ["rebase", "beam", "sample"])
def test_steps_make_the_whole_reply(command: Command, tmp_path: Path, kind: str) -> None:
    code, said, server = searched(goes_on, command, tmp_path, kind)
    assert code == 0, said
    rows = list(Folder(tmp_path / "to").rows())
    assert len(rows) == 6 and {row["reply"] for row in rows} == {REPLY}
    assert {row["tokens"] for row in rows} == {3 * WORDS}
    told = tomllib.loads((tmp_path / "to" / "evaluation.toml").read_text())["told"]
    assert told["calls"] == 4 * 3 and told["tokens"] == 4 * 3 * WORDS
    assert told["judged"] == (0 if kind == "sample" else (1 + 2 + 3) * WORDS)  # all say the same
    assert told["flops"] == "unknown"  # a server does not say how large its model is
    steps = [body for body in server.bodies if "stop" in body]
    assert len(steps) == 1 + 6 * 4 * 3  # one finds out whether the server goes on
    assert len({body["seed"] for body in steps}) == len(steps)


def test_room_is_of_the_whole_reply(command: Command, tmp_path: Path) -> None:
    room = 2 * WORDS
    code, said, server = searched(goes_on, command, tmp_path, "rebase", "--max-reply", room)
    assert code == 0, said
    assert {body["max_tokens"] for body in server.bodies if "stop" in body} <= {room, WORDS}
    assert {row["finish"] for row in Folder(tmp_path / "to").rows()} == {"length"}


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        (starts_anew, "does not go on with a reply that has begun"),
        (echoes, "does not go on with a reply that has begun"),
        (heeds_no_stop, "does not go on with a reply that has begun"),
        (refuses, "the last message must be the user's"),
    ],
)
def test_a_server_that_does_not_go_on_is_one_line(
    command: Command, tmp_path: Path, behave: Behave, words: str
) -> None:
    code, said, server = searched(behave, command, tmp_path, "rebase")
    assert code == 2 and words in said and len(said.strip().splitlines()) == 1, said
    assert len(server.bodies) <= 2
