"""The verb report: the page of a run, written again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym._core import TaskError
from avrgym.core.extras import needs

with needs("data"):
    import tyro

from avrgym.cli.codes import said, writing


@dataclass(frozen=True, slots=True)
class Report:
    """Write the report of a run again."""

    run: Annotated[Path, tyro.conf.Positional] = Path("runs/quickstart")

    def do(self) -> bool:
        """Writes a run's report again."""
        from avrgym.report.page import write_report
        from avrgym.runs.record import Record

        record = Record(self.run)
        try:
            record.settings()
        except OSError as wrong:  # what cannot be read is bad input, not a failure to write
            raise TaskError(said(wrong, record.folder)) from None
        with writing("make room, and give the same command", record.report):
            print(write_report(record))
        return True
