"""Rows of a phase by index, pictures drawn on the fly."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NotRequired, TypeAlias, TypedDict, get_args, overload

import numpy as np
from numpy.typing import NDArray

from avrgym import render
from avrgym._core import TaskError
from avrgym.core.arguments import function, made, named, quoted, truth
from avrgym.core.extras import needs
from avrgym.core.pictures import Size, check_legible, sides
from avrgym.mixtures import Exclude, Item, Mixture, chats, pick, rows
from avrgym.prompts.formats import Message, Row
from avrgym.prompts.layout import Dtype, Layout
from avrgym.prompts.pixels import pixels
from avrgym.stream import blocks
from avrgym.stream.pool import Pool

#: What becomes of a row before it is handed out.
Transform: TypeAlias = Callable[[Any], Any]

_HASH = re.compile("[0-9a-f]{32}")


class InputRow(TypedDict):
    """One row with the input of a model in place of the picture.

    Attributes:
        prompt: Messages; ``{"type": "image"}`` stands where the picture goes.
        completion: Messages.
        address: What :mod:`avrgym.rewards` judges by.
        pixel_values: What :func:`avrgym.pixels` gives of this one picture; not there where the
            format shows none.
        image_grid_thw: int64 (1, 3); not there without a picture, and for planes.
    """

    prompt: list[Message]
    completion: list[Message]
    address: str
    pixel_values: NotRequired[NDArray[Any]]
    image_grid_thw: NotRequired[NDArray[np.int64]]


def with_pillow(row: Row) -> dict[str, Any]:
    """A row with Pillow pictures instead of arrays, as TRL's collators and processors take them."""
    with needs("data"):
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
        exclude: Contents that must not occur; see :func:`avrgym.mixtures.items`. A collection is
            copied, so what is added to it later says nothing. Addresses, folders and files are made
            hashes of by :func:`avrgym.data.exclusions.excluded`.
        transform: Applied to each row, e.g. :func:`with_pillow`.
        layout: If given, rows are :class:`InputRow`: the model's input is made straight from the
            address, and no picture is drawn.
        dtype: Of that input: ``float32``, ``float16``, or ``bfloat16``, whose bits come as uint16;
            :func:`avrgym.stream.torch.with_tensors` makes tensors of it.
        shuffle_blocks: If given, each so many rows of a pass come in another order, which
            ``shuffle_seed`` chooses. It is a function of the index, so all that resumes goes on
            exactly. Runs of one modality stay whole: they change places, and the rows within them.
        shuffle_seed: A whole number.
        insist: Whether to draw pictures too small to be read; see :func:`avrgym.legible_size`.
    """

    mixture: Mixture
    phase: str = ""
    size: Size = 448
    theme: str = "paper"
    fresh: bool = False
    exclude: Exclude | None = None
    transform: Transform | None = None
    layout: Layout | None = None
    dtype: Dtype = "float32"
    shuffle_blocks: int | None = None
    shuffle_seed: int = 0
    insist: bool = False
    _pool: Pool = field(default_factory=Pool, init=False, repr=False, compare=False)
    _name: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made("mixture", self.mixture, Mixture)
        made("phase", self.phase, str)
        truth("fresh", self.fresh)
        truth("insist", self.insist)
        named("dtype", self.dtype, get_args(Dtype))
        if self.transform is not None:
            function("transform", self.transform)
        if self.layout is not None:
            made("layout", self.layout, Layout)
        if not self.phase:
            names = [phase.name for phase in self.mixture.phases]
            if len(names) > 1:
                raise TaskError(f"the mixture has phases {', '.join(names)}; name one of them")
            object.__setattr__(self, "phase", names[0])
        phase = self.mixture.phase(self.phase)
        blocks.check(phase, self.shuffle_blocks, self.shuffle_seed)
        render([], self.size, self.theme)
        if not self.insist:
            check_legible(phase.pictured(), self.size, self.theme)
        if self.layout is not None:
            pixels([], self.layout, self.size, self.theme, dtype=self.dtype)
        if self.exclude is not None and not callable(self.exclude):
            object.__setattr__(self, "exclude", _hashes(self.exclude))
        # Once: of many excluded contents it takes long, and each state asks for it.
        object.__setattr__(self, "_name", self._named())

    def __len__(self) -> int:
        """All rows a trainer sees: the phase's size times its epochs."""
        return self.mixture.phase(self.phase).rows

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    @overload
    def __getitem__(self, index: int) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        """One row, or a list of those of a slice; a negative index counts from the end.

        Raises:
            IndexError: No such row.
        """
        if isinstance(index, slice):
            return self.__getitems__(range(len(self))[index])
        return self.__getitems__([range(len(self))[index]])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Several rows, worded and drawn together, in the order given; 0 or more, without end."""
        if self.shuffle_blocks is not None:
            phase = self.mixture.phase(self.phase)
            indices = blocks.moved(indices, phase, self.shuffle_blocks, self.shuffle_seed)
        items = pick(self.mixture, self.phase, indices, fresh=self.fresh, exclude=self.exclude)
        laid_out: list[Any]
        if self.layout is not None:
            laid_out = self._input(items, self.layout)
        else:
            shown = sum(item.format.pictured for item in items)
            pictures = self._pool.take((shown, *sides(self.size), 3), np.uint8)
            laid_out = list(rows(self.mixture, items, theme=self.theme, out=pictures, insist=True))
        return list(map(self.transform, laid_out)) if self.transform else laid_out

    def fingerprint(self) -> str:
        """Names what the rows are, so that a state is not continued on other ones.

        Of a function that excludes, its module and name are in it: one that excludes something else
        under the same name is not noticed. Neither is what becomes of rows afterwards, by
        ``transform`` or ``layout``.
        """
        return self._name

    def _named(self) -> str:
        excluded: Any
        if callable(self.exclude):
            kind = self.exclude if hasattr(self.exclude, "__qualname__") else type(self.exclude)
            excluded = f"{kind.__module__}.{kind.__qualname__}"
        else:
            excluded = sorted(self.exclude or ())
        shuffle = (self.shuffle_blocks, self.shuffle_seed)
        rest = (self.fresh, self.size, self.theme, excluded, shuffle)
        said = repr((self.mixture, self.phase, rest))
        return blake2b(said.encode(), digest_size=8).hexdigest()

    def _input(self, items: Sequence[Item], layout: Layout) -> list[InputRow]:
        """Items in words and as the input of a model, made in one batch."""
        shown = [item.address for item in items if item.format.pictured]
        each = layout.shape(*sides(self.size))
        # Pictures follow each other along the first dimension: their patches, or they themselves.
        length, *rest = each if layout.patches else (1, *each)
        out = self._pool.take((len(shown) * length, *rest), layout.tables(self.dtype).dtype)
        grid = pixels(shown, layout, self.size, self.theme, out, dtype=self.dtype, insist=True).get(
            "image_grid_thw"
        )
        place, laid_out = 0, list[InputRow]()
        for item, words in zip(items, chats(self.mixture, items), strict=True):
            row = InputRow(prompt=words.prompt, completion=words.completion, address=item.address)
            if item.format.pictured:
                row["pixel_values"] = out[place * length : (place + 1) * length]
                if grid is not None:
                    row["image_grid_thw"] = grid[place : place + 1]
                place += 1
            laid_out.append(row)
        return laid_out


def _hashes(given: Iterable[str]) -> frozenset[str]:
    """Content hashes, each once.

    Raises:
        TaskError: One is none.
    """
    try:  # a string is a collection too, of its letters
        hashes = frozenset([given] if isinstance(given, str) else given)
    except TypeError:
        raise TaskError(
            f"exclude is {quoted(given)}; give a set of content hashes, or a function of one"
        ) from None
    for text in hashes:
        if not (isinstance(text, str) and _HASH.fullmatch(text)):
            raise TaskError(
                f"exclude has {text!r}, which is no content hash; of addresses, folders and files "
                "avrgym.data.exclusions.excluded makes some"
            )
    if isinstance(given, str):
        raise TaskError(f"exclude is the string {given!r}; give a set of such hashes")
    return hashes
