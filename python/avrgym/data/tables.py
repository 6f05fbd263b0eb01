"""Tables that others wrote, read in batches and written again with one column more.

What was in them stays as it was: text files keep every byte of their rows, Parquet its types.
"""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

from avrgym._core import TaskError
from avrgym.core.extras import remedy
from avrgym.data.workbooks import Sheet, indexed

#: Rows held at once.
ROWS = 1024

#: What a row gets: one word, or several where the row holds several replies.
Words: TypeAlias = str | list[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows.

    Attributes:
        start: The number of the first of them in the table, from 1.
        size: How many there are.
        done: Bytes of the file read so far.
        column: A column's cells by its name; a row that lacks it has :data:`MISSING`.
        kept: What the table itself needs to write these rows again.
    """

    start: int
    size: int
    done: int
    column: Callable[[str], list[Any]]
    kept: Any


class Missing:
    """Stands for a cell that a row does not have."""


MISSING = Missing()


class Table(Protocol):
    """A file of rows; ``lists`` tells whether a row can get several words."""

    file: Path
    lists: bool

    @property
    def columns(self) -> list[str]:
        """The names of the columns, of JSON lines those of the first row."""

    def batches(self, only: Sequence[str] | None) -> Iterator[Batch]:
        """All rows in order; of the columns at least those named, or all."""

    def write(self, to: Path, name: str, rows: Iterable[tuple[Batch, list[Words]]]) -> None:
        """Writes the batches with what each row gets under ``name``."""


def table(file: Path) -> Table:
    """A table by what its file's name ends with.

    Raises:
        TaskError: No table is called so, or it is damaged or empty.
        OSError: It cannot be read.
    """
    return _KINDS[kind(file)](file)


def kind(file: Path) -> str:
    """What a table's name ends with.

    Raises:
        TaskError: No table is called so.
    """
    for ending in _KINDS:
        if file.name.lower().endswith(ending):
            return ending
    raise TaskError(f"{file} is no table by its name; give a file that ends in {', '.join(_KINDS)}")


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """The bytes of a file, unpacked, and how many of the packed ones were read."""
    with file.open("rb") as raw, _sound(file):
        if file.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=raw) as inner:
                yield inner, raw.tell  # type: ignore[misc]
        else:
            yield raw, raw.tell


@contextmanager
def _created(file: Path) -> Iterator[IO[bytes]]:
    with file.open("wb") as raw:
        if file.suffix.lower() == ".gz":
            # Neither the hour nor the name, so that the same rows are the same bytes.
            with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as inner:
                yield inner  # type: ignore[misc]
        else:
            yield raw


@contextmanager
def _sound(file: Path) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as wrong:
        raise TaskError(f"{file} is damaged: {wrong}; give a whole file") from None


class JsonLines:
    """A JSON object a line."""

    lists = True

    def __init__(self, file: Path) -> None:
        self.file = file
        first = next(self._rows(), None)
        if first is None:
            raise TaskError(f"{file} has no rows; give a table of replies")
        self._names = list(first[1])

    @property
    def columns(self) -> list[str]:
        """The keys of the first row."""
        return self._names

    def _rows(self) -> Iterator[tuple[list[bytes], dict[str, Any], int]]:
        """Of each row its line, empty ones before it, its cells, and how far the file was read."""
        number, lines = 0, []
        with _opened(self.file) as (file, done):
            for line in file:
                lines.append(line)
                if not line.strip():
                    continue
                number += 1
                try:
                    cells = json.loads(line)
                except ValueError as wrong:
                    raise TaskError(
                        f"{self.file}, row {number} is no JSON: {wrong}; give an object a line"
                    ) from None
                if not isinstance(cells, dict):
                    raise TaskError(
                        f"{self.file}, row {number} is no JSON object; give an object a line"
                    )
                yield lines, cells, done()
                lines = []

    def batches(self, only: Sequence[str] | None) -> Iterator[Batch]:
        """All rows."""
        return _batches(self._rows())

    def write(self, to: Path, name: str, rows: Iterable[tuple[Batch, list[Words]]]) -> None:
        """Each line as it was, with one key more."""
        key = json.dumps(name, ensure_ascii=False)
        with _created(to) as out:
            for batch, words in rows:
                before = batch.column(name)
                for at, (lines, word) in enumerate(zip(batch.kept, words, strict=True)):
                    if before[at] is not MISSING:
                        raise TaskError(
                            f"{self.file}, row {batch.start + at} has a {name} already; "
                            "call the new column otherwise"
                        )
                    body = lines[-1].rstrip()
                    end = lines[-1][len(body) :]
                    more = f", {key}: {json.dumps(word)}}}".encode()
                    out.writelines(lines[:-1])
                    out.write(body[:-1].rstrip() + more + end)


def _batches(found: Iterable[tuple[Any, dict[str, Any], int]]) -> Iterator[Batch]:
    """Batches of rows that come one by one: as they were, as cells, and how far they are read."""
    start, kept, rows, done = 1, list[Any](), list[dict[str, Any]](), 0
    for text, cells, done in found:
        kept.append(text)
        rows.append(cells)
        if len(rows) == ROWS:
            yield _batch(start, rows, done, kept)
            start, kept, rows = start + ROWS, [], []
    if rows:
        yield _batch(start, rows, done, kept)


def _batch(start: int, rows: list[dict[str, Any]], done: int, kept: Any) -> Batch:
    return Batch(
        start, len(rows), done, lambda name: [row.get(name, MISSING) for row in rows], kept
    )


class _Lines:
    """Lines of a text, with those remembered that were taken since :meth:`record`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        self._taken.append(line := next(self._lines))
        return line

    def record(self) -> str:
        """What was taken since the last call."""
        text = "".join(self._taken)
        self._taken.clear()
        return text


class Delimited:
    """Fields between tabs, commas or semicolons, in quotes where they must be."""

    lists = False

    def __init__(self, file: Path) -> None:
        self.file = file
        with _opened(file) as (raw, _):
            first = raw.readline().decode("utf-8", "replace")
        separators = "\t" if kind(file).startswith(".tsv") else ",;\t"
        self._separator = max(separators, key=first.count)
        csv.field_size_limit(sys.maxsize)  # a picture is one field
        header = next(self._records(), None)
        if header is None:
            raise TaskError(f"{file} has no rows; give a table of replies")
        self._head, names, _ = header
        self._names = [names[0].removeprefix("\ufeff"), *names[1:]]

    @property
    def columns(self) -> list[str]:
        """The header."""
        return self._names

    def _records(self) -> Iterator[tuple[str, list[str], int]]:
        """Of each record its text, with empty lines before it, its fields, and the bytes read."""
        with _opened(self.file) as (raw, done):
            # A file's own bytes come back, whatever they are.
            text = io.TextIOWrapper(raw, "utf-8", "surrogateescape", newline="")
            lines = _Lines(text)
            try:
                for fields in csv.reader(lines, delimiter=self._separator, strict=True):
                    if fields:
                        yield lines.record(), fields, done()
            except csv.Error as wrong:
                before = lines.record().count("\n")
                raise TaskError(
                    f"{self.file} has a record whose quotes do not end where a field does "
                    f"({wrong}; it takes {before} lines); write it with quotes doubled, "
                    "as pandas does"
                ) from None
            finally:
                text.detach()

    def batches(self, only: Sequence[str] | None) -> Iterator[Batch]:
        """All rows."""
        records = self._records()
        next(records)
        return _batches(self._rows(records))

    def _rows(
        self, records: Iterable[tuple[str, list[str], int]]
    ) -> Iterator[tuple[str, dict[str, Any], int]]:
        for number, (text, fields, done) in enumerate(records, 1):
            if len(fields) != len(self._names):
                raise TaskError(
                    f"{self.file}, row {number} has {len(fields)} fields and the "
                    f"header {len(self._names)}; give each row all columns"
                )
            yield text, dict(zip(self._names, fields, strict=True)), done

    def write(self, to: Path, name: str, rows: Iterable[tuple[Batch, list[Words]]]) -> None:
        """Each record as it was, with one field more."""
        with _created(to) as out:
            out.write(self._longer(self._head, name))
            for batch, words in rows:
                for text, word in zip(batch.kept, words, strict=True):
                    assert isinstance(word, str)
                    out.write(self._longer(text, word))

    def _longer(self, text: str, field: str) -> bytes:
        body = text.removesuffix("\n").removesuffix("\r")
        if any(each in field for each in (self._separator, '"', "\r", "\n")):
            field = '"' + field.replace('"', '""') + '"'
        longer = f"{body}{self._separator}{field}{text[len(body) :]}"
        return longer.encode("utf-8", "surrogateescape")


class Parquet:
    """Columns of Arrow."""

    lists = False

    def __init__(self, file: Path) -> None:
        try:
            import pyarrow.parquet as pq
        except ImportError:
            raise TaskError(f"Parquet needs pyarrow; {remedy('data')}") from None
        self.file = file
        with file.open("rb"), self._reading(), pq.ParquetFile(file) as opened:
            self._schema = opened.schema_arrow
            self._rows = opened.metadata.num_rows
            groups = opened.metadata.num_row_groups
            packed = opened.metadata.row_group(0).column(0).compression if groups else ""
        if not self._rows:
            raise TaskError(f"{file} has no rows; give a table of replies")
        self._packed = {"UNCOMPRESSED": "none"}.get(packed, packed.lower())

    @property
    def columns(self) -> list[str]:
        """The schema's names."""
        return list(self._schema.names)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError) as wrong:
            raise TaskError(f"{self.file} is damaged: {wrong}; give a whole file") from None

    def batches(self, only: Sequence[str] | None) -> Iterator[Batch]:
        """All rows."""
        import pyarrow.parquet as pq

        start, size = 1, self.file.stat().st_size
        with pq.ParquetFile(self.file) as opened:
            columns = None if only is None else list(dict.fromkeys(only))
            found = opened.iter_batches(ROWS, columns=columns)
            while True:
                with self._reading():
                    batch = next(found, None)
                if batch is None:
                    return
                done = size * (start + batch.num_rows - 1) // self._rows
                yield Batch(
                    start,
                    batch.num_rows,
                    done,
                    lambda name, batch=batch: batch.column(name).to_pylist(),  # type: ignore[misc]
                    batch,
                )
                start += batch.num_rows

    def write(self, to: Path, name: str, rows: Iterable[tuple[Batch, list[Words]]]) -> None:
        """The same columns and one of strings."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._schema.append(pa.field(name, pa.string()))
        with pq.ParquetWriter(to, schema, compression=self._packed) as writer:
            for batch, words in rows:
                arrays = [*batch.kept.columns, pa.array(words, pa.string())]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


class Workbook:
    """The first sheet of an XLSX file, as VLMEvalKit writes it unless told otherwise."""

    lists = False

    def __init__(self, file: Path) -> None:
        self.file, self._sheet = file, Sheet(file)

    @property
    def columns(self) -> list[str]:
        """The first row."""
        return self._sheet.names

    def batches(self, only: Sequence[str] | None) -> Iterator[Batch]:
        """All rows."""
        size, names, found = self.file.stat().st_size, self.columns, self._sheet.rows()
        next(found)
        start, kept, rows, share = 1, list[int](), list[dict[str, Any]](), 0.0
        for at, cells, share in found:
            if len(cells) > len(names):
                raise TaskError(
                    f"{self.file}, row {start + len(rows)} has cells beside the table; clear them"
                )
            kept.append(at)
            rows.append(dict.fromkeys(names) | dict(zip(names, cells, strict=False)))
            if len(rows) == ROWS:
                yield _batch(start, rows, round(size * share), kept)
                start, kept, rows = start + ROWS, [], []
        if rows:
            yield _batch(start, rows, size, kept)

    def write(self, to: Path, name: str, rows: Iterable[tuple[Batch, list[Words]]]) -> None:
        """The workbook as it was, with a column more in its first sheet."""
        words = indexed((batch.kept, words) for batch, words in rows)
        self._sheet.copy(to, name, words)
        for _ in words:  # none is left of a sound sheet
            raise TaskError(f"{self.file} changed while it was read; run again")


_KINDS: dict[str, Callable[[Path], Table]] = {
    ".jsonl": JsonLines,
    ".jsonl.gz": JsonLines,
    ".parquet": Parquet,
    ".tsv": Delimited,
    ".tsv.gz": Delimited,
    ".csv": Delimited,
    ".csv.gz": Delimited,
    ".xlsx": Workbook,
}

#: What the names of tables end with.
ENDINGS: tuple[str, ...] = tuple(_KINDS)
