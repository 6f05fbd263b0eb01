"""Which pairs are made of replies to a prompt: of right ones and wrong ones."""

from dataclasses import dataclass
from typing import Literal

from avrgym._core import TaskError
from avrgym.core.arguments import number, whole


@dataclass(frozen=True, slots=True)
class Pairing:
    """How right and wrong replies to a prompt are paired.

    The defaults of ``accuracy`` and ``most`` are those of LLaVA-Reasoner (Zhang et al. 2024, arXiv
    2410.16198), which cuts replies after 90 words.

    Attributes:
        accuracy: Prompts are left out of whose replies a smaller or a larger share is right.
        most: Pairs of a prompt at most, all different.
        cut: ``first_error``: a wrong reply ends behind its first wrong step and stands against the
            right one that shares the longest beginning with it, so that the preference lands on
            that step; ``none``: replies are whole.
        ratio: How many times as long one reply of a pair may be as the other, before any is cut,
            in bytes; 0: any.
        words: Of either reply so many words at most; 0: all.

    Raises:
        TaskError: One of them is out of its range.
    """

    accuracy: tuple[float, float] = (0.25, 0.85)
    most: int = 3
    cut: Literal["first_error", "none"] = "first_error"
    ratio: float = 0.0
    words: int = 0

    def __post_init__(self) -> None:
        low, high = (number("pairs.accuracy", each) for each in self.accuracy)
        if not 0 <= low <= high <= 1:
            raise TaskError(f"pairs.accuracy [{low:g}, {high:g}] is no range of shares, 0 to 1")
        whole("pairs.most", self.most, 1, 2**31 - 1)
        whole("pairs.words", self.words, 0, 2**31 - 1)
        if self.ratio and number("pairs.ratio", self.ratio) < 1:
            raise TaskError(f"pairs.ratio {self.ratio:g} is below 1; give 1 or more, or 0 for any")


#: Everything that can be paired.
EVERY = Pairing(accuracy=(0.0, 1.0), most=2**31 - 1)
