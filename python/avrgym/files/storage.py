"""Files that are either whole or not there: written aside, flushed, renamed."""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: A folder for what is half-written, so that what a killed worker left is told from what is whole.
UNFINISHED = "unfinished"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def aside(final: Path, within: Path) -> Iterator[Path]:
    """A path to write a file at; it becomes ``final`` when the block ends well, else vanishes.

    Args:
        final: The file's name in the end; an older file of that name is replaced.
        within: A folder on the same disk for what is not finished.
    """
    within.mkdir(parents=True, exist_ok=True)
    path = within / f"{os.getpid()}-{final.name}"
    try:
        yield path
        with path.open("rb") as written:
            os.fsync(written.fileno())
        final.parent.mkdir(parents=True, exist_ok=True)
        path.replace(final)
        settle(final.parent)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def folder_aside(final: Path, within: Path) -> Iterator[Path]:
    """The same for a folder of files; an older one is replaced."""
    path = within / f"{os.getpid()}-{final.name}"
    path.mkdir(parents=True)
    try:
        yield path
        os.sync()  # once, because flushing a folder's files one by one takes a disk's turn for each
        final.parent.mkdir(parents=True, exist_ok=True)
        if final.exists():
            shutil.rmtree(final)
        path.rename(final)
        settle(final.parent)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write_text(final: Path, text: str, within: Path) -> None:
    """Writes a text file, whole or not at all."""
    with aside(final, within) as path:
        path.write_text(text, "utf-8")


def write_json(final: Path, value: Any, within: Path) -> None:
    """Writes a value as JSON for people and programs, whole or not at all."""
    write_text(final, json.dumps(value, indent=1, ensure_ascii=False) + "\n", within)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(folder: Path) -> None:
    """Makes a rename last through a loss of power, where folders can be flushed."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


@contextmanager
def located(folder: Path) -> Iterator[None]:
    """Has errors of the disk within the block say which folder they are about.

    Raises:
        OSError: In the stead of one without a file, and of what libraries make of a full disk.
    """
    try:
        yield
    except OSError as wrong:
        if wrong.filename is not None:
            raise
        if wrong.errno is None:
            raise OSError(f"{folder}: {wrong}") from wrong
        wrong.filename = str(folder)
        raise
    except Exception as wrong:
        if code := _full(wrong):
            raise OSError(code, os.strerror(code), str(folder)) from wrong
        raise


def _full(wrong: BaseException | None) -> int:
    """The system's number for a disk that takes no more, if that is behind an error; else 0."""
    while wrong is not None:
        said = re.search(r"\(os error (\d+)\)", str(wrong))  # as libraries in Rust put it
        code = wrong.errno if isinstance(wrong, OSError) else int(said[1]) if said else None
        if code in _FULL:
            return int(code or 0)
        wrong = wrong.__cause__ or wrong.__context__
    return 0
