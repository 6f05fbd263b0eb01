"""One process at a time in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avrgym._core import TaskError
from avrgym.core.extras import needs

_NAME = ".lock"


@contextmanager
def alone(folder: Path, otherwise: str, *, extra: str) -> Iterator[None]:
    """Keeps other processes out of a folder for the block; a killed one leaves it free.

    Args:
        folder: It is there already.
        otherwise: What is said where another process is in it, with the remedy.
        extra: Which extra of the package the caller belongs to, named where it lacks.

    Raises:
        TaskError: Another process is in it.
        OSError: The folder cannot be written to.
    """
    with needs(extra):
        from filelock import FileLock, Timeout

    lock = FileLock(folder / _NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise TaskError(otherwise) from None
    try:
        yield
    finally:
        lock.release()
