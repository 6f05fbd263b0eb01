"""A dataset that is not written: all that would be refused is."""

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from avrgym.data.generate import generate
from avrgym.data.settings import Settings


class _BegunError(Exception):
    """All was in order up to the first instance."""


def rehearse(
    settings: Settings, folder: Path, exclude: Iterable[str], workers: int | None, engine: str
) -> None:
    """Lets all refuse that would, up to the first instance, and leaves nothing behind.

    Args:
        settings: As :func:`avrgym.data.generate` takes them, like all here.
        folder: Where it would go.
        exclude: What must not occur.
        workers: How many would work at once.
        engine: Where they would.

    Raises:
        TaskError: It could not be written as asked for.
        OSError: The folder could not be made.
    """

    def stop(_stage: str, _done: int, _of: int) -> NoReturn:
        raise _BegunError

    whole = folder.absolute()
    above = next(path for path in (whole, *whole.parents) if path.exists())
    begun = bool(os.listdir(above)) and above == whole
    if not os.access(above, os.W_OK):
        raise PermissionError(None, "no right to write", str(above))
    with TemporaryDirectory(prefix="avrgym-dry-run-") as scratch:
        # What was begun is compared and left as it is; a new folder is not even made.
        place = folder if begun else Path(scratch) / "data"
        try:
            generate(settings, place, exclude, workers, engine, stop)
        except _BegunError:
            pass
