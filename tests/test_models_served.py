"""A model that is saved here gives the same replies where a server loads it."""

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")
pytest.importorskip("fastapi", reason="needs the dev extra: pip install avrgym[dev]")

from avrgym.models.completion import Completion, Question
from avrgym.models.endpoint import Endpoint
from avrgym.models.load import Loaded, save
from avrgym.models.policy import replies
from avrgym.models.spec import Tiny
from avrgym.prompts.prompt import Prompt
from served import ASKED, PATIENCE, PICTURE, ROOM, learnt, running

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return learnt(Tiny(hidden=32), tmp_path_factory.mktemp("trainer"))


@pytest.fixture(scope="module")
def served(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server and the name of its model."""
    folder, cache = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("cache")
    save(loaded, folder)
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    how = ["--host", "127.0.0.1", "--port", "0", "--device", "cpu", "--dtype", "float32"]
    with running(command + how, {"HF_HUB_CACHE": str(cache)}, "running on http") as said:
        found = re.search(r"running on (http://\S+)", said)
        assert found, said
        yield found[1], str(folder)


def served_replies(
    served: tuple[str, str], asked: list[Question], **how: Any
) -> dict[tuple[Prompt, int], Completion]:
    """What the server says."""
    endpoint = Endpoint(f"{served[0]}/v1", served[1], in_flight=2, patience=PATIENCE, **how)
    came = endpoint.replies(asked, max_reply=ROOM)
    said = {(question.prompt, draw): reply for question, draw, reply in came}
    told = endpoint.told()
    # What it leaves out it says nothing of, and that was found out.
    assert (told["choices"], told["logprobs"]) == (False, False)
    assert told["retries"] == 0 and told["requests"] == 1 + len(said)
    return said


def test_greedy_replies_are_the_local_ones(loaded: Loaded, served: tuple[str, str]) -> None:
    local = replies(loaded, ASKED, PICTURE, decoding="greedy", max_reply=ROOM, batch=32)
    assert {each.finish for each in local} >= {"stop"}
    assert len({each.reply for each in local}) > 1
    # What stands behind the end of a reply, where others are longer, does not count.
    alone = replies(loaded, ASKED, PICTURE, decoding="greedy", max_reply=ROOM, batch=1)
    assert len({each.tokens for each in local}) > 1
    assert [each.logprob for each in alone] == pytest.approx([e.logprob for e in local], abs=1e-3)
    said = served_replies(served, [Question(prompt, PICTURE, "greedy") for prompt in ASKED])
    for prompt, mine in zip(ASKED, local, strict=True):
        theirs = said[prompt, 0]
        assert (theirs.reply, theirs.finish) == (mine.reply, mine.finish), prompt


def test_as_many_replies_are_drawn_as_are_asked_for(served: tuple[str, str]) -> None:
    asked = [Question(prompt, PICTURE, "sampled", tuple(range(8))) for prompt in ASKED[:2]]
    said = served_replies(served, asked)
    assert said.keys() == {(prompt, draw) for prompt in ASKED[:2] for draw in range(8)}
    assert len({reply.reply for reply in said.values()}) > 2
