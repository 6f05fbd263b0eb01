"""What a family of models has: its marks, its processor, its class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from avrgym._core import TaskError
from avrgym.core.extras import needs
from avrgym.models.dialects import Dialect
from avrgym.models.shape import Shape

with needs("train"):
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is made of.

    Attributes:
        tokenizer: Of the family's dialect.
        shape: The sizes.
        height: Pixels of every picture.
        width: Pixels of every picture.
    """

    tokenizer: PreTrainedTokenizerFast
    shape: Shape
    height: int
    width: int

    @property
    def rows(self) -> int:
        """Tokens from top to bottom of a picture."""
        return self.height // self.shape.patch

    @property
    def columns(self) -> int:
        """Tokens from left to right of a picture."""
        return self.width // self.shape.patch

    @property
    def half(self) -> int:
        """Pixels to the side of a patch of which the family merges 2 x 2 to a token."""
        return self.shape.patch // 2

    def id(self, token: str) -> int:
        """The number of a token."""
        return self.tokenizer.get_vocab()[token]

    def text(self) -> dict[str, Any]:
        """What the decoders of all families take alike."""
        return {
            "vocab_size": len(self.tokenizer),
            "hidden_size": self.shape.hidden,
            "intermediate_size": 3 * self.shape.hidden,
            "num_hidden_layers": self.shape.layers,
            "num_attention_heads": self.shape.heads,
            "num_key_value_heads": self.shape.heads,
            "max_position_embeddings": 4096,
            "pad_token_id": self.tokenizer.pad_token_id,
            "eos_token_id": self.tokenizer.eos_token_id,
            "bos_token_id": None,
        }


@dataclass(frozen=True, slots=True)
class Family:
    """A class of models, as users train it.

    Attributes:
        name: In a run's file, and ``model_type`` in a saved model's config, or what stands for it.
        dialect: Of its tokenizer and chat template.
        model: Makes one with the library's own random weights.
        processor: Makes one that leaves pictures of the requested size as they are.
        load: Reads a processor from a folder where one was saved; takes settings by name.
        square: Whether pictures must have as many rows of tokens as columns.
        whole: Whether pictures must consist of whole patches; else what is left over below or right
            of them is not seen.
        even: Whether a patch must have an even side.
    """

    name: str
    dialect: Dialect
    model: Callable[[Request], Any]
    processor: Callable[[Request], Any]
    load: Callable[..., Any]
    square: bool = True
    whole: bool = True
    even: bool = True

    def check(self, shape: Shape, height: int, width: int) -> None:
        """Complains of pictures that such a model cannot see whole.

        Raises:
            TaskError: It names the sizes and what would do.
        """
        patch = shape.patch
        if self.even and patch % 2:
            raise TaskError(f'family "{self.name}" merges 2 x 2 patches; patch {patch} is odd')
        rows, columns = height // patch, width // patch
        if min(rows, columns) < 1 or (self.whole and (height % patch or width % patch)):
            near = [max(1, round(side / patch)) * patch for side in (height, width)]
            raise TaskError(
                f"pictures of {height} x {width} pixels are not whole patches of {patch}; "
                f"give {near[0]} x {near[1]} or another patch"
            )
        if self.square and rows != columns:
            raise TaskError(
                f'a model of family "{self.name}" made from nothing sees squares; pictures of '
                f"{height} x {width} pixels are {rows} x {columns} patches of {patch}"
            )
