"""The verbs of finished datasets."""

from dataclasses import dataclass
from typing import Annotated

from avrgym.cli.data_check import Check
from avrgym.cli.data_info import Info
from avrgym.core.extras import needs

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Data:
    """Prove a finished dataset, or say what it has."""

    verb: (
        Annotated[Check, tyro.conf.subcommand("check")]
        | Annotated[Info, tyro.conf.subcommand("info")]
    )

    def do(self) -> bool:
        """Does what the verb within says."""
        return self.verb.do()
