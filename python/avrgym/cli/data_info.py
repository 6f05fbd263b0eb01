"""The verb data info: what a finished dataset has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from avrgym.cli import stated
from avrgym.core.extras import needs

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Info:
    """Say what a finished dataset has.

    Attributes:
        folder: What avrgym generate wrote.
    """

    folder: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]

    def do(self) -> bool:
        """Prints it."""
        from avrgym.data import manifest

        stated.say(self.folder, manifest.load(self.folder))
        return True
