"""What a report asks of all rows: who is looked at, and who is compared to whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.table import Table
from avrgym.core.arguments import quoted
from avrgym.evaluate.subjects import SUBJECTS
from avrgym.prompts.format import Format
from avrgym.report.gathered import WHO, Gathered, Subject
from avrgym.report.names import format_name, level_name

#: What lines of tables are told apart by beside level and format, where rows differ in it.
VARIED = ("template", "size", "theme")


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """Rows, and how they are looked at.

    Attributes:
        gathered: All that there is.
        chosen: Which rows of the table are of one decoding for each subject, bool (n,): greedy
            ones where it has any.
        rows: Those rows.
        models: Labels of the subjects that are looked at, in order.
        baselines: Labels of the built-in subjects beside them.
        pairs: (subject, what it is compared to), by their labels.
        varied: Columns of :data:`VARIED` in which rows of a subject and format differ.
        tasks: All that rows are of.
        shown: The format that is looked at first, of the last model: one with a picture, if there
            is any.
    """

    gathered: Gathered
    chosen: NDArray[np.bool_]
    rows: Table
    models: tuple[str, ...]
    baselines: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    varied: tuple[str, ...]
    tasks: tuple[str, ...]
    shown: str

    @property
    def labels(self) -> tuple[str, ...]:
        """Of all subjects: models first, then baselines."""
        return self.models + self.baselines

    @property
    def of(self) -> str:
        """The label of the subject that the page is about: the last model."""
        return self.models[-1]

    @property
    def focus(self) -> tuple[str, str]:
        """The subject and the format that a sentence is about."""
        return self.of, self.shown

    @property
    def focused(self) -> str:
        """The same in words."""
        return f"{self.of}, {format_name(self.shown)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """Columns that tell the lines of a table apart, beside the level."""
        return ("format", *self.varied)

    @property
    def item(self) -> tuple[str, ...]:
        """Columns that tell items apart, which two subjects are compared on."""
        return ("address", "format", "decoding", *self.varied)

    @property
    def left(self) -> Table:
        """Rows of the other decoding, where a subject has both."""
        return self.gathered.table.only(~self.chosen)

    def level(self, name: str) -> str:
        """A level in a table, with its task where there are several."""
        return name if len(self.tasks) > 1 else level_name(name)

    def subject(self, label: str) -> Subject:
        """The subject of a label."""
        return next(each for each in self.gathered.subjects if each.label == label)


def inquire(gathered: Gathered, against: str | None = None) -> Inquiry:
    """What a report asks of rows.

    The built-in subjects are baselines, unless there is nobody else. A stage of a run is compared
    to the one before it and to the start, the last one of each further folder to that of the first;
    everybody to one of them, if that one is named.

    Args:
        gathered: Of one folder or several.
        against: The label of a subject, or the name of a folder, whose last subject is meant.

    Raises:
        TaskError: There is no such subject.
    """
    table = gathered.table
    built = [s for s in gathered.subjects if s.source.settings.get("policy") in SUBJECTS]
    models = [s for s in gathered.subjects if s not in built] or built
    baselines = [s for s in built if s not in models]
    named = None if against is None else _named(gathered.subjects, against)
    chosen = _plain(table)
    return Inquiry(
        gathered,
        chosen,
        table.only(chosen),
        tuple(subject.label for subject in models),
        tuple(subject.label for subject in baselines),
        tuple((a.label, b.label) for a, b in _pairs(models, named)),
        tuple(name for name in VARIED if _varies(table, name)),
        tuple(str(key) for (key,) in table.by("task")[1]) if len(table) else (),
        _first(table.where(who=models[-1].label)) if models else "",
    )


def _named(subjects: Sequence[Subject], against: str) -> Subject:
    found = [subject for subject in subjects if subject.label == against]
    found = found or [subject for subject in subjects if subject.source.name == against]
    if not found:
        known = ", ".join(quoted(subject.label) for subject in subjects) or "none has rows"
        raise TaskError(f"no subject {quoted(against)} to compare to; give one of {known}")
    return found[-1]


def _pairs(models: Sequence[Subject], named: Subject | None) -> list[tuple[Subject, Subject]]:
    if named is not None:
        return [(subject, named) for subject in models if subject is not named]
    found: list[tuple[Subject, Subject]] = []
    first: Subject | None = None
    for source in dict.fromkeys(subject.source for subject in models):
        mine = [subject for subject in models if subject.source is source]
        for place in range(1, len(mine)):
            found.append((mine[place], mine[place - 1]))
            if place > 1:
                found.append((mine[place], mine[0]))
        if first is not None:
            found.append((mine[-1], first))
        first = first or mine[-1]
    return found


def _plain(table: Table) -> NDArray[np.bool_]:
    if not len(table):
        return np.zeros(0, np.bool_)
    greedy = table["decoding"].mapped(lambda name: name == "greedy").numbers() > 0
    who = table[WHO].codes
    has = np.bincount(who[greedy], minlength=len(table[WHO].values)) > 0
    return np.asarray(greedy | ~has[who], np.bool_)


def _varies(table: Table, name: str) -> bool:
    """Whether rows of one subject and format differ in a column."""
    if name not in table.columns:
        return False
    return len(table.by(WHO, "format", name)[1]) > len(table.by(WHO, "format")[1])


def _first(table: Table) -> str:
    """A picture is what models are for; where none was shown, the first of the other formats."""
    names = [str(key) for (key,) in table.by("format")[1]]
    pictured = [name for name in names if Format.parse(name).pictured]
    return (*pictured, *names, "")[0]
