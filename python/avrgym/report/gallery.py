"""Every task, level and theme on one self-contained page, with the twin and the steps of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import avrgym
from avrgym import Sample, TaskError
from avrgym.core import facts
from avrgym.core.extras import needs
from avrgym.core.pictures import THEMES, sides
from avrgym.core.pieces import Piece, cut, marks
from avrgym.core.samples import Source
from avrgym.report.images import url
from avrgym.runs.record import write

with needs("train"):
    import jinja2
    from PIL import Image

TEMPLATE = Path(__file__).with_name("gallery.html.jinja")


@dataclass(frozen=True, slots=True)
class Shown:
    """One level's sample.

    Attributes:
        key: Names it within the page.
        level: The level's name.
        sample: The sample in words.
        pictures: Data URLs by theme.
        pieces: The rationale, cut at its steps.
        features: The numbers that make it hard.
        parameters: The level's, as an address writes them.
    """

    key: str
    level: str
    sample: Sample
    pictures: dict[str, str]
    pieces: list[Piece]
    features: dict[str, float]
    parameters: dict[str, str]


def write_gallery(
    path: str | Path,
    *,
    tasks: Sequence[str] = avrgym.TASKS,
    levels: Sequence[str] | None = None,
    themes: Sequence[str] = THEMES,
    size: int = 448,
    split: str = "test",
    seed: int = 0,
    index: int = 0,
) -> Path:
    """Writes the gallery: one HTML file that needs nothing else, 2 MB with all that there is.

    Args:
        path: The file; its folder is made if need be. Replaced at once, never in part.
        tasks: Which tasks, in order.
        levels: Which levels of each, where it has them; all if None.
        themes: Which themes, in order.
        size: Pixels to a picture's side, from 64 to 4096; where it could not be read it is as
            large as is legible.
        split: ``train``, ``val`` or ``test``.
        seed: Which samples, in [0, 2**64).
        index: Which of them, the same for each level.

    Returns:
        The path.

    Raises:
        TaskError: An argument names nothing or is out of its range.
    """
    sides(size)
    for task in tasks:
        avrgym.levels(task)
    known = {level for task in tasks for level in avrgym.levels(task)}
    for level in levels or ():
        if level not in known:
            raise TaskError(f'no task shown has a level "{level}"; levels: {", ".join(known)}')
    if not themes:
        raise TaskError(f"themes are empty; name at least one of {', '.join(THEMES)}")
    sections = []
    for task in tasks:
        wanted = [name for name in avrgym.levels(task) if levels is None or name in levels]
        sources = [Source(task, level, split=split, seed=seed) for level in wanted]
        addresses = [source.address(index) for source in sources]
        if addresses:
            shown = list(_shown(task, wanted, addresses, themes, size))
            sections.append((task, facts.about(task), shown))
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    page = environment.from_string(TEMPLATE.read_text("utf-8")).render(
        sections=sections, themes=themes, skills=avrgym.SKILLS, version=_version()
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, page)
    return path


def _shown(
    task: str, levels: Sequence[str], addresses: Sequence[str], themes: Sequence[str], size: int
) -> Iterator[Shown]:
    def draw(address: str, theme: str) -> str:
        side = max(size, avrgym.legible_size(address, theme))
        return url(Image.fromarray(avrgym.render([address], side, theme)[0]))

    for i, sample in enumerate(avrgym.samples(addresses)):
        yield Shown(
            key=f"{task}-{levels[i]}",
            level=levels[i],
            sample=sample,
            pictures={theme: draw(addresses[i], theme) for theme in themes},
            pieces=cut(sample.rationale, marks(sample.steps)),
            features=sample.features,
            parameters=avrgym.parameters(task, levels[i]),
        )


def _version() -> str:
    try:
        return version("avrgym")
    except PackageNotFoundError:
        return ""
