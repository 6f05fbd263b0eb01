"""The verb judge: stored replies judged again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym._core import TaskError
from avrgym.cli.codes import writing
from avrgym.core.extras import needs
from avrgym.core.generator import generator
from avrgym.evaluate.again import Moved, again, rewritten
from avrgym.evaluate.folder import PACKED, Folder
from avrgym.runs.record import RESULTS

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Judge:
    """Judge the replies of an evaluation or a run again, and say what moved.

    Nothing is asked: what was said stands in results.jsonl. For example:

    avrgym judge runs/oracle

    avrgym judge runs/oracle --write

    Attributes:
        folder: What avrgym evaluate or avrgym train wrote.
        write: Put the new verdicts in place of the old ones, all at once.
        json: Print JSON.
    """

    folder: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
    write: bool = False
    json: bool = False

    def do(self) -> bool:
        """Judges, and writes if asked to."""
        file = self.folder / RESULTS
        if not file.is_file() and not (self.folder / PACKED).is_file():
            raise TaskError(f"{self.folder} holds no {RESULTS}; give the folder of an evaluation")
        if self.write:
            with writing("make room, and give the same command", file):
                moved = rewritten(self.folder)
        else:
            moved = Moved()
            for _ in again(Folder(self.folder).rows(), moved):
                pass
        print(self._json(moved) if self.json else self._lines(moved, file))
        return True

    def _json(self, moved: Moved) -> str:
        steps = [
            {"before": old, "after": new, "replies": count}
            for (old, new), count in sorted(moved.outcomes.items())
        ]
        made = {
            **{"replies": moved.rows, "changed": moved.changed, "inside": moved.inside},
            **{"outcomes": steps, "judged_by": dict(moved.judges), "generator": generator()},
            "written": self.write,
        }
        return json.dumps(made, ensure_ascii=False, indent=1)

    def _lines(self, moved: Moved, file: Path) -> str:
        lines = [
            f"{old} -> {new}: {count:,}"
            for (old, new), count in sorted(moved.outcomes.items())
            if old != new
        ]
        if moved.inside:
            lines.append(f"other steps, components or form, the same outcome: {moved.inside:,}")
        judges = ", ".join(moved.judges) or "nobody"
        lines.append(
            f"{file}: {moved.changed:,} of {moved.rows:,} replies moved; judged by {judges}, "
            f"now by {generator()}"
        )
        if moved.changed and not self.write:
            lines.append("nothing was written; --write puts the new verdicts there")
        return "\n".join(lines)
