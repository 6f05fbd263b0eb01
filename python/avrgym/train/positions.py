"""Where the tokens of replies stand in training, so that longer ones are no strangers later."""

from dataclasses import dataclass

from avrgym.core.arguments import whole


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions of the tokens that are imitated; what is generated stands as always.

    A model that imitated replies of n tokens has never seen the positions behind the n-th, and
    fails there whatever it learned. With gaps a reply's tokens stand in order at positions drawn
    from a range that is longer than the reply, as in Ruoss et al. 2023 (arXiv 2305.16843).

    Attributes:
        gaps: How much longer the range is at most: 0 to this, drawn anew for each row.

    Raises:
        TaskError: It is no number from 0 on.
    """

    gaps: int = 0

    def __post_init__(self) -> None:
        whole("positions.gaps", self.gaps, 0, 2**20)
