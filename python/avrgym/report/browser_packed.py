"""What the failure browser's page carries, packed: JSON, gzip, base64."""

import base64
import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from avrgym.report.browser_words import Look, Part

#: Turns of a chat: who speaks, what, and whether a picture comes before it.
Turns: TypeAlias = tuple[tuple[str, str, bool], ...]

_SEPARATORS = (",", ":")


def packed(value: Any) -> str:
    """A value as base64 of gzip of JSON; the same bytes for the same value."""
    return _base64(_text(value).encode("utf-8", "replace"))


def unpacked(text: str) -> Any:
    """What was packed."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


@dataclass(frozen=True, slots=True)
class Replies:
    """Replies as they are read, small enough to be kept until it is known which there is room for.

    Attributes:
        looks: How parts look, each once; a part says its number.
        held: By place of the row, its parts: their texts and numbers in turn, as JSON, compressed.
    """

    looks: dict[Look, int] = field(default_factory=dict)
    held: dict[int, bytes] = field(default_factory=dict)

    def add(self, place: int, parts: Sequence[Part]) -> None:
        """Keeps the reply of a row."""
        flat: list[Any] = []
        for part in parts:
            flat += [part.text, self.looks.setdefault(part.look, len(self.looks))]
        self.held[place] = zlib.compress(_text(flat).encode("utf-8", "replace"))

    def size(self, place: int) -> int:
        """About as many characters as the reply takes in the page."""
        return len(self.held[place]) * 4 // 3

    def parts(self, place: int) -> str:
        """The texts and numbers of a reply's parts, as JSON."""
        return zlib.decompress(self.held[place]).decode()

    def read(self, place: int) -> list[Part]:
        """A reply's parts."""
        looks = list(self.looks)
        flat = json.loads(self.parts(place))
        return [Part(text, looks[look]) for text, look in zip(flat[::2], flat[1::2], strict=True)]


@dataclass(frozen=True, slots=True)
class Block:
    """Items that are unpacked together, the same words written once.

    Attributes:
        samples: Question, twin and answer by address.
        prompts: Turns of chats, each once, as JSON.
        items: Of each its sample, then for each reply its prompt and its parts, as JSON.
    """

    samples: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    prompts: dict[str, int] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)

    def add(
        self,
        address: str,
        sample: tuple[str, str, str],
        replies: Sequence[tuple[Turns, str]],
    ) -> None:
        """Adds an item.

        Args:
            address: Of the sample.
            sample: Its question, twin and answer.
            replies: The turns that asked for each, and its parts as JSON.
        """
        self.samples.setdefault(address, sample)
        said = []
        for turns, parts in replies:
            prompt = self.prompts.setdefault(_text(list(turns)), len(self.prompts))
            said.append(f",[{prompt},{parts}]")
        self.items.append(f"[{list(self.samples).index(address)}{''.join(said)}]")

    def packed(self) -> str:
        """The block as the page has it."""
        samples = _text(list(self.samples.values()))
        text = (
            f'{{"samples":{samples},"prompts":[{",".join(self.prompts)}],'
            f'"items":[{",".join(self.items)}]}}'
        )
        return _base64(text.encode("utf-8", "replace"))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=_SEPARATORS)


def _base64(raw: bytes) -> str:
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()
