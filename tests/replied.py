"""Tables of replies of four kinds, written and read back in every kind of file."""

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import avrgym
from avrgym.data import Outcomes

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pandas = pytest.importorskip("pandas")

Rows = list[dict[str, Any]]
LEVELS = (
    ("grid_navigation", "rung0"),
    ("grid_navigation", "hard"),
    ("table_readout", "rung1"),
    ("visual_analogy", "simple"),
)
SAMPLES = [avrgym.Source(task, level, "test").samples(range(4)) for task, level in LEVELS]
ADDRESSES = [sample.address for level in SAMPLES for sample in level]
SAID = {sample.address: sample for level in SAMPLES for sample in level}


def said(address: str, at: int) -> str:
    """A reply of one of four kinds."""
    sample = SAID[address]
    wrong = "Answer: 99, 98"
    return (
        f"{sample.rationale}",
        wrong,
        f'I cannot "see"\tit,\r\nsorry; {chr(0x1F914)}',
        f"Answer: {sample.answer}\n{wrong}",
    )[at % 4]


def table(count: int = 16) -> Rows:
    return [
        {
            "index": at,
            "address": ADDRESSES[at % len(ADDRESSES)],
            "note": f'  "{at}", kept',
            "prediction": said(ADDRESSES[at % len(ADDRESSES)], at),
        }
        for at in range(count)
    ]


def verdicts(rows: Rows, key: str = "prediction", strict: bool = False) -> list[str]:
    judged = avrgym.verify(
        [row["address"] for row in rows], [row[key] for row in rows], strict=strict
    )
    return [avrgym.OUTCOMES[code] for code in judged.outcome]


def counted(words: Sequence[str]) -> Outcomes:
    return Outcomes(**{name: words.count(name) for name in avrgym.OUTCOMES})


def to_jsonl(rows: Rows, file: Path) -> None:
    opened = gzip.open(file, "wt", encoding="utf-8") if file.suffix == ".gz" else file.open("w")
    with opened as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def from_jsonl(file: Path) -> Rows:
    opened = gzip.open(file, "rt") if file.suffix == ".gz" else file.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def to_text(separator: str) -> Callable[[Rows, Path], None]:
    def write(rows: Rows, file: Path) -> None:
        with file.open("w", encoding="utf-8", newline="") as out:
            made = csv.DictWriter(out, list(rows[0]), delimiter=separator)
            made.writeheader()
            made.writerows(rows)

    return write


def from_text(separator: str) -> Callable[[Path], Rows]:
    def read(file: Path) -> Rows:
        with file.open(encoding="utf-8", newline="") as lines:
            found: Rows = list(csv.DictReader(lines, delimiter=separator))
        return [row | {"index": int(row["index"])} for row in found]

    return read


def to_parquet(rows: Rows, file: Path) -> None:
    pq.write_table(pa.Table.from_pylist(rows), file)


def from_parquet(file: Path) -> Rows:
    read: Rows = pq.read_table(file).to_pylist()
    return read


def to_xlsx(rows: Rows, file: Path) -> None:
    writer = pytest.importorskip("xlsxwriter", reason="tests/consumers.txt is not installed")
    with writer.Workbook(file) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([dict.fromkeys(rows[0]), *rows]):
            for column, (name, cell) in enumerate(row.items()):
                if at and isinstance(cell, int):
                    sheet.write_number(at, column, cell)
                elif cell != "":
                    sheet.write_string(at, column, cell if at else name)


def from_xlsx(file: Path) -> Rows:
    reader = pytest.importorskip("openpyxl", reason="tests/consumers.txt is not installed")
    names, *rows = reader.load_workbook(file).active.iter_rows(values_only=True)
    return [dict(zip(names, ["" if c is None else c for c in row], strict=True)) for row in rows]


KINDS: dict[str, tuple[Callable[[Rows, Path], None], Callable[[Path], Rows]]] = {
    "jsonl": (to_jsonl, from_jsonl),
    "jsonl.gz": (to_jsonl, from_jsonl),
    "parquet": (to_parquet, from_parquet),
    "tsv": (to_text("\t"), from_text("\t")),
    "csv": (to_text(","), from_text(",")),
    "xlsx": (to_xlsx, from_xlsx),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
