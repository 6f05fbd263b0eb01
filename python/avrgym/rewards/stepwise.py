"""Points for steps: right ones before the first that is not, each counted once."""

import numpy as np
from numpy.typing import NDArray

from avrgym.core.facts import step_counts
from avrgym.core.verdicts import STATES, Verdicts
from avrgym.rewards.shape import Points

_OK = STATES.index("ok")


def steps(verdicts: Verdicts, thoughts: bool) -> Points:
    """½ · s / max(n, d), and ½ more for a right answer; see :mod:`avrgym.rewards`."""
    asked = list(dict.fromkeys(verdicts.addresses))
    own = dict(zip(asked, step_counts(asked).tolist(), strict=True))
    due = np.array([own[address] for address in verdicts.addresses], np.float64)
    counted = np.ones(len(verdicts.step_state), bool) if thoughts else ~verdicts.step_thought
    made = _per_reply(counted, verdicts.step_offsets)
    # Right, new, and with nothing before it that is not right.
    bad = np.cumsum(counted & (verdicts.step_state != _OK))
    before = np.append(0, bad)[verdicts.step_offsets[:-1]]
    sound = bad == np.repeat(before, np.diff(verdicts.step_offsets))
    right = _per_reply(counted & sound & ~verdicts.step_repeated, verdicts.step_offsets)
    share = right / np.maximum(np.maximum(made + ~verdicts.parsed, due), 1)
    return 0.5 * share + 0.5 * verdicts.correct


def _per_reply(flags: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many flags of each reply are set."""
    return np.diff(np.append(0, np.cumsum(flags))[offsets])
