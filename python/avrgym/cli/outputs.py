"""Files that verbs write: whole or not at all, never in place of another unless that is meant."""

import hashlib
import re
from pathlib import Path

from avrgym._core import TaskError
from avrgym.cli.codes import writing
from avrgym.core.pictures import Picture, encode

#: What to do about a file that cannot be written.
ELSEWHERE = "give a file that can be written with --to"

# Letters of a name before what tells it apart; file systems take 255 in all.
_READ = 120


def save(address: str, picture: Picture, to: Path, force: bool) -> Path:
    """Writes a sample's picture as PNG.

    Args:
        address: The canonical address.
        picture: How it is drawn.
        to: The file, or a folder that is there, in which it gets a name of its own.
        force: Whether it may take the place of something else.

    Returns:
        The file.

    Raises:
        TaskError: It is no name of a PNG file, the picture could not be read, or something else is
            there and was not meant to go.
        NotWrittenError: It cannot be written.
    """
    from avrgym.files.storage import aside

    file = picture_name(address, picture, to) if to.is_dir() else to
    if file.suffix.lower() != ".png":
        raise TaskError(f"--to {to} is no name of a PNG file; give one that ends in .png")
    size = (picture.height, picture.width)
    [made] = encode([address], size, picture.theme, insist=picture.insist)
    if not force and file.exists() and file.read_bytes() != made:
        raise there(file)
    with writing(ELSEWHERE, file):
        file.parent.stat()  # a folder that is not there is a slip of the hand, and not made
        with aside(file, file.parent) as path:
            path.write_bytes(made)
    return file


def picture_name(address: str, picture: Picture, folder: Path) -> Path:
    """A file's name in a folder that no other picture has."""
    told = f"{address} {picture.height}x{picture.width} {picture.theme}"
    digits = hashlib.sha256(told.encode()).hexdigest()[:10]
    read = re.sub(r"\W+", "-", told)[:_READ].strip("-")
    return folder / f"{read}-{digits}.png"


def there(file: Path) -> TaskError:
    """The error of a file that is there and was not meant to go."""
    return TaskError(f"{file} is there already; give another file with --to, or --force")
