"""Types and defaults of options that verbs share."""

from typing import TYPE_CHECKING, Literal, TypeAlias

import avrgym
from avrgym.core.extras import needs

with needs("data"):
    import tyro

if TYPE_CHECKING:
    Task: TypeAlias = str
else:
    #: One of the tasks that the core has.
    Task = Literal[avrgym.TASKS]


def default(what: str, kind: type | None = None) -> object:
    """What an option stands for if left out, where None tells that it was left out."""
    return tyro.conf.arg(help_behavior_hint=f"(default: {what})", constructor=kind)
