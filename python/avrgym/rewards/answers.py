"""Points for the final answer: right, readable, marked as asked, on the way."""

import numpy as np

from avrgym.core.address import task_of
from avrgym.core.facts import faults, partial
from avrgym.core.verdicts import FORMS, Verdicts
from avrgym.rewards.shape import Points

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
    way, astray = np.zeros(len(verdicts)), np.zeros(len(verdicts), bool)
    tasks = np.array([task_of(address) for address in verdicts.addresses], object)
    for task in dict.fromkeys(tasks.tolist()):
        mine = tasks == task
        way[mine] = np.nan_to_num(verdicts.component(partial(task))[mine])
        for name in faults(task):
            astray[mine] |= np.nan_to_num(verdicts.component(name)[mine]) > 0
    return np.where(verdicts.correct, 1.0, way / np.where(astray, 4, 2))
