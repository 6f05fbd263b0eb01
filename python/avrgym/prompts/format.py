"""What of a sample is shown, and what reply is asked for."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, TypeAlias

from avrgym._core import TaskError
from avrgym.config import Word
from avrgym.core.arguments import nearest, spoken, truth
from avrgym.core.sections import SECTIONS

#: What can be shown and asked; ``-direct`` behind a name asks for the answer alone.
FORMATS: tuple[str, ...] = ("image", "text", "image_via_text", "image_to_text", "structured")

_DIRECT = "-direct"
_NAMES = [f"{shown}{behind}" for shown in FORMATS for behind in ("", _DIRECT)]


@dataclass(frozen=True, slots=True)
class Format:
    """One form of supervision: what the model is shown, and whether its reply is worked out.

    Attributes:
        shown: One of ``avrgym.FORMATS``.
        rationale: Whether worked steps come before the answer.
    """

    shown: str = "image"
    rationale: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.shown, str) or self.shown not in FORMATS:
            raise _unknown(self.shown)
        truth("rationale", self.rationale)

    @property
    def name(self) -> str:
        """What is shown, and ``-direct`` behind it if the answer stands alone."""
        return self.shown if self.rationale else f"{self.shown}{_DIRECT}"

    @property
    def pictured(self) -> bool:
        """Whether the prompt shows the picture."""
        return self.shown != "text"

    @property
    def transcribes(self) -> bool:
        """Whether the reply that is owed is the twin and nothing else."""
        return self.shown == "image_to_text"

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections of the reply that is owed, in order; none where it has no tags."""
        if self.shown != "structured":
            return ()
        return SECTIONS if self.rationale else ("transcribe", "answer")

    @staticmethod
    def parse(name: str) -> "Format":
        """A format by its name, e.g. ``text`` or ``image_via_text-direct``.

        Raises:
            TaskError: No format has this name.
        """
        shown = name.removesuffix(_DIRECT) if isinstance(name, str) else ""
        if shown not in FORMATS:
            raise _unknown(name)
        return Format(shown, shown == name)

    @staticmethod
    def of(format: "str | Format", rationale: bool = True) -> "Format":
        """A format as callers say it: by its name or itself, and whether steps are wanted.

        Raises:
            TaskError: No format has this name.
        """
        given = format if isinstance(format, Format) else Format.parse(format)
        return given if rationale else Format(given.shown, False)


def _unknown(name: object) -> TaskError:
    return TaskError(
        f"unknown format {spoken(name)}{nearest(name, _NAMES)}; give one of {', '.join(FORMATS)}, "
        f'with "{_DIRECT}" behind it for the answer alone'
    )


#: A format in settings, where files say its name.
Named: TypeAlias = Annotated[Format, Word(Format.parse, attrgetter("name"))]
