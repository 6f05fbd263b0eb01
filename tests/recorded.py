"""A run's record as training leaves it, made by hand: stages of several kinds, two tasks."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import avrgym
from avrgym import Prompt
from avrgym.evaluate.results import judged
from avrgym.prompts.format import Format
from avrgym.runs.record import Record

LEVELS = (
    "grid_navigation/rung0",
    "grid_navigation/rung2",
    "grid_navigation/simple?style=terse",
    "table_readout/rung1",
)
FORMATS = ("image", "text", "image_via_text-direct")
STAGES: tuple[dict[str, Any], ...] = (
    {
        "stage": "sft",
        "kind": "sft",
        "label": "SFT",
        "role": "imitated",
        "steps": 90,
        "settings": [LEVELS[0]],
    },
    {
        "stage": "climb",
        "kind": "weave",  # a kind that nobody knows
        "label": "Weave",
        "shade": "#e9f5ec",
        "role": "woven",
        "steps": 60,
        "settings": [LEVELS[3]],
        "asks": [[LEVELS[3], "text"]],
    },
    {
        "stage": "grpo",
        "kind": "grpo",
        "role": "reinforced",
        "steps": 50,
        "settings": [LEVELS[0], LEVELS[1]],
    },
)
SETTINGS: dict[str, Any] = {
    "name": "by-hand",
    "seed": 3,
    "held_out": 4,
    "picture": {"size": [112, 112], "theme": "compact", "insist": True},
    "model": {"kind": "tiny", "family": "llava"},
    "stages": [{"kind": "sft"}, {"kind": "weave", "name": "climb"}, {"kind": "grpo"}],
    "evaluation": {"suite": list(LEVELS), "split": "test"},
}


@dataclass(frozen=True, slots=True)
class Said:
    reply: bytes
    tokens: int = 3
    finish: str = "stop"
    seconds: float = 0.25
    logprob: float | None = -0.75
    ids: tuple[int, ...] = ()


def record(folder: Path, stages: Sequence[str] = ("start", "sft", "climb", "grpo")) -> Record:
    """A run in ``folder`` that came as far as some stages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps(SETTINGS), "utf-8")
    written(folder / "metrics.jsonl", events(stages))
    written(
        folder / "results.jsonl",
        (row for place, stage in enumerate(stages) for row in rows(stage, place)),
    )
    return Record(folder)


def written(path: Path, lines: Iterator[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, "utf-8")


def events(stages: Sequence[str]) -> Iterator[dict[str, Any]]:
    for event in (event for event in STAGES if event["stage"] in stages):
        where = {"stage": event["stage"]}
        yield {"event": "stage", **event}
        for step in range(10, event["steps"] + 1, 10):
            share = 1 - math.exp(-step / 40)
            seconds = {"step": 0.5, "environment": 0.005, "pictures": 0.01}
            numbers: dict[str, Any] = {"loss": 2 - share, "reward": share, "entropy": 1 - share}
            if event["kind"] == "grpo":
                numbers |= {"left_out": step / 10, "curriculum": {"top": step // 20, "share/x": 1}}
                numbers |= {"judge/score": 0.5 + step / 200}
            yield {"event": "log", **where, "step": step, **numbers, "seconds": seconds}
            # A probe is of the steps that were done, replies are of the one that is being done.
            kind, at = ("probe", step) if event["kind"] == "sft" else ("sampled", step - 1)
            for level in LEVELS:
                for name in FORMATS[:2]:
                    right = round(64 * share / (1 + LEVELS.index(level)))
                    counts = {"format": name, "right": right, "total": 64}
                    yield {"event": kind, **where, "step": at, "level": level, **counts}
        yield {"event": "done", **where, "job": event["stage"], "seconds": 41.5}
        yield {"event": "done", **where, "job": f"evaluate {event['stage']}", "seconds": 8.25}


def rows(stage: str, place: int, items: int = 12) -> Iterator[dict[str, Any]]:
    """Results of a stage: of each format's items so many are right as stages were before it."""
    for level in LEVELS:
        samples = avrgym.samples(f"{level}#test:0:{i}" for i in range(items))
        for name in FORMATS:
            prompts = [Prompt(sample.address, Format.parse(name)) for sample in samples]
            said = [
                Said(reply(sample, right=i % 4 < place), finish="stop" if i % 3 else "length")
                for i, sample in enumerate(samples)
            ]
            for decoding in ("greedy", "sampled"):
                for result in judged(prompts, said, stage=stage, decoding=decoding):
                    yield result.row()


def reply(sample: avrgym.Sample, *, right: bool) -> bytes:
    """The worked reply; or one that takes two steps in each other's place, and is no text."""
    if right:
        return sample.rationale.encode()
    lines = sample.rationale.splitlines()
    middle = max(1, len(lines) // 2)
    lines[middle - 1 : middle + 1] = lines[middle - 1 : middle + 1][::-1]
    return "\n".join(lines[:-1]).encode() + b" <b>\xff&"
