"""The rows that a word names: a folder, or a run's stage behind a colon."""

from pathlib import Path
from typing import Any

from avrgym._core import TaskError
from avrgym.core.arguments import nearest
from avrgym.evaluate.folder import Folder
from avrgym.runs.record import RESULTS


def rows_of(word: str) -> tuple[str, list[dict[str, Any]]]:
    """What a word names, and its rows.

    Args:
        word: The folder of an evaluation or a run; ``folder:stage`` is a stage of a run, of which
            the last one is taken otherwise.

    Raises:
        TaskError: There are none.
    """
    folder, stage = Path(word), ""
    if not folder.exists() and ":" in word:
        before, _, stage = word.rpartition(":")
        folder = Path(before)
    rows = list(Folder(folder).rows())
    if not rows:
        raise TaskError(
            f"{folder} holds no replies ({RESULTS}); give the folder of an evaluation or a run"
        )
    stages = list(dict.fromkeys(str(row["stage"]) for row in rows))
    if stage and stage not in stages:
        known = ", ".join(filter(None, stages)) or "none, being no run"
        raise TaskError(f"{folder} has no stage {stage}{nearest(stage, stages)}; it has {known}")
    if len(stages) == 1:
        return word, rows
    stage = stage or stages[-1]
    return f"{folder}:{stage}", [row for row in rows if row["stage"] == stage]
