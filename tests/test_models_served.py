"""A model that is saved here gives the same replies where a server loads it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("openai", reason="needs the endpoint extra: pip install avrgym[endpoint]")
pytest.importorskip("fastapi", reason="needs the dev extra: pip install avrgym[dev]")

import torch
from datasets import IterableDataset
from trl import SFTConfig, SFTTrainer

from avrgym.core.pictures import Picture
from avrgym.models.completion import Completion, Question
from avrgym.models.endpoint import Endpoint
from avrgym.models.load import Loaded, begin, save
from avrgym.models.policy import replies
from avrgym.models.spec import Tiny
from avrgym.models.tokenizer import constant
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt, chats, rows
from avrgym.stream.rows import with_pillow
from avrgym.train.quiet import quieten

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries below, not of ours

PICTURE = Picture(112, "compact")
TRAINED, ASKED = (
    [
        Prompt(f"grid_navigation/rung0#{split}:0:{at}", Format(format))
        for at in range(count)
        for format in ("image", "text")
    ]
    for split, count in (("train", 64), ("test", 8))
)
ROOM = 24
PATIENCE = 300  # seconds; a loaded machine takes most of one minute


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A model that has learnt how replies look, and where they end."""
    quieten()
    torch.set_num_threads(1)
    spoken = chats(TRAINED)
    asked = [chat.prompt[0]["content"][-1]["text"] for chat in spoken]
    made = begin(
        Tiny(hidden=32),
        picture=PICTURE,
        texts=[*asked, *(chat.completion[0]["content"] for chat in spoken)],
        phrases=constant(asked[::2]),
        pictures=PICTURE.draw([prompt.address for prompt in TRAINED]),
    )
    table: list[Any] = [
        with_pillow(row)
        for shown in (True, False)
        for row in rows([each for each in TRAINED if each.format.pictured == shown], PICTURE)
    ]
    SFTTrainer(
        model=made.model,
        processing_class=made.processor,
        train_dataset=IterableDataset.from_generator(lambda: (yield from table * 4)),
        args=SFTConfig(
            output_dir=str(tmp_path_factory.mktemp("trainer")),
            max_steps=30,
            per_device_train_batch_size=16,
            learning_rate=5e-3,
            max_length=None,
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        ),
    ).train()
    return made


@pytest.fixture(scope="module")
def served(loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server and the name of its model."""
    folder, cache = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("cache")
    save(loaded, folder)
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    how = ["--host", "127.0.0.1", "--port", "0", "--device", "cpu", "--dtype", "float32"]
    process = subprocess.Popen(
        command + how,
        env=os.environ | {"HF_HUB_CACHE": str(cache), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    started = Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "running on" in line:
                started.set()
        started.set()  # it ended

    listener = Thread(target=listen)
    listener.start()
    try:
        started.wait(PATIENCE)
        found = re.search(r"running on (http://\S+)", "".join(said))
        assert found, "".join(said)
        yield found[1], str(folder)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        assert process.stdout is not None
        process.stdout.close()


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
    said = served_replies(served, [Question(prompt, PICTURE, "greedy") for prompt in ASKED])
    for prompt, mine in zip(ASKED, local, strict=True):
        theirs = said[prompt, 0]
        assert (theirs.reply, theirs.finish) == (mine.reply, mine.finish), prompt


def test_as_many_replies_are_drawn_as_are_asked_for(served: tuple[str, str]) -> None:
    asked = [Question(prompt, PICTURE, "sampled", tuple(range(8))) for prompt in ASKED[:2]]
    said = served_replies(served, asked)
    assert said.keys() == {(prompt, draw) for prompt in ASKED[:2] for draw in range(8)}
    assert len({reply.reply for reply in said.values()}) > 2
