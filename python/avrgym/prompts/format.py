"""What of a sample is shown, and what reply is asked for."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, TypeAlias

from avrgym._core import TaskError
from avrgym.config import Word
from avrgym.prompts.views import VIEWS


@dataclass(frozen=True, slots=True)
class Format:
    """One form of supervision: what the model is shown, and whether its reply is worked out.

    Attributes:
        view: One of ``avrgym.VIEWS``.
        rationale: Whether worked steps come before the answer.
    """

    view: str = "image"
    rationale: bool = True

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise TaskError(f'unknown view "{self.view}"; known views: {", ".join(VIEWS)}')

    @property
    def name(self) -> str:
        """The view, and ``-direct`` behind it if the answer stands alone."""
        return self.view if self.rationale else f"{self.view}-direct"

    @property
    def pictured(self) -> bool:
        """Whether the prompt shows the picture."""
        return self.view != "text"

    @staticmethod
    def parse(name: str) -> "Format":
        """A format by its name, e.g. ``text`` or ``image_via_text-direct``.

        Raises:
            TaskError: No format has this name.
        """
        view = name.removesuffix("-direct")
        if view not in VIEWS:
            raise TaskError(
                f'unknown format "{name}"; give one of {", ".join(VIEWS)}, '
                'with "-direct" behind it for the answer alone'
            )
        return Format(view, view == name)


#: A format in settings, where files say its name.
Named: TypeAlias = Annotated[Format, Word(Format.parse, attrgetter("name"))]
