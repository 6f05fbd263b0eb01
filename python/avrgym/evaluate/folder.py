"""The folder of one evaluation: what was asked, and a line for each reply as it came."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.config import build, difference, table, toml
from avrgym.evaluate.suite import Evaluation
from avrgym.files import lock, storage
from avrgym.runs.record import RESULTS, Record

SETTINGS = "evaluation.toml"
#: The rows by the column, where that was asked for.
PACKED = "results.parquet"
#: What a folder may have been begun with otherwise, and be continued all the same.
_FREE = ("versions", "told")


@dataclass(frozen=True, slots=True)
class Folder:
    """One evaluation's folder.

    Of several processes the first keeps it; the others write their rows beside, in files of their
    own, which the first joins.

    Attributes:
        path: Where it is.
        rank: Of this process among those that ask; 0 keeps the folder.
    """

    path: Path
    rank: int = 0

    @property
    def file(self) -> Path:
        """The replies, a line each; see :class:`avrgym.evaluate.results.Result`."""
        return self.path / RESULTS

    def check(self, settings: Mapping[str, Any]) -> bool:
        """Looks whether there is an evaluation to go on with, of the same settings.

        Args:
            settings: Plain values; ``versions`` and ``told`` may differ.

        Raises:
            TaskError: The folder holds an evaluation with other settings, or something else.
        """
        if (self.path / SETTINGS).exists():
            ours, theirs = (_compared(each) for each in (self.settings(), settings))
            if differs := difference(ours, theirs):
                more = f", and {len(differs) - 1} more" if len(differs) > 1 else ""
                raise TaskError(
                    f"{self.path} holds an evaluation with other settings: {differs[0]}{more}; "
                    "give another folder with --to, or remove it"
                )
            return True
        if self.path.exists() and not (self.path.is_dir() and not self._filled()):
            raise TaskError(
                f"{self.path} is there and holds no evaluation; give another folder with --to"
            )
        return False

    @contextmanager
    def open(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Makes the folder, or takes up one of the same settings, and keeps others out of it.

        Raises:
            TaskError: See :meth:`check`; or another process is at it.
        """
        self.check(settings)
        with self._alone():
            if not self.check(settings):
                self.note(settings)
            yield

    def _filled(self) -> bool:
        return any(not path.name.startswith(".") for path in self.path.iterdir())

    def settings(self) -> dict[str, Any]:
        """What was asked.

        Raises:
            TaskError: There is no evaluation, or its file is damaged.
        """
        path = self.path / SETTINGS
        try:
            return tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise TaskError(f"{self.path} holds no evaluation ({SETTINGS} is missing)") from None
        except ValueError as wrong:
            raise TaskError(f"{path} is damaged: {wrong}; remove the folder") from None

    def note(self, settings: Mapping[str, Any]) -> None:
        """Replaces what the folder says of its settings, at once."""
        storage.write_text(self.path / SETTINGS, toml.text(settings), self.path)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Adds rows together."""
        Record(self.path, self.rank).answered(rows)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows in order, also those that are not joined; what a crash cut off is left out.

        Where there are no lines, those of ``results.parquet``.
        """
        packed = self.path / PACKED
        if packed.exists() and not self.file.exists():
            from avrgym.evaluate import parquet

            return parquet.read(packed)
        return Record(self.path).results()

    def pack(self) -> None:
        """Writes the rows as ``results.parquet`` too, whole or not at all."""
        from avrgym.evaluate import parquet

        with storage.aside(self.path / PACKED, self.path) as part:
            parquet.write(part, self.rows())

    def join(self) -> None:
        """Puts the rows of all processes into one file, also those of an earlier call."""
        Record(self.path).join()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps others out of a folder that is there.

        Raises:
            TaskError: It holds no evaluation, or another process is at it.
        """
        self.settings()
        with self._alone():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.mkdir(parents=True, exist_ok=True)
        taken = (
            f"another process writes to {self.path}; wait for it, or give another folder with --to"
        )
        with lock.alone(self.path, taken, extra="data"):
            yield


def _compared(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are read back, without what may differ.

    What an older version knew nothing of has its default, so that what it began is gone on with.
    """
    held = {key: value for key, value in settings.items() if key not in _FREE}
    with suppress(TaskError):  # of a later version, say, which is told by the difference
        held["evaluation"] = table(build(Evaluation, held.get("evaluation", {}), SETTINGS))
    return tomllib.loads(toml.text(held))
