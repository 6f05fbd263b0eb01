"""Samples and verdicts as the page has them: plain values."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import avrgym
from avrgym.core import facts
from avrgym.core.pieces import cut, marks
from avrgym.core.samples import samples
from avrgym.core.verdicts import verify


def tasks() -> list[dict[str, Any]]:
    """All tasks with their levels, and these with their parameters."""
    return [
        {
            "name": task,
            "about": facts.about(task),
            "board": task in avrgym.envs.BOARD_TASKS,
            "size": "x".join(map(str, facts.picture(task))),
            "meanings": {
                each.name: f"{each.meaning}; {each.range}"
                for each in facts.meanings(task).parameters
            },
            "levels": [
                {"name": level, "parameters": avrgym.parameters(task, level)}
                for level in avrgym.levels(task)
            ],
        }
        for task in avrgym.TASKS
    ]


def sample(address: str) -> dict[str, Any]:
    """All that is known of a sample but its picture.

    Raises:
        TaskError: The address names nothing.
    """
    [found] = samples([address])
    return {
        "address": found.address,
        "question": found.question,
        "twin": found.twin,
        "rationale": found.rationale,
        "answer": found.answer,
        "content": found.content,
        "steps": _pieces(found.rationale, found.steps),
        "features": _numbers(found.features),
        "shortcuts": _numbers(found.shortcuts),
    }


def verdict(address: str, reply: str | bytes) -> dict[str, Any]:
    """What is to be said of a reply.

    Raises:
        TaskError: The address names nothing.
    """
    [found] = verify([address], [reply])
    return {
        "outcome": found.outcome,
        "form": found.form,
        "components": _numbers(found.components),
        "first_error": found.first_error,
        "steps": [asdict(step) for step in found.steps],
        "pieces": _pieces(reply, found.steps),
    }


def _pieces(said: str | bytes, steps: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            "text": piece.text,
            "skill": piece.skill,
            "state": piece.state,
            "note": piece.note,
            "ended": [
                {"skill": mark.skill, "state": mark.state, "reason": mark.reason}
                for mark in piece.ended
            ],
        }
        for piece in cut(said, marks(steps))
    ]


def _numbers(named: Mapping[str, float]) -> dict[str, float | None]:
    """Numbers by name; JSON has none that is no number."""
    return {name: None if math.isnan(value) else value for name, value in named.items()}
