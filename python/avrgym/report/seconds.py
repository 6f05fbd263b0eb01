"""Where the time of a run went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from avrgym.report.stages import Rows, Told

STEP = "step"  # what a whole step took, among the seconds that trainers log


@dataclass(frozen=True, slots=True)
class Spent:
    """One stage.

    Attributes:
        label: What the page calls it.
        training: Seconds by the clock; None while it goes on.
        evaluation: Seconds by the clock; None before it was evaluated.
        shares: Of its steps' time by what took it, 0 to 1.
    """

    label: str
    training: float | None
    evaluation: float | None
    shares: dict[str, float]


def spent(stages: Sequence[Told], events: Rows) -> list[Spent]:
    """Where time went, stage by stage.

    Args:
        stages: Of the run.
        events: ``done`` events with the seconds of jobs, ``log`` events with ``seconds`` a step by
            name, of which ``step`` is the whole.
    """
    found: list[Spent] = []
    for stage in stages:
        mine = [event for event in events if event.get("stage") == stage.name]
        done = [event for event in mine if event["event"] == "done"]
        training = [e["seconds"] for e in done if e.get("job", stage.name) == stage.name]
        evaluation = [e["seconds"] for e in done if e.get("job", stage.name) != stage.name]
        shares = _shares([event for event in mine if event["event"] == "log"])
        if done or shares:
            found.append(Spent(stage.label, _total(training), _total(evaluation), shares))
    return found


def summed(logs: Sequence[Mapping[str, Any]], after: int = 0) -> dict[str, float]:
    """Seconds by what took them, over the steps behind one.

    Args:
        logs: ``log`` events of one stage in order, each with what a step took since the one before.
        after: The last step that is left out; a step of the events, or 0.
    """
    sums: dict[str, float] = {}
    at = 0
    for event in logs:
        steps, at = event["step"] - at, event["step"]
        if event["step"] > after:
            for name, each in (event.get("seconds") or {}).items():
                sums[name] = sums.get(name, 0.0) + each * steps
    return sums


def _shares(logs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    sums = summed(logs)
    whole = sums.pop(STEP, 0.0)
    return {name: part / whole for name, part in sums.items()} if whole else {}


def _total(seconds: Sequence[float]) -> float | None:
    return sum(seconds) if seconds else None
