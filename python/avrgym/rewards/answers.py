"""Points for the final answer: right, readable, marked as asked, on the way."""

from collections.abc import Mapping

import numpy as np

from avrgym.core.address import task_of
from avrgym.core.verdicts import FORMS, Verdicts
from avrgym.rewards.shape import Points

#: What counts as being on the way: by task, a component of its verdicts.
PARTIAL: Mapping[str, str] = {
    "consecutive_table_readout": "prefix",
    "table_readout": "prefix",
    "grid_navigation": "closeness",
    "visual_analogy": "relation",
}

#: Components that say, if above 0, that the answer itself went wrong on the way.
FAULTS: tuple[str, ...] = ("hits", "left_grid")

#: Forms of an answer that are asked for; the others are weaker.
MARKED: tuple[str, ...] = ("line", "tag", "boxed")

_MARKED = [FORMS.index(form) for form in MARKED]


def correctness(verdicts: Verdicts, thoughts: bool) -> Points:
    """1 for a right final answer, else 0."""
    return verdicts.correct.astype(np.float64)


def format(verdicts: Verdicts, thoughts: bool) -> Points:
    """½ if one answer can be read and is marked as asked, 1 if it is right as well."""
    marked = verdicts.parsed & np.isin(verdicts.form, _MARKED)
    return marked * (0.5 + 0.5 * verdicts.correct)


def progress(verdicts: Verdicts, thoughts: bool) -> Points:
    """1 for a right answer, else half of what is gained on the way, halved again by a fault."""
    way = np.zeros(len(verdicts))
    tasks = np.array([task_of(address) for address in verdicts.addresses], object)
    for task, name in PARTIAL.items():
        if np.any(mine := tasks == task):
            way[mine] = np.nan_to_num(verdicts.component(name)[mine])
    astray = np.zeros(len(verdicts), bool)
    for name in FAULTS:
        astray |= np.nan_to_num(verdicts.component(name)) > 0
    return np.where(verdicts.correct, 1.0, way / np.where(astray, 4, 2))
