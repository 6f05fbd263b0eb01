"""What scripts can tell apart: exit codes, and the errors that they come from."""

from collections.abc import Iterator
from contextlib import contextmanager

OK, FAILED, BAD_INPUT, NOT_WRITTEN, DEFECT, INTERRUPTED = 0, 1, 2, 3, 4, 130

#: What work that was interrupted says.
KEPT = "what is finished is kept, the same command goes on from there"


class NotWrittenError(Exception):
    """A file could not be written; the message says which, why, and what to do."""


@contextmanager
def writing(remedy: str) -> Iterator[None]:
    """Turns what the system says of a file within the block into :class:`NotWrittenError`.

    Elsewhere the same error means that there is nothing to read, which is bad input.
    """
    try:
        yield
    except OSError as wrong:
        raise NotWrittenError(f"{said(wrong)}; {remedy}") from wrong


def said(wrong: OSError) -> str:
    """An error of the system as one line, the file first."""
    where = f"{wrong.filename}: " if wrong.filename else ""
    return f"{where}{wrong.strerror or wrong}"
