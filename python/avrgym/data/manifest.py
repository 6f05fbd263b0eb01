"""What a dataset says of itself, for programs."""

import json
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.data import plan as plans
from avrgym.data.exclusions import MANIFEST, Excluded
from avrgym.data.plan import Plan
from avrgym.data.settings import Settings, as_json, differences, makers


def identity(settings: Settings, excluded: Excluded) -> dict[str, Any]:
    """What must be the same for two runs to write the same dataset."""
    return {
        "made_by": makers(settings),
        "settings": as_json(settings),
        "excluded": excluded.facts,
    }


def make(
    settings: Settings, excluded: Excluded, plan: Plan, facts: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """The manifest of a dataset of which every shard is there.

    Args:
        settings: What it is a function of.
        excluded: What it must not contain.
        plan: Its exceptions.
        facts: Of each phase the facts of its shards, in order.
    """
    gave_way = plans.replaced(plan)
    phases = {}
    for phase in settings.mixture.phases:
        shards = facts[phase.name]
        formats: dict[str, int] = {}
        for shard in shards:
            for name, count in shard["formats"].items():
                formats[name] = formats.get(name, 0) + count
        phases[phase.name] = {
            "rows": phase.size,
            "epochs": phase.epochs,
            "bytes": sum(
                shard["bytes"] + shard.get("pictures", {}).get("bytes", 0) for shard in shards
            ),
            "parts": [
                {
                    "task": part.task,
                    "level": part.level,
                    "split": part.split,
                    "format": part.format.name,
                    "rows": count,
                }
                for part, count in zip(phase.parts, phase.counts(), strict=True)
            ],
            "formats": dict(sorted(formats.items())),
            "replaced": {key: gave_way[phase.name][key] for key in ("excluded", "dropped")},
            "duplicates": gave_way[phase.name]["duplicates"],
            "shards": shards,
        }
    return {**identity(settings, excluded), "phases": phases}


def load(folder: Path) -> dict[str, Any]:
    """The manifest of a finished dataset.

    Raises:
        TaskError: There is none, or it is no JSON.
    """
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise TaskError(
            f"{folder} is no finished dataset: it has no {MANIFEST}; "
            "give the folder that avrgym generate wrote, after it has ended"
        ) from None
    except (OSError, ValueError) as wrong:
        raise TaskError(f"{folder / MANIFEST} cannot be read: {wrong}") from None
    parts = ("settings", "phases", "made_by", "excluded")
    if not isinstance(read, dict) or not all(isinstance(read.get(part), dict) for part in parts):
        raise TaskError(f"{folder / MANIFEST} is no manifest of a dataset")
    return read


def same(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Refuses to go on with a dataset that was begun otherwise.

    Raises:
        TaskError: Something differs; the message says what.
    """
    changed = differences(ours, {key: theirs.get(key) for key in ours})
    if changed:
        raise TaskError(
            f"{folder} was begun with other settings: {'; '.join(changed[:5])}; "
            "give those, or another folder"
        )
