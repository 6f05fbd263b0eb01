"""How many replies of an evaluation were right, for programs and for people."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from avrgym.cli.accuracies import aligned
from avrgym.core.score import Score
from avrgym.core.verdicts import OUTCOMES

#: What tells groups of rows apart; those with one value alone are not shown, but for the first two.
BY = ("level", "format", "decoding", "template", "size", "theme")

_COUNTS = tuple(name for name in reversed(OUTCOMES) if name != "correct")

Group: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Outcomes of a group, and how many replies were cut for their length."""

    outcomes: Counter[str] = field(default_factory=Counter)
    cut: int = 0

    @property
    def score(self) -> Score:
        """Accuracy and its interval."""
        return Score(self.outcomes["correct"], self.outcomes.total())

    def row(self) -> dict[str, Any]:
        """Plain values."""
        low, high = self.score.interval()
        return {
            "replies": self.score.total,
            "accuracy": self.score.accuracy if self.score.total else None,
            "interval": [low, high],
            **{name: self.outcomes[name] for name in OUTCOMES},
            "cut": self.cut,
        }


def tallied(rows: Iterable[Mapping[str, Any]]) -> dict[Group, Tally]:
    """Tallies by what :data:`BY` names, in the order in which they come up."""
    found: dict[Group, Tally] = {}
    for row in rows:
        tally = found.setdefault(tuple(_word(row.get(name)) for name in BY), Tally())
        tally.outcomes[row["outcome"]] += 1
        tally.cut += row["finish"] == "length"
    return dict(sorted(found.items(), key=lambda pair: _order(pair[0], list(found))))


def as_json(found: Mapping[Group, Tally], **more: Any) -> str:
    """Tallies as JSON."""
    groups = [dict(zip(BY, group, strict=True)) | tally.row() for group, tally in found.items()]
    made = {**more, "overall": _whole(found).row(), "groups": groups}
    return json.dumps(made, ensure_ascii=False, indent=1)


def as_table(found: Mapping[Group, Tally]) -> str:
    """Tallies as a table for people."""
    shown = [
        at for at, _ in enumerate(BY) if at < 2 or len({group[at] for group in found} - {""}) > 1
    ]
    head = ("accuracy", "95 % interval", "replies", *_COUNTS, "cut")
    rows = [(*(BY[at] for at in shown), *head)]
    for group, tally in [*found.items(), (("all",), _whole(found))]:
        low, high = tally.score.interval()
        counts = (tally.score.total, *(tally.outcomes[name] for name in _COUNTS), tally.cut)
        rows.append(
            (
                *(group[at] if at < len(group) else "" for at in shown),
                f"{tally.score.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}",
                *(f"{count:,}" for count in counts),
            )
        )
    return "\n".join(aligned(rows, len(shown)))


def _whole(found: Mapping[Group, Tally]) -> Tally:
    outcomes = Counter[str]()
    for tally in found.values():
        outcomes.update(tally.outcomes)
    return Tally(outcomes, sum(tally.cut for tally in found.values()))


def _order(group: Group, every: list[Group]) -> tuple[int, int]:
    """Levels in the order in which they came, their formats in that in which these came."""
    first = next(at for at, each in enumerate(every) if each[0] == group[0])
    return first, every.index(group)


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " x ".join(map(str, value))
    return "" if value is None else str(value)
