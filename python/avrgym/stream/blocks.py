"""A shuffle that needs no buffer: rows change places within blocks, as a function of the index."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.arguments import quoted
from avrgym.mixtures import Phase
from avrgym.mixtures.parts import LARGEST
from avrgym.mixtures.permutation import key, shuffled


def check(phase: Phase, block: int | None, seed: int) -> None:
    """Whether a phase can be shuffled in blocks of so many rows; None shuffles nothing.

    Raises:
        TaskError: A block has no rows, or would break a run of one modality; or the seed is none.
    """
    if type(seed) is not int:
        raise TaskError(f"shuffle_seed {quoted(seed)} is no seed; give a whole number")
    if block is None:
        return
    if type(block) is not int or not 1 <= block <= LARGEST:
        said = quoted(block)
        raise TaskError(f"shuffle_blocks {said} is no number of rows; give 1 or more, or None")
    whole(phase, "shuffle_blocks", block)


def whole(phase: Phase, name: str, block: int) -> None:
    """Whether blocks of so many rows have whole runs of one modality.

    Raises:
        TaskError: They break some; the message names the nearest numbers that do not.
    """
    run = phase.batch if phase.in_runs else 1
    if block % run:
        near = " or ".join(
            str(rows) for rows in (block - block % run, block + -block % run) if rows
        )
        raise TaskError(
            f'{name} {block} would break runs of phase "{phase.name}", whose batch is {run}; '
            f"give {near}, or another multiple of it"
        )


def moved(indices: Sequence[int], phase: Phase, block: int, seed: int) -> list[int]:
    """Which row of a phase comes at each index.

    Each ``block`` rows of a pass keep their places among blocks and change them among each other;
    in a phase of runs whole runs do, and rows within a run.

    Args:
        indices: From 0 on.
        phase: Whose rows.
        block: Rows to a block; of a pass the last block has what is left.
        seed: Which shuffle.
    """
    at = np.array(indices, np.int64)
    run = phase.batch if phase.in_runs else 1
    turns, places = np.divmod(at, phase.size)
    runs, within = np.divmod(places, run)
    first = places // block * block // run  # of its block, the first run
    last = np.minimum(first + block // run, phase.size // run)
    found = at.copy()
    for turn, start, stop in np.unique(np.stack([turns, first, last]), axis=1).T.tolist():
        here = (turns == turn) & (first == start)
        name = f"{seed}\0{turn}\0{start}"
        taken = start + _permuted(runs[here] - start, stop - start, name, "block")
        rows = within[here]
        if run > 1:
            rows = rows.copy()
            for each in np.unique(taken).tolist():
                mine = taken == each
                rows[mine] = _permuted(rows[mine], run, f"{seed}\0{turn}\0{each}", "run")
        found[here] = turn * phase.size + taken * run + rows
    rows_there: list[int] = found.tolist()
    return rows_there


def _permuted(at: NDArray[np.int64], size: int, name: str, purpose: str) -> NDArray[np.int64]:
    return shuffled(at.astype(np.uint64), size, key(name, purpose))
