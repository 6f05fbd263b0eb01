"""One run, gone through by two processes, then one, then two; the first two times one is killed.

    python sharing.py FOLDER

Before, two are asked for what they cannot share. Each writes down the places that it lays rows out
for; what the first time left is kept.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import trained
from avrgym import Prompt
from avrgym.cli.entry import enter
from avrgym.runs.record import Record
from avrgym.train.curricula.climbing import Climbing
from avrgym.train.curricula.planned import Planned
from avrgym.train.curricula.ucb import Ucb
from avrgym.train.run import train
from forked import Death, dies, forked
from trained import EASY, GRPO, SFT

NAME = "shared"
answered = 0


def measuring(path: Path, line: dict[str, Any]) -> bool:
    """The second process has written three replies of the evaluation after ``sft``."""
    global answered
    answered += path.name == "results-1.jsonl" and line["stage"] == "sft"
    return answered == 3


def reinforcing(_: Path, line: dict[str, Any]) -> bool:
    """A step behind the checkpoint of ``grpo`` is done."""
    return (line.get("event"), line.get("stage"), line.get("step")) == ("log", "grpo", 3)


def through(folder: Path, death: Death | None, rank: int) -> None:
    """The run, from where it stands."""
    if death is not None:
        dies(death)
    places: list[list[int]] = []
    own = Planned.at

    def at(self: Planned, indices: Sequence[int]) -> list[Prompt]:
        places.append(list(indices))
        (folder / f"places-{rank}.json").write_text(json.dumps(places))
        return own(self, indices)

    climbed: list[str] = []
    one = Climbing.draw

    def draw(self: Climbing, count: int, pictured: bool | None = None) -> list[Prompt]:
        drawn = one(self, count, pictured)
        climbed.extend(prompt.address for prompt in drawn)
        (folder / f"climbed-{rank}.json").write_text(json.dumps(climbed))
        return drawn

    Planned.at = at  # type: ignore[method-assign]
    Climbing.draw = draw  # type: ignore[method-assign]
    sft = replace(SFT, steps=3, batch=4)
    # Every reply is wrong, so that each drawing is refilled once, and half of the steps are left.
    grpo = replace(
        GRPO,
        steps=8,
        prompts=2,
        replies=4,
        steps_per_generation=2,
        refill=1,
        checkpoint_every=2,
        curriculum=replace(EASY, levels="rung0..rung2", climb=Ucb()),
    )
    train(trained.run(sft, grpo, name=NAME), folder=folder)


def refused(folder: Path, rank: int) -> None:
    """What the command line makes of a batch that two cannot share."""
    try:
        enter(["train", "--runs", str(folder / "refused"), "--stages.0.batch", "33"])
    except SystemExit as ended:
        (folder / f"refused-{rank}").write_text(str(ended.code))


if __name__ == "__main__":
    to = Path(sys.argv[1])
    print("ended", forked(partial(refused, to), 2), flush=True)
    for processes, death in ((2, measuring), (1, reinforcing), (2, None)):
        print("ended", forked(partial(through, to, death), processes), flush=True)
        if death is measuring:  # what it left
            kept = list(Record(to / NAME).results())
            (to / "kept.json").write_text(json.dumps(kept))
            for rank in range(2):
                (to / f"places-{rank}.json").rename(to / f"first-places-{rank}.json")
