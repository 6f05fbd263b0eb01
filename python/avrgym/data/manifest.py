"""What a dataset says of itself, for programs."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.config import difference, table
from avrgym.data import plan as plans
from avrgym.data.excluded import MANIFEST, Excluded
from avrgym.data.plan import Plan
from avrgym.data.settings import Settings, makers
from avrgym.mixtures import Phase

#: What a manifest says of every shard, and of which type it is.
SHARD = {
    "file": str,
    "rows": int,
    "bytes": int,
    "sha256": str,
    "list_sha256": str,
    "formats": dict,
}

# The same of a phase, and of a shard's pictures where they are files of their own.
_PHASE = {
    "rows": int,
    "epochs": (int, float),
    "bytes": int,
    "parts": list,
    "formats": dict,
    "replaced": dict,
    "duplicates": int,
    "shards": list,
}
_PICTURES = {"folder": str, "count": int, "bytes": int, "sha256": str}


def identity(settings: Settings, excluded: Excluded) -> dict[str, Any]:
    """What must be the same for two runs to write the same dataset."""
    return {
        "made_by": makers(settings),
        "settings": table(settings),
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
    phases = {
        phase.name: of_phase(
            settings,
            phase,
            facts[phase.name],
            {key: gave_way[phase.name][key] for key in ("excluded", "dropped")},
            gave_way[phase.name]["duplicates"],
        )
        for phase in settings.mixture.phases
    }
    return {**identity(settings, excluded), "phases": phases}


def of_phase(
    settings: Settings,
    phase: Phase,
    shards: list[dict[str, Any]],
    replaced: dict[str, int],
    duplicates: int,
) -> dict[str, Any]:
    """What a manifest says of a phase.

    Args:
        settings: The dataset's.
        phase: Which.
        shards: The facts of its shards, in order.
        replaced: How many rows gave way, by reason.
        duplicates: How many rows remain whose content another instance has.
    """
    formats: dict[str, int] = {}
    for shard in shards:
        for name, count in shard["formats"].items():
            formats[name] = formats.get(name, 0) + count
    return {
        "rows": phase.size,
        "epochs": phase.epochs,
        "bytes": sum(
            shard["bytes"] + shard.get("pictures", {}).get("bytes", 0) for shard in shards
        ),
        "parts": [
            {
                "task": part.task,
                "level": part.level,
                "params": table(part)["params"],
                "seed": settings.mixture.seed if part.seed is None else part.seed,
                "split": part.split,
                "format": part.format.name,
                "rows": count,
                "first": part.first,
            }
            for part, count in zip(phase.parts, phase.counts(), strict=True)
        ],
        "formats": dict(sorted(formats.items())),
        "replaced": replaced,
        "duplicates": duplicates,
        "shards": shards,
    }


def load(folder: Path) -> dict[str, Any]:
    """The manifest of a finished dataset.

    Raises:
        TaskError: There is none, it is no JSON, or something is missing in it.
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
    if damage := next(_damages(read["phases"]), None):
        raise TaskError(
            f"{folder / MANIFEST} is damaged: {damage}; take it from where the dataset came from, "
            "or write the dataset anew"
        )
    return read


def _damages(phases: dict[str, Any]) -> Iterator[str]:
    """What is missing in a manifest, or of the wrong type."""
    for name, phase in phases.items():
        where = f"phases.{name}"
        yield from _unlike(where, phase, _PHASE)
        yield from _unlike(
            f"{where}.replaced", phase["replaced"], {"excluded": int, "dropped": int}
        )
        yield from _unlike(
            f"{where}.formats", phase["formats"], dict.fromkeys(phase["formats"], int)
        )
        for i, shard in enumerate(phase["shards"]):
            inner = f"{where}.shards[{i}]"
            yield from _unlike(inner, shard, SHARD)
            yield from _unlike(
                f"{inner}.formats", shard["formats"], dict.fromkeys(shard["formats"], int)
            )
            if "pictures" in shard:
                yield from _unlike(f"{inner}.pictures", shard["pictures"], _PICTURES)


def _unlike(where: str, value: Any, due: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    for key, kind in due.items():
        if key not in value:
            yield f"{where} has no {key}"
        elif not isinstance(value[key], kind):
            yield f"{where}.{key} is {value[key]!r}"


def same(folder: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Refuses to go on with a dataset that was begun otherwise.

    Raises:
        TaskError: Something differs; the message says what.
    """
    changed = difference(ours, {key: theirs.get(key) for key in ours})
    if changed:
        raise TaskError(
            f"{folder} was begun with other settings: {'; '.join(changed[:5])}; "
            "give those, or another folder"
        )
