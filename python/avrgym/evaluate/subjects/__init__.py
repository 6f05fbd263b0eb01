"""Subjects that need no model: what they score says what a figure of a model's is worth.

Each is a file here and a line in ``SUBJECTS``.
"""

from avrgym.evaluate.subjects.blind import blind
from avrgym.evaluate.subjects.guess import guess
from avrgym.evaluate.subjects.majority import majority
from avrgym.evaluate.subjects.oracle import oracle
from avrgym.evaluate.subjects.subject import Subject, luck

__all__ = ["SUBJECTS", "Subject", "luck"]

#: By name.
SUBJECTS: dict[str, Subject] = {
    "oracle": oracle,
    "blind": blind,
    "guess": guess,
    "majority": majority,
}
