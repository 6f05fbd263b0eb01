"""What scripts can tell apart: exit codes, and the errors that they come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OK, FAILED, BAD_INPUT, NOT_WRITTEN, DEFECT, INTERRUPTED = 0, 1, 2, 3, 4, 130

#: What work that was interrupted says.
KEPT = "what is finished is kept, the same command goes on from there"


class NotWrittenError(Exception):
    """A file could not be written; the message says which, why, and what to do."""


@contextmanager
def writing(remedy: str, file: Path | None = None) -> Iterator[None]:
    """Turns what the system says of a file within the block into :class:`NotWrittenError`.

    Elsewhere the same error means that there is nothing to read, which is bad input.

    Args:
        remedy: What to do about it.
        file: What is written, where the system does not always say: a full disk has no name.
    """
    try:
        yield
    except OSError as wrong:
        raise NotWrittenError(f"{said(wrong, file)}; {remedy}") from wrong


def said(wrong: OSError, file: Path | None = None) -> str:
    """An error of the system as one line, the file first.

    Args:
        wrong: The error.
        file: What was written; of a folder what is within it is named, where that is known.
    """
    where = wrong.filename
    if file is not None and not (where and Path(where).is_relative_to(file)):
        where = file
    return f"{where}: {wrong.strerror or wrong}" if where else f"{wrong.strerror or wrong}"
