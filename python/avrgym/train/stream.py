"""Training rows drawn from the core: endless, deterministic, and free of every held-out content.

Which contents are held out :mod:`avrgym.held_out` says, for training as for sources. So no content
that is evaluated can be trained on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image

import avrgym
from avrgym.core.held_out import splits
from avrgym.prompts import views
from avrgym.train.settings import Modality, Pictures

Row: TypeAlias = dict[str, Any]

CHUNK = 256  # samples that cross the boundary to the core at a time


@dataclass(frozen=True, slots=True)
class Diet:
    """Which samples training draws.

    Attributes:
        levels: Drawn from with equal chances.
        seed: Of the drawing and of the samples.
        held_out: One content in so many is never drawn.
        stream: Names the stage, so that stages see different samples.
    """

    task: str
    levels: tuple[str, ...]
    seed: int
    held_out: int
    stream: int


def training_addresses(diet: Diet) -> Iterator[str]:
    """Addresses of split ``train``, levels mixed evenly, held-out contents skipped."""
    rng = np.random.default_rng([diet.seed, diet.stream])
    # Stages draw far-apart stretches of one split: a stage never repeats another's samples.
    index = diet.stream << 32
    while True:
        levels = rng.integers(len(diet.levels), size=CHUNK)
        addresses = [
            f"{diet.task}/{diet.levels[level]}#train:{diet.seed}:{index + i}"
            for i, level in enumerate(levels)
        ]
        index += CHUNK
        belong = splits(avrgym.contents(addresses), diet.held_out)
        yield from (
            address for address, own in zip(addresses, belong, strict=True) if own == "train"
        )


def evaluation_addresses(
    task: str,
    level: str,
    *,
    items: int,
    held_out: int,
    split: Literal["val", "test"] = "test",
    seed: int = 0,
) -> list[str]:
    """Up to ``items`` addresses of one split with distinct, held-out contents.

    Small levels repeat themselves, so the held-out contents themselves are dealt to the two splits:
    what was looked at on ``val`` is never in ``test``. A level with few contents gives fewer: the
    search ends after 40 tries per item asked for.
    """
    found: dict[str, str] = {}
    for start in range(0, 40 * items, CHUNK):
        addresses = [f"{task}/{level}#{split}:{seed}:{start + i}" for i in range(CHUNK)]
        contents = avrgym.contents(addresses)
        belong = splits(contents, held_out)
        for address, content, own in zip(addresses, contents, belong, strict=True):
            if own == split:
                found.setdefault(content, address)
        if len(found) >= items:
            break
    return list(found.values())[:items]


def words(sample: avrgym.Sample, modality: Modality) -> str:
    """What the user's turn says."""
    return views.prompt(sample, modality)


def prompts(addresses: Sequence[str], modality: Modality, pictures: Pictures) -> list[Row]:
    """Chat prompts with their pictures; a text row carries an empty list (``None`` breaks TRL).

    Returns:
        Rows with ``prompt`` (messages), ``images`` (0 or 1 Pillow pictures) and ``address``.
    """
    samples = avrgym.samples(addresses)
    if modality == "text":
        return [
            {
                "prompt": _user([_text(words(sample, "text"))]),
                "images": [],
                "address": sample.address,
            }
            for sample in samples
        ]
    size = (pictures.height, pictures.width)
    drawn = avrgym.render(addresses, size, pictures.theme, insist=pictures.insist)
    return [
        {
            "prompt": _user([{"type": "image"}, _text(words(sample, "image"))]),
            "images": [Image.fromarray(image)],
            "address": sample.address,
        }
        for sample, image in zip(samples, drawn, strict=True)
    ]


def demonstrations(diet: Diet, pictures: Pictures, *, text_share: float) -> Iterator[Row]:
    """Rows for imitation: a prompt, and the worked rationale as its completion."""
    rng = np.random.default_rng([diet.seed, diet.stream, 1])
    addresses = training_addresses(diet)
    while True:
        chunk = [next(addresses) for _ in range(CHUNK)]
        is_text = rng.random(CHUNK) < text_share
        shown = iter(
            prompts([a for a, t in zip(chunk, is_text, strict=True) if not t], "image", pictures)
        )
        told = iter(
            prompts([a for a, t in zip(chunk, is_text, strict=True) if t], "text", pictures)
        )
        for sample, text in zip(avrgym.samples(chunk), is_text, strict=True):
            row = next(told if text else shown)
            yield row | {"completion": [{"role": "assistant", "content": sample.rationale}]}


def exercises(diet: Diet, pictures: Pictures, *, batch: int, text_every: int) -> Iterator[Row]:
    """Rows for reinforcement: batches all of pictures, every ``text_every``-th all of text."""
    addresses = training_addresses(diet)
    number = 0
    while True:
        number += 1
        modality: Modality = "text" if text_every and number % text_every == 0 else "image"
        yield from prompts([next(addresses) for _ in range(batch)], modality, pictures)


def _user(blocks: list[Row]) -> list[Row]:
    return [{"role": "user", "content": blocks}]


def _text(text: str) -> Row:
    return {"type": "text", "text": text}
