"""A judge of steps behind a server: what it is asked, what its words mean, what goes wrong."""

import tomllib
from collections import Counter
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import numpy as np
import pytest

pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")

import avrgym
from avrgym import TaskError
from avrgym.evaluate.folder import Folder
from avrgym.models.completion import Completion
from avrgym.models.endpoint import Endpoint
from avrgym.prm.exact import Exact
from avrgym.prm.scorers import called, found
from avrgym.prm.served import Served
from avrgym.prompts.messages import openai as messages
from chat_server import Behave, believes, choices, serving
from commands import Command

LEVELS = (("grid_navigation", "rung1"), ("table_readout", "rung0"))


def asked(format: str = "image") -> tuple[list[avrgym.Prompt], list[Completion]]:
    """Rationales, one that is cut short, and replies without a step, of two tasks."""
    prompts, replies = [], []
    for level in LEVELS:
        for at in range(2):
            sample = avrgym.Source(*level)[at]
            said = sample.rationale.encode()
            for reply in (said, said[: len(said) // 2], b"", b"\xff none\n"):
                prompts.append(avrgym.Prompt(sample.address, avrgym.Format.parse(format)))
                replies.append(Completion(reply))
    return prompts, replies


def words(content: str | list[dict[str, Any]]) -> str:
    return content if isinstance(content, str) else content[-1]["text"]


def whole(content: str | list[dict[str, Any]]) -> str:
    parts = [{"text": content}] if isinstance(content, str) else content
    return "\n\n".join(part["text"] for part in parts if "text" in part)


def rule(text: str) -> float:
    """What the server takes a step to be good by, whoever asks."""
    return (sum(text.encode()) % 97 + 1) / 100


def judges(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
    """A judge whose words have spaces before them, or none, and others beside them."""
    good = 0.9 * rule(words(body["messages"][-1]["content"]))
    return 200, believes({" +": good / 2, "+": good / 2, "-": 0.9 - good, "maybe": 0.1})


def scored(behave: Behave, format: str = "image", **how: Any) -> Any:
    prompts, replies = asked(format)
    with serving(behave) as server:
        given: dict[str, Any] = {"retries": 0, "in_flight": 4} | how
        made = Served(Endpoint(server.url, "m", **given)).scores(prompts, replies)
    return made, server


@pytest.mark.parametrize("format", ["image", "text"])
def test_each_step_is_asked_behind_those_before_it(format: str) -> None:
    made, server = scored(judges, format)
    prompts, replies = asked(format)
    exact = Exact().scores(prompts, replies)
    assert np.array_equal(made.ends, exact.ends) and np.array_equal(made.offsets, exact.offsets)
    assert np.array_equal(made.bare, exact.bare) and np.isnan(made.outcome).all()

    talks, expected = list[list[str]](), list[float]()
    for at, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
        begin, told = 0, list[str]()
        question = words(messages(prompt.address, format)[-1]["content"])
        for end in exact.ends[exact.offsets[at] : exact.offsets[at + 1]]:
            step = reply.reply[begin:end].strip(b"\n").decode()
            begin = int(end)
            told = [*told, "+", step] if told else [f"{question}\n\n{step}"]
            talks.append(told)
            expected.append(rule(step))
    assert len(talks) > 20
    seen = [[whole(turn["content"]) for turn in body["messages"]] for body in server.bodies]
    assert sorted(seen[1:]) == sorted(talks)  # the first one finds out what the server can
    assert made.score == pytest.approx(expected, abs=1e-6)
    for body in server.bodies:
        roles = [turn["role"] for turn in body["messages"]]
        assert roles == ["user", *["assistant", "user"] * (len(roles) // 2)]
        first = body["messages"][0]["content"][0]["type"]
        assert first == ("image_url" if format == "image" else "text")
        assert body["logprobs"] and body["top_logprobs"] and body["max_tokens"] == 1


def test_many_steps_are_under_way_together() -> None:
    meet = Barrier(4)

    def together(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if 1 <= before <= 4:
            meet.wait(20)
        return judges(body, before)

    assert scored(together)[1].most == 4


@pytest.mark.parametrize(
    ("first", "score"),
    [
        ({"+": 0.6, "-": 0.2}, 0.75),
        ({"+": 0.9}, 0.9),  # the other has what is left at most
        ({"-": 0.9}, 0.1),
        ({"+": 0.7, "a": 0.2, "b": 0.05}, 0.7 / 0.75),  # and no more than the least that is told
        ({"+": 1.0}, 1.0),
    ],
)
def test_what_is_not_told_is_bounded(first: dict[str, float], score: float) -> None:
    made, _ = scored(lambda *_: (200, believes(first)))
    assert made.score == pytest.approx(np.full(len(made.score), score), abs=1e-6)


def test_a_newer_server_wants_its_room_said_otherwise() -> None:
    def newer(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        if "max_tokens" in body:
            return 400, {"error": {"message": "use max_completion_tokens instead"}}
        return judges(body, before)

    assert np.array_equal(scored(newer)[0].score, scored(judges)[0].score)


def test_a_busy_server_is_asked_again() -> None:
    def busy(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        return (503, {}) if before % 3 == 1 else judges(body, before)

    assert np.array_equal(scored(busy, retries=9)[0].score, scored(judges)[0].score)


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (lambda *_: (200, choices("+")), "told no log-probabilities of m"),
        (lambda *_: (200, believes({"Yes": 0.6, "No": 0.4})), "'Yes', 'No' rather than"),
        (lambda *_: (400, {"error": {"message": "no such thing"}}), "a step of.*no such thing"),
        (lambda *_: (200, choices()), "told no log-probabilities"),
    ],
)
def test_what_cannot_judge_is_one_error(behave: Behave, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        scored(behave)


def test_by_a_word() -> None:
    prompts, replies = asked("text")
    with serving(judges, "org/judge") as server:
        made = found(server.url).scores(prompts, replies)
        named = found(f"{server.url}#other").scores(prompts, replies)
        assert {body["model"] for body in server.bodies} == {"org/judge", "other"}
        both = found(f"{server.url}+exact").scores(prompts, replies)
        assert called(server.url) == server.url
        assert called(f"{server.url}#org/judge+exact") == "org/judge + exact"
        with pytest.raises(TaskError, match="names no model"):
            found(f"{server.url}#")
    assert np.array_equal(made.score, named.score) and len(both.score) == len(made.score)
    with serving(judges, "a", "b") as server, pytest.raises(TaskError, match=r"a, b.*#model"):
        found(server.url)


def test_replies_without_steps_ask_nothing() -> None:
    prompts, _ = asked()
    with serving(judges) as server:
        made = found(f"{server.url}#m").scores(prompts[:2], [Completion(b""), Completion(b"no")])
    assert not server.bodies and not len(made.score)


def test_whole_replies_of_a_server_are_searched(command: Command, tmp_path: Path) -> None:
    """Eight replies are asked for to each problem; the verifier takes a right one, if one is."""
    pytest.importorskip("tyro")
    replies = [f"Answer: {each}" for each in ("7", "7", "1", "7", "3", "2", "7", "7")]
    counts, lock = Counter[str](), Lock()

    def each_in_turn(body: dict[str, Any], before: int) -> tuple[int, dict[str, Any]]:
        with lock:
            asked = whole(body["messages"][0]["content"])
            at = counts[asked] % 8
            counts[asked] += body.get("n", 1) == 1
        return 200, choices(replies[at])

    suite = tmp_path / "one.toml"
    suite.write_text('suite = ["visual_analogy/rung0"]\nformats = ["text"]\n')
    to = tmp_path / "searched"
    with serving(each_in_turn, "m") as server:
        asked = ("--suite", suite, "--items", 12, "--decodings", "sampled", "--draws", 1)
        how = ("--search", "{ kind = 'best_of_n', n = 8 }", "--scorer", "exact", "--to", to)
        code, _, said = command("evaluate", "--policy", server.url, *asked, *how)
        assert code == 0, said
        assert len(server.bodies) == 1 + 8 * 12  # one finds out what the server can
        assert len({body["seed"] for body in server.bodies[1:]}) == 8 * 12
    rows = list(Folder(to).rows())
    for row in rows:
        assert row["correct"] and row["reply"] in replies
    assert len(rows) == 12 and len({row["reply"] for row in rows}) > 1
    settings = tomllib.loads((to / "evaluation.toml").read_text())
    assert settings["policy"] == "m, best of n of 8 by exact"
    assert settings["told"]["calls"] == 8 and settings["told"]["tokens"] == 56
