"""What is measured before, between and after the stages of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from avrgym._core import TaskError
from avrgym.core.arguments import named, ranged, whole
from avrgym.core.ladder import expand
from avrgym.core.pictures import THEMES, Picture, Size, sides
from avrgym.prompts.format import Format
from avrgym.prompts.templates import TEMPLATES

DECODINGS: tuple[str, ...] = ("greedy", "sampled")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is measured; checked when made.

    Attributes:
        suite: Levels, each such as ``grid_navigation/rung0..rung3``,
            ``table_readout/simple?rows=5`` or ``*/hard``: that of every task that has one.
        items: Samples of each level, all of different content, 1 to 2**20.
        formats: What is shown and asked for: names of :class:`avrgym.prompts.format.Format`.
        decodings: ``greedy``, ``sampled`` or both.
        draws: Replies sampled to each prompt, 1 to 4,096; a greedy one is one.
        temperature: At which they are sampled, 0.01 to 2; greedy is a decoding of its own.
        top_p: From which share of the likeliest tokens, 0.01 to 1.
        max_reply: Tokens of a reply, 1 to 2**20.
        batch: Replies drawn together, 1 to 2**20.
        split: ``val`` or ``test``. Choose settings on ``val``; figures come from ``test``.
        seed: Of the samples, and of drawing, in [0, 2**64).
        wording: Parameters that all levels take, e.g. ``{"style": "terse"}``; those of the run if
            None.
        templates: How prompts are worded, names of ``avrgym.TEMPLATES`` or ``any``.
        sizes: Of pictures, each pixels to a side or (height, width); where there are none, as
            everything is drawn.
        themes: Of pictures, each in every size; where there are none, as everything is drawn.

    Raises:
        TaskError: One of them names nothing or is out of its range.
    """

    suite: tuple[str, ...] = ()
    items: int = 256
    formats: tuple[str, ...] = ("image", "text")
    decodings: tuple[Literal["greedy", "sampled"], ...] = ("greedy", "sampled")
    draws: int = 1
    temperature: float = 1.0
    top_p: float = 1.0
    max_reply: int = 64
    batch: int = 256
    split: Literal["val", "test"] = "test"
    seed: int = 0
    wording: Mapping[str, object] | None = field(default=None, hash=False)
    templates: tuple[str, ...] = ("plain",)
    sizes: tuple[Size, ...] = ()
    themes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            whole(name, getattr(self, name), 1, most)
        whole("seed", self.seed, 0, 2**64 - 1)
        named("split", self.split, ("val", "test"))
        for name in self.decodings:
            named("decoding", name, DECODINGS)
        for name in self.formats:
            Format.parse(name)
        for name in self.templates:
            named("template", name, (*TEMPLATES, "any"))
        for name in self.themes:
            named("theme", name, THEMES)
        object.__setattr__(self, "sizes", tuple(map(sides, self.sizes)))
        for what in ("formats", "decodings", "templates", "sizes", "themes"):
            held = getattr(self, what)
            if len(set(held)) < len(held):
                raise TaskError(f"{what} say {', '.join(map(str, held))}; name each once")
        for what in ("formats", "decodings", "templates"):
            if not getattr(self, what):
                raise TaskError(f"{what} is empty, so nothing would be asked; name at least one")
        for name, top in (("temperature", 2.0), ("top_p", 1.0)):
            share = ranged(name, getattr(self, name), 0.01, top)
            if share != 1.0 and "sampled" not in self.decodings:
                raise TaskError(
                    f"{name} is {share:g}, and nothing is sampled: decodings are "
                    f"{', '.join(self.decodings)}; have sampled among them"
                )
            object.__setattr__(self, name, share)
        expand(self.suite, self.wording)

    def pictures(self, picture: Picture) -> tuple[Picture, ...]:
        """How pictures are drawn: in every size and theme.

        Args:
            picture: As everything is drawn; counts where this evaluation names none.
        """
        return tuple(
            replace(picture, size=size, theme=theme)
            for size in self.sizes or (picture.size,)
            for theme in self.themes or (picture.theme,)
        )

    @property
    def replies(self) -> int:
        """How many replies there are to each item: in every form, greedy and sampled."""
        shown = max(len(self.sizes), 1) * max(len(self.themes), 1)
        forms = sum(shown if Format.parse(name).pictured else 1 for name in self.formats)
        drawn = sum(self.draws if each == "sampled" else 1 for each in self.decodings)
        return forms * len(self.templates) * drawn

    def settings(self, wording: Mapping[str, object] | None = None) -> tuple[str, ...]:
        """The levels in order, as canonical addresses begin with them.

        Args:
            wording: The run's; counts where this evaluation has none of its own.

        Raises:
            TaskError: A task has no such parameter.
        """
        return expand(self.suite, wording if self.wording is None else self.wording)


_MOST = {"items": 2**20, "draws": 4096, "max_reply": 2**20, "batch": 2**20}
