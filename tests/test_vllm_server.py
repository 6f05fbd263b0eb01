"""A server of vLLM's gives the local replies, how likely they are, and as many as are asked for.

``make test-vllm-server`` installs vLLM's CPU build into an environment of its own and runs this.
"""

import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

if find_spec("vllm") is None:
    pytest.skip("vLLM is not installed: make test-vllm-server", allow_module_level=True)
pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")

from avrgym.analyses.calibration import sequence
from avrgym.evaluate.folder import Folder
from avrgym.models.completion import Completion, Question
from avrgym.models.endpoint import Endpoint
from avrgym.models.load import Loaded, save
from avrgym.models.policy import replies
from avrgym.models.spec import Tiny
from commands import Command
from served import ASKED, PICTURE, ROOM, learnt, running

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PATIENCE = 900  # seconds; two minutes where nobody else is at work
# What vLLM's attention on a CPU takes: heads of 32 numbers or more.
SPEC = Tiny(hidden=64, heads=2)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return learnt(SPEC, tmp_path_factory.mktemp("trainer"))


@pytest.fixture(scope="module")
def url(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server."""
    folder = tmp_path_factory.mktemp("model")
    save(loaded, folder)
    with socket.socket() as found:  # it does not tell which port it found itself
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    # By the module: the command asks for a package vllm, which the CPU build is not called.
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]
    how = ["--host", "127.0.0.1", "--port", str(port), "--served-model-name", "m"]
    how += ["--dtype", "float32", "--enforce-eager", "--max-num-seqs", "8"]
    quiet = {"VLLM_NO_USAGE_STATS": "1", "TORCHDYNAMO_DISABLE": "1"}
    small = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_TARGET_DEVICE": "cpu"}
    with running(command + how, quiet | small, "startup complete", PATIENCE):
        yield f"http://127.0.0.1:{port}/v1"


def came(endpoint: Endpoint, asked: list[Question], seed: int = 0) -> dict[Any, Completion]:
    found = endpoint.replies(asked, max_reply=ROOM, seed=seed)
    return {(question.prompt, draw): reply for question, draw, reply in found}


def test_greedy_replies_are_the_local_ones_and_as_likely(loaded: Loaded, url: str) -> None:
    local = replies(loaded, ASKED, PICTURE, decoding="greedy", max_reply=ROOM, batch=32)
    assert len({each.reply for each in local}) > 1
    endpoint = Endpoint(url, "m", in_flight=4)
    said = came(endpoint, [Question(prompt, PICTURE, "greedy") for prompt in ASKED])
    told = endpoint.told()
    assert (told["choices"], told["logprobs"], told["retries"]) == (True, True, 0)
    for prompt, mine in zip(ASKED, local, strict=True):
        theirs = said[prompt, 0]
        assert (theirs.reply, theirs.finish) == (mine.reply, mine.finish), prompt
        assert theirs.tokens == mine.tokens
        assert theirs.logprob == pytest.approx(mine.logprob, abs=0.05)


def test_all_choices_come_at_once_and_a_seed_is_heeded(url: str) -> None:
    draws = tuple(range(8))
    asked = [Question(prompt, PICTURE, "sampled", draws) for prompt in ASKED[:2]]
    endpoint = Endpoint(url, "m")
    said = came(endpoint, asked)
    assert said.keys() == {(prompt, draw) for prompt in ASKED[:2] for draw in draws}
    assert endpoint.told()["requests"] == 1 + 2
    assert len({reply.reply for reply in said.values()}) > 2
    words = {key: reply.reply for key, reply in said.items()}
    assert {key: r.reply for key, r in came(endpoint, asked).items()} == words
    assert {key: r.reply for key, r in came(endpoint, asked, seed=1).items()} != words


def test_what_it_is_asked_at_counts(url: str) -> None:
    def likely(heat: float) -> float:
        asked = [Question(prompt, PICTURE, "sampled", tuple(range(8)), heat) for prompt in ASKED]
        said = came(Endpoint(url, "m"), asked).values()
        return mean(each.logprob / each.tokens for each in said if each.logprob and each.tokens)

    assert likely(0.1) > likely(0.7) > likely(2.0)


def test_an_evaluation_is_whole(url: str, tmp_path: Path, command: Command) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('suite = ["grid_navigation/rung0"]\nitems = 4\ndraws = 3\nmax_reply = 24\n')
    how = ("--sizes", "112", "--themes", "compact", "--temperature", 0.8)
    code, _, said = command(
        "evaluate", "--policy", url, "--suite", file, *how, "--to", tmp_path / "to"
    )
    assert code == 0, said
    rows = list(Folder(tmp_path / "to").rows())
    assert len(rows) == 4 * 2 * 4 and {row["temperature"] for row in rows} == {0.0, 0.8}
    sure = sequence(rows)
    assert ((sure > 0) & (sure <= 1)).all()
