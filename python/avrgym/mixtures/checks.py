"""What a mixture must be for rows to be promised: beyond what its values refuse when made."""

import math
from fractions import Fraction

from avrgym._core import TaskError
from avrgym.mixtures.parts import LARGEST, Mixture, Phase

# Parts named in an error before the rest is only counted.
_NAMED = 3


def check_parts(phase: Phase) -> None:
    """Whether each part of a phase has rows: a part that vanishes changes what is trained on.

    Raises:
        TaskError: The size is too small for a part's weight; the message says which, and a size
            that is not.
    """
    counts = phase.counts()
    empty = [part for part, count in zip(phase.parts, counts, strict=True) if not count]
    if not empty:
        return
    names = [
        f"{part.task}/{part.level} as {part.format.name} (weight {part.weight:g})"
        for part in empty[:_NAMED]
    ]
    if more := len(empty) - len(names):
        names.append(f"{more} more of {len(phase.parts)} parts")
    least = _ample(phase)
    size = f"size = {least} or more, " if least <= LARGEST else ""
    raise TaskError(
        f'size {phase.size} of phase "{phase.name}" leaves {", ".join(names)} without rows; '
        f"give {size}a larger weight or a count, or leave it out"
    )


def _ample(phase: Phase) -> int:
    """A size from which on each part has rows; smaller ones may do by rounding."""
    given = sum(part.count or 0 for part in phase.parts)
    weights = [Fraction(part.weight) for part in phase.parts if part.count is None]
    return given + math.ceil(sum(weights) / min(weights))


def check_written(mixture: Mixture) -> None:
    """Whether a mixture can be written down, each row of a phase once, some rows of each part.

    Rationales shrink over all rows that a trainer sees. Of several passes only the first could be
    written, and rationales would stop half-way and begin whole again.

    Raises:
        TaskError: Rationales shrink over a phase of other than one epoch, or a part has no rows.
    """
    for phase in mixture.phases:
        check_parts(phase)
        if mixture.internalise is not None and phase.epochs != 1:
            raise TaskError(
                f'phase "{phase.name}" has epochs = {phase.epochs:g}, and rationales that shrink '
                "over all of them cannot be written with each row once; give it epochs = 1 and "
                f"size = {max(phase.rows, 1)}, or stream it"
            )
