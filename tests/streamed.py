"""The rows that tests of streams read."""

from typing import Any

from avrgym.mixtures import named
from avrgym.stream import Rows

MIXTURE = named("mix", "grid_navigation", 201, seed=1)
ROWS = Rows(MIXTURE, size=64, insist=True)


def name(row: dict[str, Any]) -> tuple[str, str, int]:
    """What tells rows apart: the address, the words and whether there is a picture."""
    return row["address"], row["completion"][0]["content"][:40], len(row["images"])


def same(batch: list[Any]) -> list[Any]:
    return batch


EXPECTED = [name(row) for row in ROWS.__getitems__(range(201))]
