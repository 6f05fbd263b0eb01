"""Lines of JSON: each there whole or not at all, also behind a crash."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

Line: TypeAlias = dict[str, Any]


def append(path: Path, lines: Iterable[Line]) -> None:
    """Adds lines together; what a crash cut off before them is ended first."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if not text:
        return
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            text = "\n" + text
        left = memoryview(text.encode("utf-8", "surrogatepass"))
        while left:  # a full disk takes a part, and says so at the next
            left = left[os.write(handle, left) :]
    except OSError as wrong:
        wrong.filename = str(path)  # what is done with a handle does not say it
        raise
    finally:
        os.close(handle)


def read(path: Path) -> Iterator[Line]:
    """The lines of a file in order, none where there is no file; what is cut off is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            try:  # also what is cut off within a character
                line: Line = json.loads(text.decode("utf-8", "surrogatepass"))
            except (json.JSONDecodeError, UnicodeDecodeError):
                continue
            yield line


def parts(lines: Iterable[Line], size: int = 1024) -> Iterator[list[Line]]:
    """Lines so many at a time."""
    left = iter(lines)
    while part := list(islice(left, size)):
        yield part


def keep(path: Path, wanted: Callable[[Line], bool]) -> None:
    """Drops the lines that are not wanted; the file is replaced at once."""
    if not path.exists():
        return
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch()
    for batch in parts(filter(wanted, read(path))):
        append(part, batch)
    part.replace(path)
