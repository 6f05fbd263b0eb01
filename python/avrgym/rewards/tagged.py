"""Points for the tags of sections: all that are owed, once each, in order."""

from collections.abc import Sequence

import numpy as np

from avrgym.core.sections import SECTIONS
from avrgym.core.sections import tags as found_in
from avrgym.core.verdicts import Verdicts
from avrgym.rewards.shape import Points


def tags(verdicts: Verdicts, thoughts: bool) -> Points:
    """How many of the tags are there in order, as a share of those owed or found, the more."""
    return order(verdicts.replies, SECTIONS)


def order(replies: Sequence[str | bytes], owed: Sequence[str]) -> Points:
    """The same of n replies that owe some sections, float64 (n,); 0 where none is owed.

    Counted is the longest common subsequence of the tags found and the tags owed. What stands
    between tags is not looked at.
    """
    due = [(name, closes) for name in owed for closes in (False, True)]
    points = np.zeros(len(replies))
    for place, each in enumerate(found_in(replies) if due else []):
        common = [0] * (len(due) + 1)
        for tag in each:
            before = 0
            for at, wanted in enumerate(due, 1):
                above = common[at]
                same = (tag.name, tag.closes) == wanted
                common[at] = before + 1 if same else max(above, common[at - 1])
                before = above
        points[place] = common[-1] / max(len(each), len(due))
    return points
