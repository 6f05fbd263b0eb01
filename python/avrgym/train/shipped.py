"""The runs that come with the package."""

from pathlib import Path

from avrgym._core import TaskError
from avrgym.train import CONFIGS

#: The run that is taken where none is named: the grid's.
QUICKSTART = "quickstart_grid_navigation"


def quickstart(task: str | None = None) -> Path:
    """The file of a task's quickstart, or of the one that stands for all.

    Raises:
        TaskError: The task has none.
    """
    return find(QUICKSTART if task is None else f"quickstart_{task}")


def names() -> list[str]:
    """What they are called."""
    return sorted(path.stem for path in CONFIGS.glob("*.toml"))


def find(name: str) -> Path:
    """The file of a run: a path, or the name of one that comes with the package.

    Raises:
        TaskError: It is neither; the message has the names.
    """
    if Path(name).is_file():
        return Path(name)
    if name in names():
        return CONFIGS / f"{name}.toml"
    raise TaskError(
        f"no run at {name}; give a file, or one that comes with avrgym: {', '.join(names())}"
    )
