"""Rows of a phase by index, pictures drawn on the fly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeAlias

from avrgym import render
from avrgym._core import TaskError
from avrgym.mixtures import Exclude, Mixture, pick, rows
from avrgym.samples import Size
from avrgym.stream.pool import Pool
from avrgym.views import Row

#: What becomes of a row before it is handed out.
Transform: TypeAlias = Callable[[Row], Any]


def with_pillow(row: Row) -> dict[str, Any]:
    """A row with Pillow pictures instead of arrays, as TRL's collators and processors take them."""
    from PIL import Image

    return {**row, "images": [Image.fromarray(picture) for picture in row["images"]]}


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a phase as a map-style dataset: random access, batched, nothing stored.

    Attributes:
        mixture: What to draw from.
        phase: The phase's name; may be left empty if there is one alone.
        size: Pixels to a side, or (height, width).
        theme: ``paper``, ``varied`` or ``compact``.
        fresh: Whether passes after the first bring new instances.
        exclude: Contents that must not occur; see :func:`avrgym.mixtures.items`.
        transform: Applied to each row, e.g. :func:`with_pillow`.
    """

    mixture: Mixture
    phase: str = ""
    size: Size = 448
    theme: str = "paper"
    fresh: bool = False
    exclude: Exclude | None = None
    transform: Transform | None = None
    _pool: Pool = field(default_factory=Pool, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.phase:
            names = [phase.name for phase in self.mixture.phases]
            if len(names) > 1:
                raise TaskError(f"the mixture has phases {', '.join(names)}; name one of them")
            object.__setattr__(self, "phase", names[0])
        self.mixture.phase(self.phase)
        render([], self.size, self.theme)

    def __len__(self) -> int:
        """All rows a trainer sees: the phase's size times its epochs."""
        return self.mixture.phase(self.phase).rows

    def __getitem__(self, index: int) -> Any:
        """One row; a negative index counts from the end.

        Raises:
            IndexError: No such row.
        """
        return self.__getitems__([range(len(self))[index]])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Several rows, worded and drawn together, in the order given; 0 or more, without end."""
        items = pick(self.mixture, self.phase, indices, fresh=self.fresh, exclude=self.exclude)
        height, width = (self.size, self.size) if isinstance(self.size, int) else self.size
        pictures = self._pool.take(sum(item.format.pictured for item in items), height, width)
        laid_out = rows(self.mixture, items, theme=self.theme, out=pictures)
        return list(map(self.transform, laid_out)) if self.transform else laid_out

    def fingerprint(self) -> str:
        """Names what the rows are, so that a state is not continued on other ones."""
        excluded = self.exclude if callable(self.exclude) else sorted(self.exclude or ())
        rest = (self.fresh, self.size, self.theme, None if callable(excluded) else excluded)
        said = repr((self.mixture, self.phase, rest))
        return blake2b(said.encode(), digest_size=8).hexdigest()
