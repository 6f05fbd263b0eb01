"""A model asked a suite by one process, and by others that are killed and go on in other numbers.

    python asking.py FOLDER

Every process writes down how many prompts its model was asked.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from transformers import GenerationMixin

import trained
from avrgym.cli.entry import enter
from avrgym.models.load import save
from forked import Death, dies, forked

SUITE = """
suite = ["grid_navigation/rung0"]
items = 6
batch = 2
max_reply = 12
draws = 2
"""


def ask(folder: Path, to: str, death: Death | None, rank: int) -> None:
    """The verb, from where it stands."""
    if death is not None:
        dies(death)
    mixin: Any = GenerationMixin
    generate = mixin.generate

    def counted(model: Any, *args: Any, **how: Any) -> Any:
        with (folder / f"{to}-asked.txt").open("a") as out:
            print(len(how["input_ids"]), file=out)
        return generate(model, *args, **how)

    mixin.generate = counted
    sys.stdout = (folder / f"{to}-{rank}.txt").open("w")
    words = ["--policy", str(folder / "model"), "--suite", str(folder / "mine.toml")]
    try:
        enter(["evaluate", *words, "--to", str(folder / to), "--json"])
    except SystemExit as ended:
        sys.stdout.flush()
        if ended.code:
            os._exit(1)


def after(name: str, rows: int) -> Death:
    """So many rows were written to a file of that name."""
    written: list[str] = []

    def told(path: Path, line: dict[str, Any]) -> bool:
        written.extend([path.name] * (path.name == name))
        return len(written) == rows

    return told


if __name__ == "__main__":
    to = Path(sys.argv[1])
    save(trained.model(), to / "model")
    (to / "mine.toml").write_text(SUITE)
    print("ended", forked(partial(ask, to, "whole", None)), flush=True)
    for processes, death in (
        (2, after("results-1.jsonl", 6)),
        (3, after("results-2.jsonl", 2)),
        (1, after("results.jsonl", 1)),  # while it joins what they left
        (2, None),
    ):
        print("ended", forked(partial(ask, to, "killed", death), processes), flush=True)
        left = [path.name for path in sorted((to / "killed").glob("results*.jsonl"))]
        print("left", json.dumps(left), flush=True)
