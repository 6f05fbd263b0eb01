"""Files that verbs write: never in place of another unless that is meant."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.cli.codes import writing

#: What to do about a file that cannot be written.
ELSEWHERE = "give a file that can be written with --to"


def save(picture: NDArray[np.uint8], file: Path, force: bool) -> None:
    """Writes a picture as PNG.

    Raises:
        TaskError: Something else is there and was not meant to go.
        NotWrittenError: It cannot be written.
    """
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(picture).save(made, "PNG")
    if file.exists() and not force and file.read_bytes() != made.getvalue():
        raise there(file)
    with writing(ELSEWHERE):
        file.write_bytes(made.getvalue())


def there(file: Path) -> TaskError:
    """The error of a file that is there and was not meant to go."""
    return TaskError(f"{file} is there already; give another file with --to, or --force")
