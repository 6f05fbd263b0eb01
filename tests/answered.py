"""Rows of results made by hand: replies whose steps, answers and problems are what a test says."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from avrgym.core.verdicts import SKILLS

Row = dict[str, Any]

STOPPED, CUT = "stop", "length"


def row(
    problem: int = 0,
    right: bool = True,
    *,
    steps: Sequence[tuple[Any, ...]] = (),
    level: str = "maze/simple",
    outcome: str | None = None,
    **more: Any,
) -> Row:
    """One reply; ``steps`` are (skill, state, reason), and whether they were thought."""
    outcome = outcome or ("correct" if right else "wrong")
    return {
        "stage": "start",
        "split": "test",
        "level": level,
        "format": "image",
        "address": f"{level}#test:0:{problem}",
        "decoding": "greedy",
        "draw": 0,
        "reply": "said",
        "raw": None,
        "finish": STOPPED,
        "tokens": 3,
        "correct": right,
        "parsed": outcome in ("correct", "wrong"),
        "form": "line",
        "outcome": outcome,
        "components": {},
        "steps": [[place, place + 1, *step] for place, step in enumerate(steps)],
        "generator": "0",
        **more,
    }


def drawn(rng: np.random.Generator, n: int, problems: int, **more: Any) -> list[Row]:
    """Replies about problems by lot, with steps that fail now and then."""
    made = []
    for at in range(n):
        steps = chain(rng, int(rng.integers(0, 8)), 0.1)
        sound = all(state == "ok" for _, state, _ in steps)
        right = bool(rng.random() < (0.9 if sound else 0.2))
        made.append(row(int(rng.integers(problems)), right, steps=steps, draw=at, **more))
    return made


def chain(rng: np.random.Generator, length: int, fails: float) -> list[tuple[str, str, str]]:
    """Steps of skills by lot; behind one that fails some cannot be judged."""
    steps: list[tuple[str, str, str]] = []
    broken = False
    for _ in range(length):
        skill = SKILLS[int(rng.integers(len(SKILLS)))]
        if rng.random() < fails:
            steps.append((skill, "wrong", "wrong_value" if rng.random() < 0.5 else "wrong_cell"))
            broken = True
        elif broken and rng.random() < 0.5:
            steps.append((skill, "unsupported", "after_error"))
        else:
            steps.append((skill, "ok", ""))
    return steps


def columns(rows: Sequence[Mapping[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """The values of some columns, row by row."""
    return [tuple(each[name] for name in names) for each in rows]
