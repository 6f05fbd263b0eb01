"""What a model is asked and what it says, wherever it runs."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from avrgym.core.pictures import Picture
from avrgym.prompts.prompt import Prompt

Decoding: TypeAlias = Literal["greedy", "sampled"]
#: What ended a reply: itself, the room that there was, or, for now, the end of a step.
Finish: TypeAlias = Literal["stop", "length", "pause"]


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said.

    Attributes:
        reply: The exact bytes, without those of special tokens.
        ids: The tokens, with the one that ended the reply; none where they are not known.
        finish: ``stop`` where a token ended it, ``length`` where there was no room for more, and
            ``pause`` where one step alone was asked for, and the reply goes on.
        seconds: What it took, of a batch its share; None where nobody looked at a clock.
        counted: How many tokens there are, where that is known and they are not.
        logprob: Sum over its tokens, the ending one too, of their log-probabilities at temperature
            1; None where nobody knows.
    """

    reply: bytes
    ids: tuple[int, ...] = ()
    finish: Finish = "stop"
    seconds: float | None = None
    counted: int | None = None
    logprob: float | None = None

    @property
    def tokens(self) -> int | None:
        """How many tokens it has, None where that is not known."""
        return len(self.ids) or self.counted


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, and which replies to it are wanted.

    Attributes:
        prompt: What is asked.
        picture: How it is drawn, where its format shows a picture.
        decoding: The most likely reply, or ones that are drawn.
        draws: Numbers of the replies; a greedy one is 0.
        temperature: At which they are drawn, where they are.
        top_p: From which share of the likeliest tokens, likewise.
        words: What is asked about the prompt instead of the prompt itself, without a picture.
    """

    prompt: Prompt
    picture: Picture
    decoding: Decoding
    draws: tuple[int, ...] = (0,)
    temperature: float = 1.0
    top_p: float = 1.0
    words: str | None = None


def drawn_at(decoding: str, temperature: float, top_p: float) -> tuple[float, float]:
    """Temperature and share of likeliest tokens as rows and servers say them: greedy is 0 and 1."""
    return (temperature, top_p) if decoding == "sampled" else (0.0, 1.0)
