"""What a reply claims, as values: enough to say whether one claim follows from others.

Whether a claim is *true* is the core's to say. Here it is only read, by what its steps do and by
the names in the table or grid, and never by the task: claims in the forms of the rationales are
read, in any style and order; of other words nothing may be read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: A place: row and column, from 0.
Cell: TypeAlias = tuple[int, int]

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_STEPS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
_INITIALS = {name[0]: name for name in _STEPS} | dict(zip("↑↓←→", _STEPS, strict=True))
_NO_RELATION = {"none", "no relation", "no"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The names of rows and columns, lower case, each with its number.

    Attributes:
        rows: By name.
        columns: By name.
        along: Whether paths go along the rows, each followed by the next.
    """

    rows: dict[str, int]
    columns: dict[str, int]
    along: bool = False

    def follows(self, one: Cell, other: Cell) -> bool:
        """Whether the second of two cells may be the next of a path that has the first."""
        apart = [abs(a - b) for a, b in zip(one, other, strict=True)]
        if not self.along:
            return sum(apart) == 1
        width = len(self.columns)
        return abs((one[0] - other[0]) * width + one[1] - other[1]) == 1


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a way starts, and where it ends."""

    start: Cell
    end: Cell


@dataclass(frozen=True, slots=True)
class Cells:
    """A list of places."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Digit:
    """A cell, and the digit that it holds."""

    cell: Cell
    digit: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Numbers, and what they add up to."""

    addends: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Move:
    """A step from a cell to another, and the way that it is said to go."""

    origin: Cell
    heading: str
    target: Cell

    @property
    def sound(self) -> bool:
        """Whether that way leads there."""
        down, right = _STEPS[self.heading]
        return (self.origin[0] + down, self.origin[1] + right) == self.target


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation in an example or with an option.

    Attributes:
        of: ``e`` for an example, ``o`` for an option.
        number: Which, from 1.
        attribute: On what; empty where that is not said.
        relation: Its name, empty for none.
    """

    of: str
    number: int
    attribute: str
    relation: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The relation that examples share.

    Attributes:
        relation: Its name.
        where: On which attribute, and in which example (0: in all).
    """

    relation: str
    where: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Option:
    """Whether an option fits, and by which relation on what."""

    number: int
    fits: bool
    relation: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Said:
    """A final answer: its words, lower case."""

    words: tuple[str, ...]

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """What it says if it says numbers."""
        found = [_number(word) for word in self.words]
        return None if None in found else tuple(n for n in found if n is not None)

    @property
    def headings(self) -> tuple[str, ...] | None:
        """What it says if it says moves."""
        found = [word if word in _STEPS else _INITIALS.get(word) for word in self.words]
        return None if None in found else tuple(way for way in found if way is not None)

    @property
    def denies(self) -> bool:
        """Whether it says that there is no way."""
        return "no" in self.words and "path" in self.words


Claim: TypeAlias = Ends | Cells | Digit | Sum | Move | Relation | Rule | Option | Said | None


def frame(twin: str, along: bool) -> Frame | None:
    """The names in a table or grid, from the problem in words; None if it is none."""
    lines = [line.strip().removesuffix("\\\\") for line in twin.splitlines()]
    rows: list[list[str]] = []
    for line in lines:
        if "&" in line:
            rows.append([part.strip().lower() for part in line.split("&")])
        elif line.startswith("|") and not line.startswith("|--"):
            rows.append([part.strip().lower() for part in line.strip("|").split("|")])
    if len(rows) < 2 or rows[0][0]:
        return None
    columns = {name: place for place, name in enumerate(rows[0][1:])}
    return Frame({row[0]: place for place, row in enumerate(rows[1:])}, columns, along)


def read(skills: Sequence[str], said: Sequence[str], names: Frame | None) -> Claim:
    """What the steps of a turn claim; None where that is not known, or cannot be read.

    Args:
        skills: What each step does.
        said: Its words, as many.
        names: Of the table or grid.
    """
    text = " ".join(said).lower()
    match tuple(skills):
        case ("read", "compare") | ("read", "apply_rule"):
            return _relation(said[0].lower(), said[1].lower())
        case ("infer_rule",):
            return _rule(text)
        case ("conclude",):
            return _option(text)
        case ("apply_rule",):
            numbers = [int(number) for number in re.findall(r"\d{1,9}", text)]
            return Sum(tuple(numbers[:-1]), numbers[-1]) if len(numbers) > 1 else None
        case _ if names is None:
            return None
        case ("next_cell", "read") | ("read", "next_cell"):
            where = skills.index("next_cell")
            cells, digit = _cells(said[where].lower(), names), _number(said[1 - where].lower())
            return Digit(cells[0], digit) if len(cells) == 1 and digit is not None else None
        case ("move",) | ("collect",):
            headings, cells = re.findall(rf"\b({'|'.join(_STEPS)})\b", text), _cells(text, names)
            plain = len(headings) == 1 and len(cells) > 1
            return Move(cells[0], headings[0], cells[1]) if plain else None
        case ("locate",):
            ends = re.split(r"\bto\b|\band\b", text)
            cells = [cell for end in ends for cell in _cells(end, names)]
            return Ends(cells[0], cells[1]) if len(cells) == 2 else None
        case ("avoid",) | ("next_cell",):
            return Cells(tuple(_cells(text, names)))
    return None


def answer(reply: str, names: Frame | None) -> Claim:
    """What a reply gives as its answer: behind its last ``Answer:``, or all of it.

    Pairs of cell and digit are words such as ``1,2=7``.
    """
    text = re.split(r"answer:", reply, flags=re.IGNORECASE)[-1].strip().lower()
    text = re.sub(r"\\boxed|</?answer>|[*${}().]|\boption\b", " ", text)
    parts = [part for part in re.split(r"[,;\n]", text) if part.strip()]
    pairs = [_pair(part, names) for part in parts] if names else []
    if pairs and None not in pairs:
        return Said(tuple(pair for pair in pairs if pair))
    return Said(tuple(re.findall(r"[a-z]+|\d{1,9}|[↑↓←→]", text)))


def paired(digit: Digit) -> str:
    """A cell and its digit as :func:`answer` writes them."""
    return f"{digit.cell[0]},{digit.cell[1]}={digit.digit}"


def _pair(part: str, names: Frame | None) -> str | None:
    words = part.split()
    if names is None or len(words) < 2:
        return None
    cells = _cells(part, names)
    digits = [digit for word in words if (digit := _number(word)) is not None]
    return paired(Digit(cells[0], digits[-1])) if len(cells) == 1 and digits else None


def _number(word: str) -> int | None:
    if word in _DIGITS:
        return _DIGITS.index(word)
    return int(word) if re.fullmatch(r"[0-9]{1,9}", word) else None


def _cells(text: str, names: Frame) -> list[Cell]:
    """The cells that a text names, in order."""
    told = [re.search(rf"\b{side}\s+(?:\d+\s+)?([a-z]+)", text) for side in ("row", "column")]
    if told[0] and told[1]:
        row, column = names.rows.get(told[0][1]), names.columns.get(told[1][1])
        return [] if row is None or column is None else [(row, column)]
    if all(len(name) == 1 for name in (*names.rows, *names.columns)):
        marked = re.findall(r"\(([a-z]), ([a-z])\)", text)
        found = marked or re.findall(r"\b([a-z])([a-z])\b", text)
        return [
            (names.rows[row], names.columns[column])
            for row, column in found
            if row in names.rows and column in names.columns
        ]
    words = re.findall(r"[a-z]+", text)
    rows = [names.rows[word] for word in words if word in names.rows]
    columns = [names.columns[word] for word in words if word in names.columns]
    return list(zip(rows, columns, strict=False))


def _named(relation: str) -> str:
    bare = relation.strip(" .:")
    return "" if bare in _NO_RELATION else bare


def _relation(shown: str, relation: str) -> Relation | None:
    found = re.match(r"(example|option|e|o)\s*(\d)\b[ ,]*([a-z ]*)(:?)", shown)
    if not found:
        return None
    of, number, words, colon = found.groups()
    # `Example 1, shape type: A …`, and `e1 type circle …`; of options the short form names none.
    attribute = words.strip() if colon else words.split(" ")[0] if of == "e" else ""
    return Relation(of[0], int(number), attribute, _named(relation))


def _rule(text: str) -> Rule | None:
    found = re.search(r"\b(and|or|xor|progression)\b(.*)", text)
    if not found:
        return None
    tail = found[2].strip(" .")
    where = re.findall(r"\bon ([a-z ]+?) in example (\d)", tail)
    if not where and (alone := re.search(r"\bon ([a-z ]+)", tail)):
        where = [(alone[1], "0")]
    return Rule(found[1], tuple((attribute, int(number)) for attribute, number in where))


def _option(text: str) -> Option | None:
    found = re.match(r"option (\d) is (not )?consistent: (.+?)(?: on ([a-z ]+?))?\.?$", text)
    if not found:
        return None
    return Option(int(found[1]), not found[2], _named(found[3]), found[4] or "")
