"""A model that is saved here gives the same replies where a server loads it."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest

import avrgym

pytest.importorskip("trl", reason="needs the train extra: pip install avrgym[train]")
pytest.importorskip("fastapi", reason="needs the dev extra: pip install avrgym[dev]")

import torch
from datasets import IterableDataset
from trl import SFTConfig, SFTTrainer

from avrgym.core.pictures import Picture
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


def served_reply(served: tuple[str, str], prompt: Prompt, temperature: float) -> tuple[str, str]:
    """What the server says, and how it ended."""
    [words] = chats([prompt])
    shown = base64.b64encode(avrgym.encode([prompt.address], PICTURE.size, PICTURE.theme)[0])
    url = {"url": f"data:image/png;base64,{shown.decode()}"}
    content = [
        {"type": "image_url", "image_url": url} if block["type"] == "image" else block
        for block in words.prompt[0]["content"]
    ]
    body = {
        "model": served[1],
        "messages": [{"role": "user", "content": content}],
        "max_tokens": ROOM,
        "temperature": temperature,
    }
    asked = Request(
        f"{served[0]}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(asked, timeout=PATIENCE) as answer:
        [choice] = json.load(answer)["choices"]
    return choice["message"]["content"], choice["finish_reason"]


def test_greedy_replies_are_the_local_ones(loaded: Loaded, served: tuple[str, str]) -> None:
    local = replies(loaded, ASKED, PICTURE, decoding="greedy", max_reply=ROOM, batch=32)
    assert {each.finish for each in local} >= {"stop"}
    assert len({each.reply for each in local}) > 1
    for prompt, mine in zip(ASKED, local, strict=True):
        theirs, finish = served_reply(served, prompt, 0.0)
        assert theirs.encode() == mine.reply, prompt
        assert finish == mine.finish


def test_a_temperature_is_heeded(served: tuple[str, str]) -> None:
    assert len({served_reply(served, ASKED[0], 1.5)[0] for _ in range(8)}) > 1
