"""A run's record as one self-contained page: curves, tables, and replies beside their pictures."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from PIL import Image

import avrgym
from avrgym.core import facts
from avrgym.core.score import Score
from avrgym.evaluate.score import by_length
from avrgym.report import figures as curves
from avrgym.runs.record import Event, Record, write

TEMPLATE = Path(__file__).with_name("page.html.jinja")
SHOWN_PIXELS = 224  # of a picture's longer side
ROLLOUTS = 3  # samples shown of each level
NAMES = {"start": "before", "sft": "SFT", "grpo": "GRPO", "dpo": "DPO"}
MODALITIES = {"image": "pictures", "text": "twins"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reply.

    Attributes:
        text: What it says.
        state: ``ok``, ``wrong`` or ``unsupported`` for a step, empty for words that are none.
        note: Skill and reason.
    """

    text: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """One reply, taken apart."""

    stage: str
    outcome: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Rollout:
    """One held-out sample, and what the model said to it after each stage."""

    address: str
    level: str
    question: str
    picture: str
    told: list[Told]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a level under one decoding, one score per stage."""

    level: str
    role: str
    decoding: str
    scores: list[Score | None]


def write_report(record: Record) -> Path:
    """Writes ``report.html`` from whatever the record holds so far."""
    settings = record.settings()
    found = list(record.events("evaluated"))
    stages = list(dict.fromkeys(event["stage"] for event in found))
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(TEMPLATE.read_text("utf-8")).render(
        settings=settings,
        stages=[NAMES[stage] for stage in stages],
        tables={
            MODALITIES[m]: table(found, m, stages, settings) for m in _distinct(found, "modality")
        },
        headline=headline(found, stages, settings),
        climb=curves.climb(record, settings),
        sampled=curves.sampled(record),
        lengths=lengths(record, stages),
        length=facts.length(settings["task"]),
        rollouts=rollouts(record, settings, stages),
        seconds=sum(event["seconds"] for event in record.events("done")),
    )
    write(record.report, page)
    return record.report


def role(level: str, settings: dict[str, Any]) -> str:
    """What training saw of a level."""
    if level in settings["sft"]["levels"]:
        return "imitated"
    return "only reinforced" if level in settings["grpo"]["levels"] else "never seen"


def table(
    found: Sequence[Event], modality: str, stages: Sequence[str], settings: dict[str, Any]
) -> list[Row]:
    """Scores of one modality: a row per decoding and level, a column per stage."""
    counts = {
        (e["level"], e["decoding"], e["stage"]): Score(e["right"], e["total"])
        for e in found
        if e["modality"] == modality
    }
    levels, decodings = _distinct(found, "level"), _distinct(found, "decoding")
    return [
        Row(
            level,
            role(level, settings),
            decoding,
            [counts.get((level, decoding, stage)) for stage in stages],
        )
        for decoding in decodings
        for level in levels
    ]


def headline(found: Sequence[Event], stages: Sequence[str], settings: dict[str, Any]) -> list[Row]:
    """Greedy accuracy on pictures, level by level."""
    return [row for row in table(found, "image", stages, settings) if row.decoding == "greedy"]


def lengths(record: Record, stages: Sequence[str]) -> dict[str, dict[int, Score]]:
    """Greedy accuracy on pictures by level and length, after the last stage."""
    last = stages[-1] if stages else ""
    replies = record.events("replies", of="replies.jsonl")
    return by_length(event for event in replies if event["stage"] == last)


def rollouts(record: Record, settings: dict[str, Any], stages: Sequence[str]) -> list[Rollout]:
    """The first few held-out pictures of each level with the greedy replies after each stage."""
    said: dict[str, dict[str, list[str]]] = {}
    asked: dict[str, list[str]] = {}
    for event in record.events("replies", of="replies.jsonl"):
        if (
            event["modality"] == "image"
            and event["decoding"] == "greedy"
            and event["stage"] != "start"
        ):
            said.setdefault(event["level"], {})[event["stage"]] = event["replies"][:ROLLOUTS]
            asked[event["level"]] = event["addresses"][:ROLLOUTS]
    shown: list[Rollout] = []
    for level, by_stage in said.items():
        pictures = drawn(asked[level], settings["pictures"])
        for at, (sample, picture) in enumerate(
            zip(avrgym.samples(asked[level]), pictures, strict=True)
        ):
            told = [
                tell(stage, sample.address, by_stage[stage][at])
                for stage in stages
                if stage in by_stage
            ]
            shown.append(Rollout(sample.address, level, sample.question, picture, told))
    return shown


def tell(stage: str, address: str, reply: str) -> Told:
    """Takes a reply apart into steps and other words, each step with its judgement."""
    verdict = avrgym.verify([address], [reply])[0]
    said, at = reply.encode("utf-8", "surrogatepass"), 0
    pieces: list[Piece] = []
    for step in verdict.steps:
        if step.start < at:  # a step inside another is told with it
            continue
        pieces.append(Piece(said[at : step.start].decode("utf-8", "replace"), "", ""))
        note = f"{step.skill}: {step.reason}" if step.reason else step.skill
        pieces.append(
            Piece(said[step.start : step.end].decode("utf-8", "replace"), step.state, note)
        )
        at = step.end
    pieces.append(Piece(said[at:].decode("utf-8", "replace"), "", ""))
    return Told(NAMES[stage], verdict.outcome, [piece for piece in pieces if piece.text])


def drawn(addresses: Sequence[str], pictures: dict[str, Any]) -> list[str]:
    """Pictures as data URLs, a whole number of times larger than the model saw them."""
    height, width = pictures["height"], pictures["width"]
    times = max(1, SHOWN_PIXELS // max(height, width))
    images = avrgym.render(addresses, (height * times, width * times), pictures["theme"])
    return [_data_url(Image.fromarray(image)) for image in images]


def _data_url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _distinct(found: Iterable[Event], key: str) -> list[str]:
    return list(dict.fromkeys(event[key] for event in found))
