"""Held-out samples with what the model said to them after each stage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import avrgym
from avrgym.core.pieces import Mark, Piece, cut
from avrgym.evaluate.results import said
from avrgym.prompts.format import Format
from avrgym.report.images import shown
from avrgym.report.names import START, format_name
from avrgym.report.stages import Told

EACH = 3  # samples shown of each level


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, taken apart.

    Attributes:
        stage: After which it was drawn, as the page calls it.
        outcome: One of ``avrgym.OUTCOMES``.
        cut: Whether it had no room for more.
        pieces: Its words, each with the steps that it belongs to.
    """

    stage: str
    outcome: str
    cut: bool
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Rollout:
    """One held-out sample.

    Attributes:
        address: Names it.
        level: Its setting.
        question: What is asked.
        twin: The problem as text.
        picture: A data URL; empty where no format shows it.
        replies: By format, in words, one a stage.
    """

    address: str
    level: str
    question: str
    twin: str
    picture: str
    replies: dict[str, list[Reply]]


def rollouts(
    rows: Iterable[Mapping[str, Any]],
    stages: Sequence[Told],
    picture: Mapping[str, Any],
    *,
    decoding: str = "greedy",
    trained: bool = True,
) -> list[Rollout]:
    """The first few samples of each level with the first reply to each format after each stage.

    Args:
        rows: Of results, read once.
        stages: Of the run.
        picture: How the run draws.
        decoding: Of the replies that are shown.
        trained: Whether there are others than those of the model that the run began with, which
            are not shown then.
    """
    held: dict[str, dict[str, dict[tuple[str, str], Mapping[str, Any]]]] = {}
    for row in rows:
        if (
            row["decoding"] == decoding
            and row["draw"] == 0
            and (row["stage"] != START or not trained)
        ):
            by_address = held.setdefault(row["level"], {})
            if row["address"] in by_address or len(by_address) < EACH:
                mine = by_address.setdefault(row["address"], {})
                mine[row["format"], row["stage"]] = row
    found: list[Rollout] = []
    for level, by_address in held.items():
        pictured = any(Format.parse(f).pictured for asked in by_address.values() for f, _ in asked)
        pictures = shown(list(by_address), picture) if pictured else [""] * len(by_address)
        for sample, url in zip(avrgym.samples(by_address), pictures, strict=True):
            replies: dict[str, list[Reply]] = {}
            asked = by_address[sample.address]
            for name in dict.fromkeys(name for name, _ in asked):
                replies[format_name(name)] = [
                    _reply(asked[name, stage.name], stage.label)
                    for stage in stages
                    if (name, stage.name) in asked
                ]
            found.append(Rollout(sample.address, level, sample.question, sample.twin, url, replies))
    return found


def _reply(row: Mapping[str, Any], stage: str) -> Reply:
    pieces = cut(said(row), [Mark(*step) for step in row["steps"]])
    return Reply(stage, row["outcome"], row["finish"] == "length", pieces)
