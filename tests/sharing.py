"""One of several processes of a run; each writes down the places that it lays rows out for.

torchrun --nproc_per_node 2 sharing.py FOLDER
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import trained
from avrgym import Prompt
from avrgym.train.curricula.planned import Planned
from avrgym.train.processes import Processes
from avrgym.train.run import train
from trained import GRPO, SFT

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    rank = Processes().rank
    places: list[list[int]] = []
    own = Planned.at

    def at(self: Planned, indices: Sequence[int]) -> list[Prompt]:
        places.append(list(indices))
        return own(self, indices)

    Planned.at = at  # type: ignore[method-assign]
    sft = replace(SFT, steps=3, batch=4)
    grpo = replace(GRPO, steps=4, prompts=2, replies=4, steps_per_generation=2)
    train(trained.run(sft, grpo, name="shared"), folder=folder)
    (folder / f"places-{rank}.json").write_text(json.dumps(places))
