"""The verb report: the page of a run, written again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro


@dataclass(frozen=True, slots=True)
class Report:
    """Write the report of a run again."""

    run: Annotated[Path, tyro.conf.Positional] = Path("runs/quickstart")

    def do(self) -> bool:
        """Writes a run's report again."""
        from avrgym.report.page import write_report
        from avrgym.runs.record import Record

        print(write_report(Record(self.run)))
        return True
