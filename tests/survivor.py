"""A run of some stages, over and over: as a whole, and killed after lines of its record.

    python survivor.py FOLDER whole|adapter [STAGE:STEP ...]

Each time is a process of its own, forked from one that has the libraries imported.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import trained
from avrgym.files import jsonl
from avrgym.models.load import save
from avrgym.models.spec import Lora, Transformers
from avrgym.train import run as running
from avrgym.train.spec import Run
from avrgym.train.trainers import dpo, grpo, sft
from trained import DPO, GRPO, SFT

IMPORTED = (dpo, grpo, sft)  # before forking, so that no child has to


def whole(folder: Path) -> Run:
    """Nine steps of one kind, eight of the other, a checkpoint every other step."""
    sft = replace(SFT, steps=9, checkpoint_every=2)
    grpo = replace(GRPO, steps=8, checkpoint_every=2, steps_per_generation=2)
    return trained.run(sft, grpo, name="survivor")


def adapter(folder: Path) -> Run:
    """An adapter in bfloat16, in stages that compare it with what they began with."""
    base = folder / "base"
    if not base.exists():
        save(trained.model(), base)
    grpo = replace(GRPO, steps=4, checkpoint_every=2, trl={**GRPO.trl, "beta": 0.5})
    dpo = replace(DPO, steps=5, checkpoint_every=2)
    model = Transformers(path=str(base), lora=Lora(rank=4))
    given = trained.run(replace(SFT, steps=3), grpo, dpo, name="survivor", model=model)
    for kind in ("whole", "killed"):  # an untrained model never answers right
        trained.pair_up(given, folder / kind)
    return given


def dies(stage: str, step: int) -> None:
    """Has the process killed once a stage's step was written down."""
    write = jsonl.append

    def append(path: Path, lines: Iterable[dict[str, Any]]) -> None:
        held = list(lines)
        write(path, held)
        for line in held:
            if line.get("event") == "log" and (line["stage"], line["step"]) == (stage, step):
                os.kill(os.getpid(), signal.SIGKILL)

    jsonl.append = append


def once(given: Run, folder: Path, death: str) -> int:
    """Runs in a fork until it ends or dies; the signal that ended it, or 0."""
    child = os.fork()
    if not child:
        try:
            if death:
                stage, _, step = death.partition(":")
                dies(stage, int(step))
            running.train(given, folder=folder)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(1)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


if __name__ == "__main__":
    to, which, *deaths = sys.argv[1:]
    asked = {"whole": whole, "adapter": adapter}[which](Path(to))
    print("ended", once(asked, Path(to, "whole"), ""))
    for death in deaths:
        print("ended", once(asked, Path(to, "killed"), death))
    print("ended", once(asked, Path(to, "killed"), ""))
