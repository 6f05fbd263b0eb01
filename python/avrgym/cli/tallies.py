"""How many replies of an evaluation were right, for programs and for people."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.passes import pass_at
from avrgym.cli.accuracies import aligned
from avrgym.core.score import Score
from avrgym.core.verdicts import OUTCOMES

#: What tells groups of rows apart; those with one value alone are not shown, but for the first two.
BY = ("level", "format", "decoding", "template", "size", "theme")

_COUNTS = tuple(name for name in reversed(OUTCOMES) if name != "correct")

Group: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What became of the replies of a group.

    Attributes:
        outcomes: How many there are of each.
        cut: How many were cut for their length.
        items: Of each item, how many replies it has, and how many are right.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    items: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """Counts a row."""
        self.outcomes[row["outcome"]] += 1
        self.cut += row["finish"] == "length"
        drawn = self.items.setdefault(row["address"], [0, 0])
        drawn[0] += 1
        drawn[1] += row["outcome"] == "correct"

    @property
    def draws(self) -> int:
        """The fewest replies that an item has, 0 of no items."""
        return min((drawn for drawn, _ in self.items.values()), default=0)

    def passed(self, k: int) -> Estimate:
        """pass@k, see :func:`avrgym.analyses.passes.pass_at`; items have ``k`` replies or more."""
        held = np.array(list(self.items.values()), np.int64).reshape(-1, 2)
        return share(pass_at(k, held[:, 0], held[:, 1]))

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
            "pass": {str(k): _plain(self.passed(k)) for k in _ks(self.draws)},
        }


def tallied(rows: Iterable[Mapping[str, Any]]) -> dict[Group, Tally]:
    """Tallies by what :data:`BY` names, in the order in which they come up."""
    found: dict[Group, Tally] = {}
    for row in rows:
        tally = found.setdefault(tuple(_word(row.get(name)) for name in BY), Tally())
        tally.add(row)
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
    most = max((tally.draws for tally in found.values()), default=0)
    passes = (f"pass@{most}",) if most > 1 else ()
    head = ("accuracy", "95 % interval", *passes, "replies", *_COUNTS, "cut")
    rows = [(*(BY[at] for at in shown), *head)]
    for group, tally in [*found.items(), (("all",), _whole(found))]:
        low, high = tally.score.interval()
        counts = (tally.score.total, *(tally.outcomes[name] for name in _COUNTS), tally.cut)
        rows.append(
            (
                *(group[at] if at < len(group) else "" for at in shown),
                f"{tally.score.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}",
                *(f"{tally.passed(most).value:.1%}" if tally.draws >= most else "" for _ in passes),
                *(f"{count:,}" for count in counts),
            )
        )
    return "\n".join(aligned(rows, len(shown)))


def _whole(found: Mapping[Group, Tally]) -> Tally:
    """All groups as one; an item is that of a group, so that greedy ones leave no pass@k."""
    outcomes, items = Counter[str](), dict[str, list[int]]()
    for group, tally in found.items():
        outcomes.update(tally.outcomes)
        items |= {f"{group} {address}": drawn for address, drawn in tally.items.items()}
    return Tally(outcomes, sum(tally.cut for tally in found.values()), items)


def _ks(draws: int) -> list[int]:
    """Powers of two up to the number of draws, and that number; nothing of a single one."""
    if draws < 2:
        return []
    return sorted({2**power for power in range(draws.bit_length())} | {draws})


def _plain(found: Estimate) -> dict[str, Any]:
    return {"value": found.value, "interval": [found.low, found.high]}


def _order(group: Group, every: list[Group]) -> tuple[int, int]:
    """Levels in the order in which they came, their formats in that in which these came."""
    first = next(at for at, each in enumerate(every) if each[0] == group[0])
    return first, every.index(group)


def _word(value: Any) -> str:
    if isinstance(value, list):
        return " x ".join(map(str, value))
    return "" if value is None else str(value)
