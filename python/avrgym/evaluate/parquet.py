"""Rows of results as one Parquet file, for whoever reads columns; read back, they are the same."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from avrgym.core.extras import needs
from avrgym.evaluate.results import Result
from avrgym.files import jsonl

with needs("data"):
    import pyarrow as pa
    import pyarrow.parquet as pq

_STEP = pa.struct(
    [
        *(("start", pa.int64()), ("end", pa.int64())),
        *(("skill", pa.string()), ("state", pa.string()), ("reason", pa.string())),
        ("thought", pa.bool_()),
    ]
)
_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_OWN = {
    "components": pa.map_(pa.string(), pa.float64()),
    "steps": pa.list_(_STEP),
    "size": pa.list_(pa.int32()),
    "seed": pa.uint64(),
    "ids": pa.list_(pa.int32()),
}


def schema() -> pa.Schema:
    """The columns of a :class:`avrgym.evaluate.results.Result`, in its order."""
    return pa.schema([(name, _type(name, hint)) for name, hint in get_type_hints(Result).items()])


def _type(name: str, hint: Any) -> pa.DataType:
    if name in _OWN:
        return _OWN[name]
    [kind] = [each for each in get_args(hint) or (hint,) if each is not NoneType]
    return _PLAIN[kind]


def write(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes rows of results; what older ones do not say has its default.

    Args:
        file: A new one.
        rows: Read once; of them a thousand are held at a time.
    """
    names = [each.name for each in _STEP]
    made = schema()
    with pq.ParquetWriter(file, made, compression="zstd") as out:
        for part in jsonl.parts(Result.of(row).row() for row in rows):
            for row in part:
                row["steps"] = [dict(zip(names, step, strict=True)) for step in row["steps"]]
                row["components"] = list(row["components"].items())
            out.write_table(pa.Table.from_pylist(part, made))


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file that :func:`write` wrote, in order, as lines of JSON have them."""
    with pq.ParquetFile(file) as held:
        for batch in held.iter_batches(1024):
            for row in batch.to_pylist():
                row["steps"] = [list(step.values()) for step in row["steps"]]
                row["components"] = dict(row["components"])
                yield row
