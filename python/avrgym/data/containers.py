"""Kinds of files: Parquet, JSON lines beside picture files, WebDataset tars, tables of text.

Each writes batches of cells and reads them back. Pictures are encoded bytes on both sides.
"""

import csv
import json
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import remedy
from avrgym.data.layouts import PICTURE, STRING, Cells, Feature

#: By kind of file, what its name ends with.
SUFFIXES: Mapping[str, str] = {
    "parquet": "parquet",
    "jsonl": "jsonl",
    "webdataset": "tar",
    "tsv": "tsv",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where one shard goes.

    Attributes:
        file: Its file, as it is being written.
        pictures: A folder for picture files, or None if they go into the file.
        within: How rows call that folder.
        encoding: ``png`` or ``jpeg``.
    """

    file: Path
    pictures: Path | None
    within: str
    encoding: str


def write(
    container: str,
    batches: Iterable[list[tuple[str, Cells]]],
    columns: Mapping[str, Feature],
    target: Target,
) -> None:
    """Writes batches of named cells; what is held at once is one batch.

    Raises:
        TaskError: A library that the container needs is not installed.
        OSError: The disk is full, or the path cannot be written.
    """
    _WRITERS[container](batches, columns, target)


def read(
    container: str, file: Path, root: Path, columns: Mapping[str, Feature]
) -> Iterator[list[Cells]]:
    """Reads what :func:`write` wrote, in batches.

    Args:
        container: The kind of file.
        file: What to read.
        root: The dataset's folder, which picture files are named from.
        columns: The columns' types.

    Raises:
        ValueError: The file is damaged.
        OSError: It, or a picture, cannot be read.
    """
    return _READERS[container](file, root, columns)


def column(
    container: str, file: Path, columns: Mapping[str, Feature], name: str
) -> Iterator[list[Any]]:
    """One column that is no picture, in batches; no picture is read.

    Raises:
        ValueError: The file is damaged.
        OSError: It cannot be read.
    """
    if container == "parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(file) as opened:
            for batch in opened.iter_batches(16_384, columns=[name]):
                yield batch.column(0).to_pylist()
        return
    seen = {key: STRING for key in columns if columns[key] not in (PICTURE, [PICTURE])}
    for batch in read(container, file, file.parent, seen):
        yield [cells[name] for cells in batch]


def pictured(columns: Mapping[str, Feature]) -> list[str]:
    """The names of columns of pictures."""
    return [name for name, feature in columns.items() if feature in (PICTURE, [PICTURE])]


def pictures(cells: Cells, names: Sequence[str]) -> list[Any]:
    """All pictures of a row, from columns that :func:`pictured` names."""
    found: list[Any] = []
    for name in names:
        value = cells[name]
        found += value if isinstance(value, list) else [] if value is None else [value]
    return found


def _replaced(cells: Cells, names: Sequence[str], by: Callable[[Any], Any]) -> Cells:
    """Cells with each picture made into something else; None and lists stay what they are."""
    changed = dict(cells)
    for name in names:
        value = cells[name]
        if isinstance(value, list):
            changed[name] = [by(one) for one in value]
        elif value is not None:
            changed[name] = by(value)
    return changed


def arrow_type(feature: Feature) -> Any:
    """A column's type in Arrow."""
    import pyarrow as pa

    if isinstance(feature, list):
        return pa.list_(arrow_type(feature[0]))
    match feature.get("_type"):
        case "Value":
            kinds = {"string": pa.string(), "int64": pa.int64()}
            return (kinds | {"float64": pa.float64(), "bool": pa.bool_()})[feature["dtype"]]
        case "Image":
            return pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.struct([(name, arrow_type(inner)) for name, inner in feature.items()])


def arrow_schema(columns: Mapping[str, Feature]) -> Any:
    """A schema that ``datasets`` reads pictures by.

    Raises:
        TaskError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise TaskError(f"Parquet needs pyarrow; {remedy('data')}") from None
    declared = json.dumps({"info": {"features": dict(columns)}})
    fields = [(name, arrow_type(feature)) for name, feature in columns.items()]
    return pa.schema(fields, metadata={"huggingface": declared})


def _write_parquet(
    batches: Iterable[list[tuple[str, Cells]]], columns: Mapping[str, Feature], target: Target
) -> None:
    import pyarrow as pa

    schema, shown = arrow_schema(columns), pictured(columns)
    import pyarrow.parquet as pq

    # A batch is a row group. Dictionaries and statistics of long texts cost time and help nobody.
    with pq.ParquetWriter(
        target.file,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        write_statistics=False,
    ) as writer:
        for batch in batches:
            rows = [
                _replaced(cells, shown, partial(_named, f"{name}.{target.encoding}"))
                for name, cells in batch
            ]
            arrays = [
                pa.array([row[column] for row in rows], schema.field(column).type)
                for column in columns
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _named(name: str, picture: bytes) -> dict[str, Any]:
    """A picture as the library ``datasets`` keeps it."""
    return {"bytes": picture, "path": name}


def _read_parquet(file: Path, root: Path, columns: Mapping[str, Feature]) -> Iterator[list[Cells]]:
    import pyarrow.parquet as pq

    shown = pictured(columns)
    with pq.ParquetFile(file) as opened:
        for batch in opened.iter_batches(256):
            yield [_replaced(cells, shown, itemgetter("bytes")) for cells in batch.to_pylist()]


def _line(cells: Cells) -> bytes:
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _write_jsonl(
    batches: Iterable[list[tuple[str, Cells]]], columns: Mapping[str, Feature], target: Target
) -> None:
    folder, shown = target.pictures, pictured(columns)
    with target.file.open("wb") as out:
        for batch in batches:
            for name, cells in batch:
                file = f"{name}.{target.encoding}"

                def keep(picture: bytes, file: str = file) -> str:
                    assert folder is not None
                    (folder / file).write_bytes(picture)
                    return f"{target.within}/{file}"

                out.write(_line(_replaced(cells, shown, keep)))


def _read_jsonl(file: Path, root: Path, columns: Mapping[str, Feature]) -> Iterator[list[Cells]]:
    shown = pictured(columns)
    with file.open("rb") as lines:
        for line in lines:
            yield [_replaced(json.loads(line), shown, lambda path: (root / path).read_bytes())]


def _write_webdataset(
    batches: Iterable[list[tuple[str, Cells]]], columns: Mapping[str, Feature], target: Target
) -> None:
    try:
        from webdataset import TarWriter
    except ImportError:
        raise TaskError(f"tars need webdataset; {remedy('data')}") from None
    # A stream of our own, else the writer's name and the hour would be in the bytes.
    shown = pictured(columns)
    with target.file.open("wb") as out:
        writer = TarWriter(out, user="avrgym", group="avrgym", mode=0o644, mtime=0.0, encoder=False)
        try:
            for batch in batches:
                for name, cells in batch:
                    words = {key: value for key, value in cells.items() if key not in shown}
                    members: dict[str, Any] = {"__key__": name, "json": _line(words)}
                    if found := pictures(cells, shown):
                        [members[target.encoding]] = found
                    writer.write(members)
            writer.close()
        except BaseException:
            with suppress(OSError):  # left open, it would write to a closed file when collected
                writer.close()
            raise


def _read_webdataset(
    file: Path, root: Path, columns: Mapping[str, Feature]
) -> Iterator[list[Cells]]:
    held: dict[str, Any] = {}
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            name, _, kind = member.name.partition(".")
            if held and held["name"] != name:
                yield [_untarred(held, columns)]
                held = {}
            opened = tar.extractfile(member)
            if opened is None:
                raise ValueError(f"{member.name} is no file")
            held |= {"name": name, kind: opened.read()}
    if held:
        yield [_untarred(held, columns)]


def _untarred(held: dict[str, Any], columns: Mapping[str, Feature]) -> Cells:
    cells = json.loads(held["json"])
    shown = [held[kind] for kind in ("png", "jpeg") if kind in held]
    for name, feature in columns.items():
        if feature == [PICTURE]:
            cells[name] = shown
        elif feature == PICTURE:
            cells[name] = shown[0] if shown else None
    return {name: cells[name] for name in columns}


def _write_tsv(
    batches: Iterable[list[tuple[str, Cells]]], columns: Mapping[str, Feature], target: Target
) -> None:
    with target.file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, list(columns), delimiter="\t", lineterminator="\n")
        table.writeheader()
        for batch in batches:
            table.writerows(cells for _, cells in batch)


def _read_tsv(file: Path, root: Path, columns: Mapping[str, Feature]) -> Iterator[list[Cells]]:
    csv.field_size_limit(sys.maxsize)  # a picture is one field
    with file.open(encoding="utf-8", newline="") as lines:
        for cells in csv.DictReader(lines, delimiter="\t"):
            yield [
                {
                    name: int(cells[name]) if feature.get("dtype") == "int64" else cells[name]
                    for name, feature in columns.items()
                }
            ]


_WRITERS = {
    "parquet": _write_parquet,
    "jsonl": _write_jsonl,
    "webdataset": _write_webdataset,
    "tsv": _write_tsv,
}
_READERS = {
    "parquet": _read_parquet,
    "jsonl": _read_jsonl,
    "webdataset": _read_webdataset,
    "tsv": _read_tsv,
}
