"""A judge that learns, and replies that it hears: alone, or half of them in each of two processes.

python heard.py FOLDER
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray

import avrgym
import trained
from avrgym import Format, Picture, Prompt
from avrgym.models.completion import Completion
from avrgym.models.load import Loaded
from avrgym.models.spec import Tiny
from avrgym.prm.heads import Implicit
from avrgym.prm.judge import Judge, Settings
from avrgym.prm.online import Online
from forked import forked

PICTURE = Picture(112, "compact")


def loaded() -> Loaded:
    """A model made from nothing, the same each time."""
    made = trained.model()
    made.model.eval()
    return made


def case() -> tuple[Online, list[Prompt], list[Completion], NDArray[np.float32]]:
    """A judge that has strayed from what it began as; six prompts, replies, and what is known.

    Half of the prompts show a picture; labels are lacking of the third and the last two replies.
    """
    own = loaded()
    dice = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in own.model.parameters():
            weight += 0.05 * torch.randn(weight.shape, generator=dice)
    settings = Settings(head=Implicit(beta=0.5), model=Tiny(), picture=PICTURE)
    online = Online(Judge(settings, own, loaded()), 1e-3, clip=1e6, at_once=4)
    prompts = [
        Prompt(address, Format(shown))
        for address in avrgym.Source(trained.TASK, "rung0").addresses(range(3))
        for shown in ("image", "text")
    ]
    right = np.array([1, 0, np.nan, 1, np.nan, np.nan], np.float32)
    said = [sample.rationale for sample in avrgym.samples([each.address for each in prompts])]
    texts = [
        text if good == 1 else text[: 9 + at]
        for at, (text, good) in enumerate(zip(said, right, strict=True))
    ]
    speller = online.judge.speller
    replies = [
        Completion(text.encode(), tuple(speller.tokens(Completion(text.encode())).ids.tolist()))
        for text in texts
    ]
    return online, prompts, replies, right


def half(folder: Path, rank: int) -> None:
    """What one process of two hears, and what it has then."""
    online, prompts, replies, right = case()
    online.summed = partial(Accelerator(cpu=True).reduce, reduction="sum")
    mine = slice(3 * rank, 3 * rank + 3)
    found = online.hear(prompts[mine], replies[mine], right[mine])
    np.savez(
        folder / f"{rank}.npz",
        weights=torch.cat([each.detach().ravel() for each in online.weights]).numpy(),
        told=np.array([found.loss, found.accuracy, found.score]),
    )


if __name__ == "__main__":
    sys.exit(forked(partial(half, Path(sys.argv[1])), 2))
