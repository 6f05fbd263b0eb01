"""From verdicts to accuracy with intervals; knows no model."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import avrgym
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.score import Score

Event: TypeAlias = dict[str, Any]


def score(addresses: Sequence[str], replies: Sequence[str | bytes]) -> Score:
    """How many replies are correct."""
    return Score(int(avrgym.verify(addresses, replies).correct.sum()), len(addresses))


def pooled(scores: Iterable[Score]) -> Score:
    """All replies of several sets taken as one."""
    return sum(scores, Score(0, 0))


def by_length(events: Iterable[Event]) -> dict[str, dict[int, Score]]:
    """Scores by level and by length, from the record's greedy replies to pictures.

    An average over lengths hides where a reader stops reading.

    Args:
        events: Of kind ``replies``, of one stage; several runs may be taken together.
    """
    found: dict[str, dict[int, Score]] = {}
    for event in events:
        if event["modality"] != "image" or event["decoding"] != "greedy":
            continue
        asked = event["addresses"]
        correct = avrgym.verify(asked, event["replies"]).correct.tolist()
        feature = facts.length(task_of(asked[0]))
        mine = found.setdefault(event["level"], {})
        for length, score in by_feature(asked, correct, feature).items():
            mine[length] = mine.get(length, Score(0, 0)) + score
    return {level: dict(sorted(scores.items())) for level, scores in found.items()}


def by_feature(addresses: Sequence[str], correct: Sequence[bool], feature: str) -> dict[int, Score]:
    """Scores by a whole-number difficulty feature of the sample, such as a path's length."""
    found: dict[int, Score] = {}
    values = facts.features(addresses)[feature].astype(int).tolist() if addresses else []
    for value, right in zip(values, correct, strict=True):
        found[value] = found.get(value, Score(0, 0)) + Score(int(right), 1)
    return dict(sorted(found.items()))
