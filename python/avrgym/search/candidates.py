"""Replies among which to choose: several to each problem, as rows of an evaluation hold them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.skills import SEEING
from avrgym.core.pictures import Picture
from avrgym.core.verdicts import answers
from avrgym.evaluate.results import said
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.search.distinct import distinct

#: What the first wrong step of a reply is of.
FAULTS: tuple[str, ...] = ("none", "seeing", "thinking")
# What tells problems apart; draws of one have all of these alike.
_ASKED = ("level", "address", "format", "template", "size", "theme", "temperature", "top_p")


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n sampled replies to each of p problems.

    Attributes:
        prompts: What was asked, p of them.
        pictures: How each was drawn, p; None where no picture was shown or nobody knows how.
        levels: The level of each, p.
        rows: The rows of results, n for each problem, by their draw.
        answers: uint64 (p, n), see :func:`avrgym.core.verdicts.answers`.
        correct: bool (p, n), whether each is right.
        tokens: int64 (p, n), of each reply, 0 where that is not known.
        before: int64 (p, n), at which place the same was said last, -1 where it was not: a scorer
            reads it once.
        faults: uint8 (p, n), of what class the first wrong step of each is, codes into ``FAULTS``.
    """

    prompts: tuple[Prompt, ...]
    pictures: tuple[Picture | None, ...]
    levels: tuple[str, ...]
    rows: tuple[tuple[Mapping[str, Any], ...], ...]
    answers: NDArray[np.uint64]
    correct: NDArray[np.bool_]
    tokens: NDArray[np.int64]
    before: NDArray[np.int64]
    faults: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> "Candidates":
        """The candidates of rows; greedy ones are left out, and draws that not all problems have.

        Args:
            rows: Of results, of one policy at one stage.

        Raises:
            TaskError: There is nothing to choose among.
        """
        held: dict[tuple[Any, ...], dict[int, Mapping[str, Any]]] = {}
        for row in rows:
            if row["decoding"] != "sampled" or Format.parse(row["format"]).transcribes:
                continue
            key = tuple(_plain(row.get(name)) for name in _ASKED)
            held.setdefault(key, {})[row["draw"]] = row
        least = min(map(len, held.values()), default=0)
        if least < 2:
            what = "no sampled replies" if not held else "a problem with a single sampled reply"
            raise TaskError(
                f"there is nothing to choose among: {what}; evaluate with "
                "--decodings sampled --draws 16"
            )
        kept = tuple(
            tuple(draws[at] for at in sorted(draws)[:least])  # the same of all, by their draw
            for draws in held.values()
        )
        firsts = [draws[0] for draws in kept]
        flat = [row for draws in kept for row in draws]
        shape = len(kept), least
        given = answers([row["address"] for row in flat], [said(row) for row in flat])
        return cls(
            tuple(_prompt(row) for row in firsts),
            tuple(_picture(row) for row in firsts),
            tuple(row["level"] for row in firsts),
            kept,
            given.reshape(shape),
            np.array([row["correct"] for row in flat], np.bool_).reshape(shape),
            np.array([row["tokens"] or 0 for row in flat], np.int64).reshape(shape),
            np.array([_before(draws) for draws in kept], np.int64).reshape(shape),
            np.array([_fault(row) for row in flat], np.uint8).reshape(shape),
        )

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def draws(self) -> int:
        """How many replies each problem has."""
        return int(self.answers.shape[1])

    def only(self, places: Sequence[int]) -> "Candidates":
        """Some of the problems."""
        at = np.asarray(places, np.int64)
        return Candidates(
            tuple(self.prompts[place] for place in places),
            tuple(self.pictures[place] for place in places),
            tuple(self.levels[place] for place in places),
            tuple(self.rows[place] for place in places),
            self.answers[at],
            self.correct[at],
            self.tokens[at],
            self.before[at],
            self.faults[at],
        )


def _before(draws: Sequence[Mapping[str, Any]]) -> list[int]:
    last = dict[int, int]()
    found = []
    for place, code in enumerate(distinct(map(spoken, draws))[1]):
        found.append(last.get(code, -1))
        last[code] = place
    return found


def spoken(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a reply to a problem is known by: its tokens, its bytes, and how it ended."""
    return tuple(row.get("ids") or ()), row["reply"], row["raw"], row["finish"]


def _fault(row: Mapping[str, Any]) -> int:
    """The class of the first wrong step that stands in no thought."""
    for step in row["steps"]:
        if step[3] == "wrong" and not (*step, False)[5]:
            return FAULTS.index("seeing" if step[2] in SEEING else "thinking")
    return 0


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _prompt(row: Mapping[str, Any]) -> Prompt:
    return Prompt(row["address"], Format.parse(row["format"]), row.get("template", "plain"))


def _picture(row: Mapping[str, Any]) -> Picture | None:
    size, theme = row.get("size"), row.get("theme")
    return None if size is None or theme is None else Picture(tuple(size), theme, insist=True)
