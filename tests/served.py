"""A small model that has learnt how replies look, and a server in a process of its own."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import torch
from datasets import IterableDataset
from trl import SFTConfig, SFTTrainer

from avrgym.core.pictures import Picture
from avrgym.models.load import Loaded, begin
from avrgym.models.spec import Tiny
from avrgym.models.tokenizer import constant
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt, chats, rows
from avrgym.stream.rows import with_pillow
from avrgym.train.quiet import quieten

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


def learnt(spec: Tiny, folder: Path) -> Loaded:
    """A model that knows how replies look, and where they end.

    Args:
        spec: What it is made of.
        folder: For what the trainer leaves.
    """
    quieten()
    torch.set_num_threads(1)
    spoken = chats(TRAINED)
    asked = [chat.prompt[0]["content"][-1]["text"] for chat in spoken]
    made = begin(
        spec,
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
            output_dir=str(folder),
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


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], ready: str, patience: float = PATIENCE
) -> Iterator[str]:
    """A server for the block.

    Args:
        command: Starts it.
        environment: Of its process, beside this one's.
        ready: Words that it says when it can be asked.
        patience: Seconds until then.

    Yields:
        All that it said.
    """
    process = subprocess.Popen(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
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
            if ready in line:
                started.set()
        started.set()  # it ended

    listener = Thread(target=listen)
    listener.start()
    try:
        started.wait(patience)
        told = "".join(said)
        assert ready in told, told
        yield told
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        listener.join()
        assert process.stdout is not None
        process.stdout.close()
