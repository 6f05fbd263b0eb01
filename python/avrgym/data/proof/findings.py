"""What is wrong, where, and in words for people who see no traceback."""

import csv
import tarfile
from dataclasses import dataclass
from pathlib import Path

#: What libraries raise at damaged files.
DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    csv.Error,
    tarfile.TarError,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes:
        where: A file, or a phase, with the row where there is one.
        what: What is wrong there.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def said(wrong: BaseException, folder: Path) -> str:
    """What an error says of a dataset in a folder."""
    if isinstance(wrong, KeyError):
        return f"{wrong} is missing"
    if isinstance(wrong, FileNotFoundError) and wrong.filename:
        path = Path(wrong.filename)
        return f"{path.relative_to(folder) if path.is_relative_to(folder) else path} is missing"
    return str(wrong) or type(wrong).__name__
