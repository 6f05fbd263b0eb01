"""The first sheet of an XLSX file as a table; written again, all but one column is as it was.

A workbook is a folder of XML in a ZIP file. Only what a table needs of it is read: the sheet's
cells, and the strings that they share, which stay on disk.
"""

import io
import re
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from avrgym._core import TaskError

# What stands in a sheet between its cells: rows, which are counted, and the extent, which changes.
_TAG = re.compile(rb"<(/?)(\w+:)?(row|dimension)(\s[^>]*)?>")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_CHUNK = 1 << 16


class Sheet:
    """The cells of a workbook's first sheet, row by row."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with self.opened() as book:
            try:
                self.part, strings = _parts(book)
            except (KeyError, StopIteration) as wrong:
                raise TaskError(f"{file} is no sound XLSX file: {wrong}") from None
            self._strings = None if strings is None else _Strings(book, strings)
        header = next(self.rows(), None)
        if header is None:
            raise TaskError(f"{file} has no rows; give a table of replies")
        self.first, cells, _ = header
        self.names = ["" if cell is None else str(cell) for cell in cells]

    @contextmanager
    def opened(self) -> Iterator[zipfile.ZipFile]:
        """The ZIP file.

        Raises:
            TaskError: It is none, or has no sheet.
        """
        try:
            with zipfile.ZipFile(self.file) as book:
                yield book
        except (zipfile.BadZipFile, ElementTree.ParseError) as wrong:
            raise TaskError(f"{self.file} is no sound XLSX file: {wrong}") from None

    def rows(self) -> Iterator[tuple[int, list[Any], float]]:
        """Of each row that is not empty its place among all, its cells, the share read so far."""
        with self.opened() as book, book.open(self.part) as sheet:
            size = max(book.getinfo(self.part).file_size, 1)
            at, root = -1, None
            for event, element in ElementTree.iterparse(sheet, ("start", "end")):
                kind = _local(element)
                if event == "start":
                    root = element if kind == "sheetData" else root
                elif kind == "row":
                    at += 1
                    cells = self._cells(element)
                    if root is not None:
                        root.clear()
                    if any(cell is not None for cell in cells):
                        yield at, cells, sheet.tell() / size

    def _cells(self, row: ElementTree.Element) -> list[Any]:
        cells: list[Any] = []
        for cell in row:
            letters = re.match("[A-Z]+", cell.get("r", ""))
            column = _number(letters[0]) if letters else len(cells)
            cells += [None] * (column - len(cells))
            cells.append(self._value(cell))
        return cells

    def _value(self, cell: ElementTree.Element) -> Any:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(cell)
        written = next((each.text for each in cell if _local(each) == "v"), None)
        if written is None or kind == "e":
            return None
        if kind == "s":
            assert self._strings is not None
            return self._strings[int(written)]
        if kind == "n":
            number = float(written)
            return int(number) if number.is_integer() else number
        return _unescaped(written)

    def copy(self, to: Path, name: str, words: Iterator[tuple[int, str]]) -> None:
        """Writes the workbook with a column more in this sheet.

        Args:
            to: The new file.
            name: What stands above the column.
            words: What stands in it, by the row's place among all.
        """
        with self.opened() as book, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
            for info in book.infolist():
                with book.open(info) as part, out.open(_like(info), "w", force_zip64=True) as made:
                    if info.filename == self.part:
                        self._widen(part, made, name, words)
                    else:
                        while chunk := part.read(_CHUNK):
                            made.write(chunk)

    def _widen(
        self, sheet: IO[bytes], out: IO[bytes], name: str, words: Iterator[tuple[int, str]]
    ) -> None:
        letters = _letters(len(self.names))
        at, number, held = -1, 0, b""
        wanted: tuple[int, str] | None = (self.first, name)

        def widened(tag: re.Match[bytes]) -> bytes:
            nonlocal at, number, wanted
            closing, prefix, kind, rest = (part or b"" for part in tag.groups())
            if kind == b"dimension":  # it may be left out, and no longer holds
                return b""
            if not closing:
                at += 1
                told = re.search(rb'\br="(\d+)"', rest)
                number = int(told[1]) if told else number + 1
                spans = re.sub(rb'\sspans="[^"]*"', b"", rest)
                return b"<" + prefix + b"row" + spans + b">"
            if wanted is None or wanted[0] != at:
                return tag[0]
            cell = f'<c r="{letters}{number}" t="inlineStr"><is><t>{escape(wanted[1])}</t></is></c>'
            if prefix:
                cell = re.sub(r"<(/?)(\w)", rf"<\1{prefix.decode()}\2", cell)
            wanted = next(words, None)
            return cell.encode() + tag[0]

        while chunk := sheet.read(_CHUNK):
            whole, bracket, held = (held + chunk).rpartition(b">")
            out.write(_TAG.sub(widened, whole + bracket))
        out.write(held)


class _Strings(Sequence[str]):
    """Shared strings, in a file without a name."""

    def __init__(self, book: zipfile.ZipFile, part: str) -> None:
        self._ends, self._file = array("q", [0]), TemporaryFile()
        root = None
        with book.open(part) as strings:
            for event, element in ElementTree.iterparse(strings, ("start", "end")):
                kind = _local(element)
                if event == "start":
                    root = element if kind == "sst" else root
                elif kind == "si":
                    self._file.write(_text(element).encode("utf-8", "surrogatepass"))
                    self._ends.append(self._file.tell())
                    if root is not None:
                        root.clear()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:  # type: ignore[override]
        start, end = self._ends[index], self._ends[index + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def __del__(self) -> None:
        self._file.close()


def _parts(book: zipfile.ZipFile) -> tuple[str, str | None]:
    """The parts of the ZIP file with the first sheet and with the shared strings, if any."""
    root = ElementTree.fromstring(book.read("xl/workbook.xml"))
    sheet = next(each for each in root.iter() if _local(each) == "sheet")
    identity = next(value for key, value in sheet.items() if key.endswith("}id"))
    found: dict[str, str] = {}
    for each in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels")):
        path = PurePosixPath("/xl", each.get("Target", ""))
        found[each.get("Id", "")] = found[each.get("Type", "").rpartition("/")[2]] = str(path)[1:]
    return found[identity], found.get("sharedStrings")


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(info.filename, info.date_time)
    made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, info.external_attr
    return made


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: ElementTree.Element) -> str:
    """The words of a string in runs, without how they are pronounced."""
    said = io.StringIO()
    for each in element:
        match _local(each):
            case "t":
                said.write(each.text or "")
            case "r" | "is":
                said.write(_text(each))
    return _unescaped(said.getvalue())


def _unescaped(text: str) -> str:
    """Text with the characters that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _number(letters: str) -> int:
    """A column's number, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _letters(number: int) -> str:
    """How a sheet calls a column, from 0."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def indexed(batches: Iterable[tuple[Sequence[int], Sequence[Any]]]) -> Iterator[tuple[int, str]]:
    """What stands in each row, by its place, from places and words in batches."""
    for places, words in batches:
        yield from zip(places, words, strict=True)
