"""Folders to report on: subjects asked in process, and a run by hand with all columns."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from avrgym.evaluate import policies, suites
from avrgym.evaluate.folder import Folder
from avrgym.evaluate.session import Session, conduct
from recorded import events as told
from recorded import record

Row = dict[str, Any]


def evaluated(to: Path, name: str, **keys: str) -> Path:
    """A subject asked the suite ``quick``, keys of which are replaced."""
    evaluation = suites.load("quick", {"items": "3", **keys})
    asked = Session(policy=name, suite="quick", evaluation=evaluation)
    conduct(asked, policies.found(name), Folder(to), lambda _: None)
    return to


def rewritten(folder: Path, change: Callable[[Row], list[Row]], **events: Any) -> Path:
    """A folder with rows in place of each of its rows, and values in its events of stages."""
    file = folder / "results.jsonl"
    rows = [
        new for line in file.read_text("utf-8").splitlines() for new in change(json.loads(line))
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    if events:
        metrics = folder / "metrics.jsonl"
        told = [
            line | (events if line["event"] == "stage" else {})
            for line in map(json.loads, metrics.read_text("utf-8").splitlines())
        ]
        metrics.write_text("".join(json.dumps(line) + "\n" for line in told), "utf-8")
    return folder


def run(to: Path, **events: Any) -> Path:
    """A run of two stages whose rows have all that a report can ask for, and a third under way.

    Args:
        to: Its folder.
        events: Values of the events of its stages, such as ``settings``.
    """
    made = record(to, stages=("start", "sft"))
    rewritten(to, _full, **events)
    made.extend(each for each in told(["grpo"]) if each["event"] in ("log", "sampled"))
    return to


def _full(row: Row) -> list[Row]:
    """Levels simple and hard, formats with reasons, two draws, a confidence."""
    level = {"rung0": "simple", "rung2": "hard"}.get(row["level"].partition("/")[2])
    if level is None or row["format"] not in ("image", "text", "image_via_text-direct"):
        return []
    of = row["level"].replace(row["level"].partition("/")[2], level)
    address = row["address"].replace(row["level"], of)
    made = row | {"level": of, "address": address, "format": row["format"].partition("-")[0]}
    confidence = 0.9 if row["correct"] else 0.25
    draws = range(2 if row["decoding"] == "sampled" else 1)
    return [made | {"draw": draw, "confidence": confidence} for draw in draws]


def said(found: Mapping[str, Any], section: str, table: str) -> list[dict[str, Any]]:
    """The rows of a table of a report's JSON."""
    [held] = [each for each in found["sections"] if each["name"] == section]
    [rows] = [each["rows"] for each in held["tables"] if each["title"] == table]
    return list(rows)
