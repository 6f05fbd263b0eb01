"""The canonical row: everything that any layout needs of one item of a mixture."""

from collections.abc import Sequence
from dataclasses import dataclass

from avrgym.core.address import Address
from avrgym.core.pictures import encode
from avrgym.core.samples import Sample, samples
from avrgym.data.settings import Settings
from avrgym.mixtures import Item
from avrgym.prompts.formats import prompt, target


@dataclass(frozen=True, slots=True)
class Row:
    """One item in words and pixels.

    Attributes:
        phase: The phase's name.
        index: The row's place in the phase, from 0.
        sample: The problem.
        format: The format's name, e.g. ``image_via_text`` or ``text-direct``.
        prompt: The user's turn, without a placeholder for the picture.
        completion: The reply to learn from.
        picture: An encoded picture, or None where the format shows none.
    """

    phase: str
    index: int
    sample: Sample
    format: str
    prompt: str
    completion: str
    picture: bytes | None

    @property
    def name(self) -> str:
        """Names the row within its dataset, and its picture."""
        return called(self.phase, self.index)

    @property
    def answer(self) -> str:
        """What is asked for: the bare answer, or the twin where the task is to transcribe."""
        transcribes = self.format.startswith("image_to_text")
        return self.sample.twin if transcribes else self.sample.answer

    @property
    def place(self) -> tuple[str, str, str]:
        """Task, level (with its overrides) and split."""
        at = Address.parse(self.sample.address)
        return at.task, at.setting.removeprefix(f"{at.task}/"), at.split


def called(phase: str, index: int) -> str:
    """The name of a row; in tars it ends at the first dot."""
    return f"{phase.replace('.', '_')}-{index:09d}"


def make(settings: Settings, items: Sequence[Item]) -> list[Row]:
    """Rows of items, words and pictures made in one batch each."""
    spoken = samples([item.address for item in items])
    shown = [i for i, item in enumerate(items) if item.format.pictured]
    writing = settings.writing
    drawn = encode(
        [items[i].address for i in shown],
        writing.size,
        writing.theme,
        writing.encoding,
        writing.quality,
        insist=True,  # settings were checked
    )
    pictures = dict(zip(shown, drawn, strict=True))
    return [
        Row(
            item.phase,
            item.index,
            sample,
            item.format.name,
            prompt(sample, item.format, template=item.prompt.template),
            target(sample, item.format, kept=item.kept),
            pictures.get(i),
        )
        for i, (item, sample) in enumerate(zip(items, spoken, strict=True))
    ]
