"""What subjects have in common: their shape, their luck, and the answers that a level has."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import TypeAlias

from avrgym.core.address import setting_of
from avrgym.core.samples import Sample, samples
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

#: What is random about a reply: a function of the prompt, the seed and the draw alone.
Luck: TypeAlias = Callable[[Prompt], Random]

#: Replies to prompts, in order.
Subject: TypeAlias = Callable[[Sequence[Prompt], Luck], list[str]]

#: Samples of split ``train`` that tell what answers a level has.
LEARNED = 1024


def luck(seed: int, draw: int) -> Luck:
    """The luck of one draw."""

    def of(prompt: Prompt) -> Random:
        said = repr((seed, draw, prompt.address, prompt.format.name, prompt.template)).encode()
        return Random(blake2b(said, digest_size=8).digest())

    return of


def bare(sample: Sample, format: Format) -> str:
    """The shortest reply that is right: the answer alone, or the twin where that is owed."""
    return sample.twin if format.transcribes else f"Answer: {sample.answer}"


def known(prompt: Prompt) -> Counter[str]:
    """How often each bare reply is right in training, on the level of a prompt; never empty."""
    return _known(setting_of(prompt.address), prompt.format.transcribes)


def training(setting: str) -> list[str]:
    """Addresses of a level's samples that subjects learn from."""
    return [f"{setting}#train:0:{index}" for index in range(LEARNED)]


@lru_cache(maxsize=128)
def _known(setting: str, transcribes: bool) -> Counter[str]:
    format = Format("image_to_text" if transcribes else "image")
    return Counter(bare(sample, format) for sample in samples(training(setting)))
