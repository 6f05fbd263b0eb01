"""Which column of a table is what, and the replies that a cell holds."""

import ast
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from avrgym._core import TaskError
from avrgym.core.arguments import quoted
from avrgym.data.tables import MISSING, Batch, Table

# Where an address usually is: its own column, or within what a harness or trainer hands on.
ADDRESS = ("address", "doc.address", "extra_info.address")

# Formats, by which scores are told apart as well.
FORMAT = ("format", "doc.format", "extra_info.format")

# How lmms-eval numbers the rows of the table that it was given, from 0.
NUMBER = ("doc_id",)

# What columns of replies are usually called.
REPLY = (
    *("reply", "replies", "response", "responses", "prediction", "predictions", "completion"),
    *("completions", "output", "outputs", "generation", "generations", "generated_text"),
    *("model_output", "model_response", "filtered_resps", "resps"),
)

# A harness's replies before and after its filters, of which it judged the latter.
_FILTERED = {"resps": "filtered_resps"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a row.

    Attributes:
        name: As it is called: a column's name, or that and keys within its cells, between dots.
        column: The column.
        keys: The keys within.
    """

    name: str
    column: str
    keys: tuple[str, ...] = ()

    def cells(self, batch: Batch) -> list[Any]:
        """The value in each row; :data:`MISSING` where there is none."""
        return [_within(cell, self.keys) for cell in batch.column(self.column)]


def _within(cell: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if not isinstance(cell, dict) or key not in cell:
            return MISSING
        cell = cell[key]
    return cell


class Columns:
    """A table's columns, and the cells of its first row to look into."""

    def __init__(self, table: Table) -> None:
        self.names = table.columns
        first = next(table.batches(None), None)
        if first is None:
            raise TaskError(f"{table.file} has no rows; give a table of replies")
        self._first = first

    def named(self, what: str, name: str) -> Place:
        """A place that the caller named.

        Raises:
            TaskError: There is none.
        """
        if found := self._place(name):
            return found
        raise TaskError(f'no column "{name}" for --{what}; {self.listed()}')

    def address(self) -> Place | None:
        """Where addresses are, if anywhere."""
        return self._first_of(ADDRESS)

    def number(self) -> Place | None:
        """Where the numbers of problems are, if anywhere."""
        return self._first_of(NUMBER)

    def format(self) -> Place | None:
        """Where formats are, if anywhere."""
        return self._first_of(FORMAT)

    def reply(self) -> Place:
        """Where replies are.

        Raises:
            TaskError: There is no column of a usual name, or more than one.
        """
        found = [place for name in REPLY if (place := self._place(name))]
        called = {place.name.lower() for place in found}
        found = [place for place in found if _FILTERED.get(place.name.lower()) not in called]
        if len(found) == 1:
            return found[0]
        if found:
            several = " and ".join(place.name for place in found)
            raise TaskError(f"{several} may all be replies; say which are with --reply")
        raise TaskError(
            f"no column is called as replies are; name it with --reply; {self.listed()}"
        )

    def listed(self) -> str:
        """The columns, as an error names them."""
        return f"its columns are {quoted(self.names)[1:-1]}"

    def _first_of(self, names: Sequence[str]) -> Place | None:
        return next((place for name in names if (place := self._place(name))), None)

    def _place(self, name: str) -> Place | None:
        """A column, else a key within one; whatever its capitals where that is plain."""
        for known in (self.names, [each.lower() for each in self.names]):
            wanted = name if known is self.names else name.lower()
            if known.count(wanted) == 1:
                return Place(name, self.names[known.index(wanted)])
        parts = name.split(".")
        for at in range(1, len(parts)):
            column, keys = ".".join(parts[:at]), tuple(parts[at:])
            if column in self.names:
                if _within(self._first.column(column)[0], keys) is not MISSING:
                    return Place(name, column, keys)
        return None


def ordinal(cell: Any, count: int) -> int | None:
    """Which of so many, from 0, a cell says by number; None where it says none of them.

    Tables write whole numbers as text or as floats too, ``"3"`` and ``3.0``; 1.5 is none.
    """
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        return None
    # No table has 2**53 rows, up to which floats tell whole numbers apart.
    return int(number) if 0 <= number < count and number.is_integer() else None


def replies(cell: Any) -> list[str]:
    """What was said, from a cell as harnesses, trainers and servers write it.

    A cell that is empty, None or not a number holds one reply, an empty one. Of a chat the last
    turn counts that is not the user's. A list of anything else holds several replies.

    Args:
        cell: A string, or strings, messages, choices or blocks in lists and mappings; or a chat
            written out as text.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(cell, str):
        chat = _written_out(cell)
        return [cell] if chat is None else replies(chat)
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return [""]
    if isinstance(cell, bool):
        raise ValueError("a truth is no reply")
    if isinstance(cell, int | float):  # what a library made of a column of digits
        return [str(int(cell) if cell == int(cell) else cell)]
    if isinstance(cell, dict):
        return _of_mapping(cell)
    if isinstance(cell, list):
        if not cell:
            return [""]
        if all(isinstance(each, dict) and "role" in each for each in cell):
            said = [turn for turn in cell if turn["role"] not in _ASKING]
            return replies(said[-1]) if said else [""]
        if all(isinstance(each, dict) and "type" in each for each in cell):
            return [_text(cell)]
        return [reply for each in cell for reply in replies(each)]
    raise ValueError(f"a {type(cell).__name__} is no reply")


_ASKING = ("system", "developer", "user", "human", "tool")


def _of_mapping(cell: dict[str, Any]) -> list[str]:
    """A message, a choice, or the body of a server's response."""
    for key in ("body", "choices", "output", "message", "content", "text", "value"):
        if key in cell:
            inner = cell[key]
            if key == "output" and isinstance(inner, list):
                # Beside messages there are thoughts and calls.
                inner = [each for each in inner if each.get("type", "message") == "message"]
            if key == "content" and isinstance(inner, list):
                return [_text(inner)]
            return replies(inner)
    raise ValueError(f"a mapping of {', '.join(map(str, cell))[:120]} is no reply")


def _text(blocks: list[Any]) -> str:
    """The words of a turn in blocks."""
    said = [each if isinstance(each, str) else each.get("text") for each in blocks]
    return "".join(each for each in said if isinstance(each, str))


def _written_out(cell: str) -> Any:
    """A chat as JSON or Python writes it, or None if the text is something else."""
    text = cell.strip()
    if not (text.startswith(("[{", "{")) and text.endswith(("}]", "}")) and "role" in text):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            chat = read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        turns = chat if isinstance(chat, list) else [chat]
        if all(isinstance(each, dict) and {"role", "content"} <= set(each) for each in turns):
            return chat
    return None
