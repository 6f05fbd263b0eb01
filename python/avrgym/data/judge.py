"""A table of replies judged: how many are right, and the verdict on each beside it."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from avrgym import rewards
from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.arguments import quoted
from avrgym.core.score import Score
from avrgym.core.verdicts import OUTCOMES, verify
from avrgym.data import columns, tables
from avrgym.data.columns import Columns, Place
from avrgym.data.tables import MISSING, Batch, Table, Words
from avrgym.files.storage import aside

# More values than these in a column of formats tell of rows, not of formats.
_FORMATS = 32


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many replies had each outcome, as :attr:`avrgym.Verdict.outcome` has them.

    Attributes:
        correct: Replies whose answer is right.
        wrong: Replies whose answer is not.
        ambiguous: Replies whose answers disagree.
        unparsed: Replies without an answer, empty ones among them.
    """

    correct: int = 0
    wrong: int = 0
    ambiguous: int = 0
    unparsed: int = 0

    @property
    def score(self) -> Score:
        """Accuracy and its interval."""
        total = self.correct + self.wrong + self.ambiguous + self.unparsed
        return Score(self.correct, total)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a table's replies.

    Attributes:
        address: The name of the column of addresses.
        reply: The name of the column of replies.
        problems: How many different problems were asked.
        overall: All replies.
        levels: Those of each task and level, such as ``grid_navigation/hard``, sorted.
        formats: Those of each format, where a column says so, sorted; else empty.
        written: The file with verdicts, if one was asked for.
    """

    address: str
    reply: str
    problems: int
    overall: Outcomes
    levels: dict[str, Outcomes]
    formats: dict[str, Outcomes]
    written: Path | None


def verify_file(
    file: str | Path,
    to: str | Path | None = None,
    *,
    address: str | None = None,
    reply: str | None = None,
    asked: str | Path | None = None,
    column: str = "verdict",
    strict: bool = False,
    force: bool = False,
    hear: Callable[[int, int], None] = lambda _done, _of: None,
) -> Judged:
    """Judges a table of replies by the addresses in it, as :func:`avrgym.verify` does.

    It is read in batches, so that memory does not grow with it. Rows of the format
    ``image_to_text`` ask for a transcription: correct if it is the whole twin, else wrong.

    Args:
        file: JSON lines, Parquet, TSV or CSV, told by the ending; text may be packed (``.gz``).
        to: A file of the same kind for the same rows with a column of outcomes; none if not given.
            It is there when all is judged, whole or not at all.
        address: The column of addresses, or keys within one between dots; if not given, found by
            its usual names.
        reply: The same for replies.
        asked: The table of problems, where ``file`` has only their numbers in it
            (``doc_id``, from 0), as lmms-eval writes it.
        column: What the column of outcomes is called.
        strict: Whether marked answers alone count.
        force: Whether a file at ``to`` may be replaced.
        hear: Called with the bytes judged, and all bytes.

    Raises:
        TaskError: A column cannot be found, an address names nothing, or a row is damaged; the
            message names the row, and nothing was written.
        OSError: The file cannot be read, or ``to`` not be written.
    """
    file, to = Path(file), None if to is None else Path(to)
    read = tables.table(file)
    found = Columns(read)
    said = found.reply() if reply is None else found.named("reply", reply)
    place, addresses = _addresses(found, address, asked)
    format = found.format()
    if to is not None:
        _check_target(file, to, column, found, force)
    needed = [each.column for each in (place, said, format) if each is not None]
    judge = _Judge(file, place, said, format, addresses, read.lists, strict)
    rows = judge.rows(read, needed if to is None else None, hear)
    if to is None:
        for _ in rows:
            pass
    else:
        with _aside(to) as path:
            read.write(path, column, rows)
    return judge.judged(to)


def _addresses(
    found: Columns, name: str | None, asked: str | Path | None
) -> tuple[Place, list[str] | None]:
    """Where addresses are, or numbers and the addresses that they are of."""
    if asked is not None:
        place = found.number() if name is None else found.named("address", name)
        if place is None:
            raise TaskError(f"no column doc_id numbers the rows of {asked}; {found.listed()}")
        problems = tables.table(Path(asked))
        own = Columns(problems).address()
        if own is None:
            raise TaskError(f"{asked} has no column of addresses; give what avrgym generate wrote")
        return place, [
            str(each) for batch in problems.batches([own.column]) for each in own.cells(batch)
        ]
    place = found.address() if name is None else found.named("address", name)
    if place is None:
        remedy = "name it with --address"
        if found.number():
            remedy = "give the table that its doc_id numbers with --asked, or name one"
        raise TaskError(f"no column is called as addresses are; {remedy}; {found.listed()}")
    return place, None


def _check_target(file: Path, to: Path, column: str, found: Columns, force: bool) -> None:
    if tables.kind(to) != tables.kind(file):
        raise TaskError(f"{to} would be another kind of file; give one like {file.name}")
    if to.exists() and not force:
        raise TaskError(f"{to} is there already; give another file with --to, or --force")
    if column in found.names:
        raise TaskError(f"{file} has a column {column} already; name another with --column")


@contextmanager
def _aside(to: Path) -> Iterator[Path]:
    """A path beside ``to``, in a hidden folder that does not outlive the block."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".avrgym-", dir=to.parent) as within:
        with aside(to, Path(within)) as path:
            yield path


