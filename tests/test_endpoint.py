"""A model behind a server: asked, counted, asked again, and one clear error where that fails."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")
pytest.importorskip("tyro")

import avrgym
from avrgym import Format, Picture, Prompt, TaskError
from avrgym.evaluate.folder import Folder
from avrgym.models.completion import Completion, Question
from avrgym.models.endpoint import Endpoint, serves
from chat_server import choices, serving
from commands import Command

PICTURE = Picture(448)
LEVEL = "table_readout/rung0?style=full"


def questions(
    count: int = 6, draws: tuple[int, ...] = (0,), format: str = "image"
) -> list[Question]:
    decoding: Any = "sampled" if len(draws) > 1 else "greedy"
    return [
        Question(Prompt(f"{LEVEL}#test:0:{at}", Format.parse(format)), PICTURE, decoding, draws)
        for at in range(count)
    ]


def came(endpoint: Endpoint, asked: Sequence[Question]) -> dict[tuple[str, int], Completion]:
    found = [
        ((question.prompt.address, draw), said)
        for question, draw, said in endpoint.replies(asked, max_reply=32, seed=5)
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def is_probe(body: dict[str, Any]) -> bool:
    return bool(body.get("logprobs"))


def echo(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    """As many choices as are asked for, with the words of the prompt."""
    *_, words = body["messages"][0]["content"]
    return 200, choices(*[words["text"][-40:]] * body.get("n", 1))


def test_prompts_and_pictures_are_those_of_training() -> None:
    asked = questions()
    with serving(echo) as server:
        said = came(Endpoint(server.url, "m"), asked)
    assert said.keys() == {(question.prompt.address, 0) for question in asked}
    bodies = [body for body in server.bodies if not is_probe(body)]
    expected = [avrgym.prompts.openai(question.prompt.address, "image") for question in asked]
    assert sorted(json.dumps(body["messages"]) for body in bodies) == sorted(
        json.dumps(messages) for messages in expected
    )
    for body in bodies:
        assert (body["model"], body["max_tokens"], body["temperature"]) == ("m", 32, 0)
    assert {(each.finish, each.tokens) for each in said.values()} == {("stop", 7)}
    assert all(each.seconds and each.seconds > 0 for each in said.values())


def test_many_are_under_way_at_once_and_no_more() -> None:
    barrier = Barrier(4, timeout=60)  # none is answered before four are asked

    def together(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if not is_probe(body):
            barrier.wait()
        return 200, choices("Answer: 1", finish="length")

    with serving(together) as server:
        said = came(Endpoint(server.url, "m", in_flight=4), questions(16))
    assert server.most == 4 and {each.finish for each in said.values()} == {"length"}


def test_replies_are_drawn_at_the_temperature_that_is_asked_for() -> None:
    hot = [replace(each, temperature=0.5, top_p=0.75) for each in questions(2, (0, 1))]
    with serving(echo) as server:
        asked = [*hot, *questions(2), replace(hot[0], decoding="greedy", draws=(0,))]
        assert len(list(Endpoint(server.url, "m").replies(asked, max_reply=32))) == 7
    heats = [(body["temperature"], body["top_p"], "seed" in body) for body in server.bodies[1:]]
    assert sorted(set(heats)) == [(0, 1, False), (0.5, 0.75, True)]


@pytest.mark.parametrize("given", [1, 2, 4])
def test_choices_are_counted_and_what_is_missing_is_asked_again(given: int) -> None:
    def few(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        return 200, choices(*["x"] * min(given, body.get("n", 1)))

    with serving(few) as server:
        endpoint = Endpoint(server.url, "m")
        said = came(endpoint, questions(3, (0, 1, 2, 3)))
    assert len(said) == 12
    told = endpoint.told()
    probe, *others = server.bodies
    assert is_probe(probe) and not any(map(is_probe, others))
    assert told["requests"] == len(server.bodies) and told["retries"] == 0
    assert told["logprobs"] is False
    if given == 1:  # found out by the probe: nobody is asked for several
        assert not told["choices"] and not any("n" in body for body in others)
        assert len(others) == 12 and len({body["seed"] for body in others}) == 12
    if given == 2:  # what the probe could not see
        assert not told["choices"] and told["asked_again"] > 0
    if given == 4:
        assert told["choices"] and len(others) == 3 and told["asked_again"] == 0


def test_log_probabilities_are_looked_for_once_and_asked_for_where_they_are() -> None:
    def shown(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        made = choices("x")
        if body.get("logprobs"):
            tokens = [
                {"token": "x", "logprob": logprob, "bytes": [120], "top_logprobs": []}
                for logprob in (-0.5, -0.25)
            ]
            made["choices"][0]["logprobs"] = {"content": tokens, "refusal": None}
        return 200, made

    with serving(shown) as server:
        endpoint = Endpoint(server.url, "m")
        said = came(endpoint, questions())
    assert endpoint.told()["logprobs"] is True and all(map(is_probe, server.bodies))
    assert {(each.logprob, each.tokens) for each in said.values()} == {(-0.75, 2)}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_broken_server_is_asked_again(status: int) -> None:
    def moody(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        return (status, {"error": {"message": "busy"}}) if before % 3 == 1 else echo(body, before)

    with serving(moody) as server:
        endpoint = Endpoint(server.url, "m", in_flight=2)
        assert len(came(endpoint, questions(8))) == 8
    failed = len(range(1, len(server.bodies), 3))
    assert endpoint.told()["retries"] == failed > 2


def test_a_room_by_another_name_is_heeded() -> None:
    def newer(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if "max_tokens" in body:
            return 400, {"error": {"message": "use 'max_completion_tokens' instead"}}
        return echo(body, before)

    with serving(newer) as server:
        assert len(came(Endpoint(server.url, "m"), questions())) == 6
    assert all(body["max_completion_tokens"] == 32 for body in server.bodies[1:])


@pytest.mark.parametrize(
    ("status", "retries", "words"),
    [(500, 2, "failed after 2 retries"), (401, 2, "failed at"), (404, 0, "failed at")],
)
def test_a_failure_is_one_line_after_its_retries(status: int, retries: int, words: str) -> None:
    def broken(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        return (status, {"error": {"message": "out of\norder"}})

    with serving(broken) as server:
        endpoint = Endpoint(server.url, "m", retries=retries, in_flight=1)
        with pytest.raises(TaskError) as failed:
            came(endpoint, questions())
    said = str(failed.value)
    assert words in said and "out of order" in said and "\n" not in said and LEVEL in said
    assert len(server.bodies) == 1 + (1 + retries if status == 500 else 1)


def test_a_server_that_is_not_there_is_one_line() -> None:
    with serving(echo) as server:
        pass  # its port is free again
    with pytest.raises(TaskError, match=re.escape(server.url)):
        came(Endpoint(server.url, "m", retries=0), questions())
    with pytest.raises(TaskError, match="look whether it runs, or give --model"):
        serves(server.url)


def test_the_only_model_of_a_server_is_taken() -> None:
    with serving(echo, "one") as server:
        assert serves(server.url) == "one"
    for names, words in (((), "none that it tells of"), (("a", "b"), "a, b")):
        with serving(echo, *names) as server, pytest.raises(TaskError, match=words):
            serves(server.url)


def test_rows_of_before_a_failure_are_kept_and_not_asked_again(
    tmp_path: Path, command: Command
) -> None:
    whole = [True]

    def dying(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if whole[0] or before < 5:
            return echo(body, before)
        return 400, {"error": {"message": "gone"}}

    file = tmp_path / "mine.toml"
    file.write_text(f'suite = ["{LEVEL}"]\nitems = 8\nformats = ["text"]\n')
    ask = ("--suite", file, "--decodings", "sampled", "--draws", 3, "--in-flight", 1)
    with serving(dying, "m") as server:
        verb = ("evaluate", "--policy", server.url, *ask, "--to", tmp_path / "to")
        whole[0] = False
        code, _, said = command(*verb)
        assert code == 2 and "gone" in said.splitlines()[-1]
        assert "the same command goes on" in said.splitlines()[-1]
        kept = list(Folder(tmp_path / "to").rows())
        assert 0 < len(kept) < 24 and {row["policy"] for row in kept} == {"m"}
        whole[0] = True
        before = len(server.bodies)
        code, out, said = command(*verb, "--json")
        assert code == 0, said
        asked = server.bodies[before + 1 :]  # behind the probe
    rows = list(Folder(tmp_path / "to").rows())
    assert rows[: len(kept)] == kept and json.loads(out)["overall"]["replies"] == len(rows) == 24
    assert sum(body.get("n", 1) for body in asked) == 24 - len(kept)
    told = Folder(tmp_path / "to").settings()["told"]
    assert told["choices"] is True and told["logprobs"] is False and told["url"] == server.url
    assert {row["seconds"] is not None for row in rows} == {True}
