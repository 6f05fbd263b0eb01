"""Processes forked from one that has the libraries imported: one alone, or a world of several."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import numba
import torchdata.stateful_dataloader  # type: ignore[import-untyped]
from torch.distributed import TCPStore  # type: ignore[attr-defined]

from avrgym.files import jsonl
from avrgym.train.trainers import dpo, grpo, prm, rft, sft

# Before forking, so that no child has to.
IMPORTED = (dpo, grpo, prm, rft, sft, numba, torchdata.stateful_dataloader)

#: Whether a line that was written to a file is the last that a process writes.
Death: TypeAlias = Callable[[Path, dict[str, Any]], bool]


def dies(when: Death) -> None:
    """Has this process killed once a line was written down of which ``when`` says so."""
    write = jsonl.append

    def append(path: Path, lines: Iterable[dict[str, Any]]) -> None:
        held = list(lines)
        write(path, held)
        if any(when(path, line) for line in held):
            os.kill(os.getpid(), signal.SIGKILL)

    jsonl.append = append


def forked(work: Callable[[int], object], count: int = 1) -> int:
    """Does work in forks, told their rank, until all end or one dies, whose fellows die with it.

    Returns:
        The signal that one died of, or 0. A fork that ends with an error ends this process too.
    """
    # As with torchrun, where they meet outlives all of them: one may end while another still asks.
    met = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    left = {_fork(work, rank, count, met.port) for rank in range(count)}
    died = 0
    while left:
        child, status = os.wait()
        left.discard(child)
        if status and not died:
            died = status
            for other in left:
                os.kill(other, signal.SIGKILL)
    if died and not os.WIFSIGNALED(died):
        sys.exit(1)
    return os.WTERMSIG(died) if died else 0


def _fork(work: Callable[[int], object], rank: int, count: int, port: int) -> int:
    child = os.fork()
    if child:
        return child
    if count > 1:  # what torchrun says
        said = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count}
        os.environ |= {name: str(value) for name, value in said.items()}
        os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "True"
    try:
        work(rank)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