class _Judge:
    """Judges batches and counts outcomes."""

    def __init__(
        self,
        file: Path,
        place: Place,
        said: Place,
        format: Place | None,
        addresses: list[str] | None,
        lists: bool,
        strict: bool,
    ) -> None:
        self.file, self.place, self.said, self.format = file, place, said, format
        self.addresses, self.lists, self.strict = addresses, lists, strict
        self.levels: Counter[tuple[str, int]] = Counter()
        self.formats: Counter[tuple[str, int]] = Counter()
        self.problems = array("q")

    def rows(
        self, read: Table, only: Sequence[str] | None, hear: Callable[[int, int], None]
    ) -> Iterator[tuple[Batch, list[Words]]]:
        """Each batch with what its rows get."""
        size = self.file.stat().st_size
        for batch in read.batches(only):
            yield batch, self._words(batch)
            hear(batch.done, size)

    def _words(self, batch: Batch) -> list[Words]:
        asked, replies, counts = list[str](), list[str](), list[int]()
        for at, (address, said) in enumerate(
            zip(self.place.cells(batch), self.said.cells(batch), strict=True)
        ):
            row = batch.start + at
            found = self._replies(said, row)
            asked += [self._address(address, row)] * len(found)
            replies += found
            counts.append(len(found))
        try:
            verdicts = verify(asked, replies, strict=self.strict)
        except TaskError:
            self._blame(asked, counts, batch.start)
            raise
        outcome = verdicts.outcome.tolist()
        names = [] if self.format is None else self._formats(batch, counts)
        copied = [at for at, name in enumerate(names) if name.startswith("image_to_text")]
        if copied:
            owed: list[str | None] = [None] * len(names)
            for at in copied:
                owed[at] = "image_to_text"
            right = rewards.right(verdicts, owed)
            for at in copied:
                outcome[at] = OUTCOMES.index("correct" if right[at] else "wrong")
        self.levels.update(
            (setting_of(address), code) for address, code in zip(asked, outcome, strict=True)
        )
        if len({name for name, _ in self.formats}) <= _FORMATS:
            self.formats.update(zip(names, outcome, strict=False))
        self.problems.extend({hash(address) for address in asked})
        words = iter([OUTCOMES[code] for code in outcome])
        return [
            next(words) if count == 1 else [next(words) for _ in range(count)] for count in counts
        ]

    def _formats(self, batch: Batch, counts: list[int]) -> list[str]:
        assert self.format is not None
        cells = self.format.cells(batch)
        return [
            "" if cell is MISSING or cell is None else str(cell)
            for cell, count in zip(cells, counts, strict=True)
            for _ in range(count)
        ]

    def _address(self, cell: Any, row: int) -> str:
        if self.addresses is not None:
            if (at := columns.ordinal(cell, len(self.addresses))) is None:
                raise self._wrong(
                    row, f"{quoted(cell)} numbers none of the {len(self.addresses)} problems asked"
                )
            return self.addresses[at]
        if isinstance(cell, str):
            return cell
        if cell is MISSING:
            raise self._wrong(row, f"{self.place.name} is missing")
        raise self._wrong(row, f"{self.place.name} is {quoted(cell)}, no address")

    def _replies(self, cell: Any, row: int) -> list[str]:
        if cell is MISSING:
            raise self._wrong(row, f"{self.said.name} is missing")
        try:
            found = columns.replies(cell)
        except (ValueError, AttributeError) as wrong:
            raise self._wrong(row, f"{self.said.name} cannot be read: {wrong}") from None
        if len(found) > 1 and not self.lists:
            raise self._wrong(row, f"{len(found)} replies in one cell; give each a row")
        return found

    def _blame(self, asked: list[str], counts: list[int], start: int) -> None:
        """Names the row whose address is at fault."""
        rows = (row for row, count in enumerate(counts, start) for _ in range(count))
        for address, row in zip(asked, rows, strict=True):
            try:
                verify([address], [""])
            except TaskError as wrong:
                raise self._wrong(row, str(wrong)) from None

    def _wrong(self, row: int, what: str) -> TaskError:
        return TaskError(
            f"{self.file}, row {row}: {what}; mend that row or leave it out, nothing was written"
        )

    def judged(self, written: Path | None) -> Judged:
        """The counts."""
        levels, formats = _by_name(self.levels), _by_name(self.formats)
        overall = Counter[int]()
        for (_, code), count in self.levels.items():
            overall[code] += count
        return Judged(
            self.place.name,
            self.said.name,
            len(np.unique(np.frombuffer(self.problems, np.int64))),
            _outcomes(overall),
            levels,
            formats if len(formats) <= _FORMATS else {},
            written,
        )


def _by_name(counts: Counter[tuple[str, int]]) -> dict[str, Outcomes]:
    names = sorted({name for name, _ in counts})
    return {
        name: _outcomes(Counter({code: counts[name, code] for code in range(len(OUTCOMES))}))
        for name in names
    }


def _outcomes(counts: Counter[int]) -> Outcomes:
    return Outcomes(**{name: counts[code] for code, name in enumerate(OUTCOMES)})
