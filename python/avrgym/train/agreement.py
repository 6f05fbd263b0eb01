"""Whether processes hold the same weights, as they must where one of them saves for all."""

from typing import Any

from avrgym.models.digest import digest
from avrgym.runs.record import Record
from avrgym.train.processes import Processes


def agree(model: Any, record: Record, processes: Processes, stage: str, of: str = "model") -> None:
    """Looks whether what a stage trained is the same in all processes, and notes it.

    Args:
        model: Of ``torch``.
        record: The run's.
        processes: Which share it.
        stage: That trained it.
        of: What it is to that stage.

    Raises:
        RuntimeError: It is not.
    """
    if processes.count == 1:
        return
    digests = processes.gathered([digest(model)])
    record.append({"event": "agreed", "stage": stage, "of": of, "digests": digests})
    if len(set(digests)) > 1:
        raise RuntimeError(f"after {stage} processes have other weights of its {of}: {digests}")
