"""Eyes or mind: which skill fails first, and whether what was reasoned supports what is answered.

A row's steps say exactly what was claimed and whether it is true, so none of this is estimated by a
model that judges. It stays an account of what was *said*: a wrong move is one of thinking here,
also where an obstacle was not seen.

What is said inside thoughts (``<think>``) is tried out and taken back, so steps that stand there do
not count unless that is asked for, as in the core's own first errors and in rewards.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.table import Key, Rows, Steps, Table
from avrgym.core.verdicts import REASONS, SKILLS, STATES, Verdicts

#: Skills that say what the scene shows; all others of ``avrgym.SKILLS`` act on it or conclude.
SEEING: tuple[str, ...] = ("locate", "read", "avoid", "transcribe")
#: The others.
THINKING: tuple[str, ...] = tuple(name for name in SKILLS if name not in SEEING)

#: Reasons by which a step names what the scene has not, and what it is that is named.
HALLUCINATIONS: dict[str, str] = {
    "no_such_name": "name",
    "wrong_name": "name",
    "off_grid": "cell",
    "wrong_contents": "contents",
    "wrong_value": "value",
}
#: Reasons by which it does not: what is named is there, and is not what is due, true or derived.
NO_HALLUCINATIONS: tuple[str, ...] = (
    *("", "out_of_order", "extra", "incomplete", "wrong_cell", "wrong_target", "wrong_origin"),
    *("obstacle", "wrong_check", "wrong_retrace", "wrong_relation", "wrong_domain"),
    *("wrong_conclusion", "after_error"),
)

_OK, _WRONG = STATES.index("ok"), STATES.index("wrong")
_UNSUPPORTED = STATES.index("unsupported")
_SEES = np.array([name in SEEING for name in SKILLS])
_CONCLUDE = SKILLS.index("conclude")
_VALUE = REASONS.index("wrong_value")


@dataclass(frozen=True, slots=True)
class FirstErrors:
    """Shares of replies by the first step of theirs that is wrong; the three sum to 1.

    Attributes:
        seeing: It is one of seeing.
        thinking: It is one of thinking.
        none: No step is wrong.
        skills: By the skill of that step, those that occur.
        reasons: By its skill and reason, those that occur.
    """

    seeing: Estimate
    thinking: Estimate
    none: Estimate
    skills: dict[str, Estimate]
    reasons: dict[tuple[str, str], Estimate]


@dataclass(frozen=True, slots=True)
class Support:
    """Shares of replies by answer and reasons; they sum to 1.

    Reasons are all steps but the final answer. They are right where each is ``ok`` and the answer
    is not ``unsupported`` by them; of a wrong answer they may be right and stop short.

    Attributes:
        right_for_right: Right for right reasons.
        right_for_wrong: Right, and a step before is not, or the answer does not follow.
        wrong_after_right: Wrong behind steps that are all right.
        wrong_after_wrong: Wrong behind a step that is not right.
        right_unreasoned: Right, and nothing else was claimed.
        wrong_unreasoned: Wrong, and nothing else was claimed.
        unanswered: No answer could be read.
    """

    right_for_right: Estimate
    right_for_wrong: Estimate
    wrong_after_right: Estimate
    wrong_after_wrong: Estimate
    right_unreasoned: Estimate
    wrong_unreasoned: Estimate
    unanswered: Estimate


@dataclass(frozen=True, slots=True)
class Hallucinated:
    """Steps that name what the scene has not.

    Attributes:
        replies: Share of replies with such a step.
        steps: Share of steps.
        kinds: Share of replies by what is named: ``name``, ``cell``, ``contents``, ``value``.
    """

    replies: Estimate
    steps: Estimate
    kinds: dict[str, Estimate]


def blamed(verdicts: Verdicts) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whose first wrong step is one of seeing, and whose one of thinking, bool (n,) each.

    Args:
        verdicts: Of n replies; steps inside thoughts do not count.
    """
    first = verdicts.first_error
    there = first >= 0
    sees = np.zeros(len(first), np.bool_)
    at = verdicts.step_offsets[:-1][there] + first[there]
    sees[there] = _SEES[verdicts.step_skill[at]]
    return sees, there & ~sees


def first_errors(rows: Rows, *by: str, thoughts: bool = False) -> dict[Key, FirstErrors]:
    """Where replies go wrong first, by columns.

    Args:
        rows: Of results, with steps.
        by: Names of columns, e.g. ``stage``, ``level``, ``format``.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, FirstErrors] = {}
    for key, mine in Table.of(rows).groups(*by):
        steps = mine.steps.counted(thoughts)
        first = first_wrong(steps)
        there = first >= 0
        skill = np.where(there, np.append(steps.skill, 0)[first], 255)
        reason = np.where(there, np.append(steps.reason, 0)[first], 255)
        sees = there & np.append(_SEES, False)[np.minimum(skill, len(SKILLS))]
        flags = {"seeing": sees, "thinking": there & ~sees, "none": ~there}
        pairs = sorted({(int(s), int(r)) for s, r in zip(skill[there], reason[there], strict=True)})
        found[key] = FirstErrors(
            **{name: share(each, mine.problems) for name, each in flags.items()},
            skills={
                SKILLS[s]: share(skill == s, mine.problems) for s in sorted({s for s, _ in pairs})
            },
            reasons={
                (SKILLS[s], REASONS[r]): share((skill == s) & (reason == r), mine.problems)
                for s, r in pairs
            },
        )
    return found


def first_wrong(steps: Steps) -> NDArray[np.int64]:
    """Index among all steps of the first wrong one of each reply, int64 (n,), -1 for none."""
    return _first(steps.state == _WRONG, steps.offsets)


def given_right(rows: Rows, *by: str, thoughts: bool = False) -> dict[Key, dict[str, Estimate]]:
    """How often each skill is right where all before it in the reply is, by columns.

    Counted are steps with nothing but ``ok`` steps before them that are themselves right or wrong;
    those that cannot be judged (``unsupported``) are not.

    Args:
        rows: Of results, with steps.
        by: Names of columns.
        thoughts: Whether steps inside thoughts count as well.

    Returns:
        By group, by skill, those that occur; n is the number of steps.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, dict[str, Estimate]] = {}
    for key, mine in Table.of(rows).groups(*by):
        steps = mine.steps.counted(thoughts)
        counted = judged(steps)
        problems = mine.problems[steps.owner]
        found[key] = {}
        for skill, name in enumerate(SKILLS):
            these = counted & (steps.skill == skill)
            if these.any():
                found[key][name] = share(steps.state[these] == _OK, problems[these])
    return found


def judged(steps: Steps) -> NDArray[np.bool_]:
    """Which steps count where all before them has to be right, bool (s,).

    Those that are right or wrong themselves, and have nothing but ``ok`` steps before them.
    """
    return np.asarray(steps.sound & (steps.state != _UNSUPPORTED), np.bool_)


def trials(table: Table, *, thoughts: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps of each reply with nothing but right ones before them: right ones, and those judged.

    Args:
        table: Of n rows.
        thoughts: Whether steps inside thoughts count as well.

    Returns:
        Two of int64 (n, skills), in the order of ``avrgym.SKILLS``.
    """
    steps = table.steps.counted(thoughts)
    counted = judged(steps)
    cell = steps.owner * len(SKILLS) + steps.skill
    size = len(table) * len(SKILLS)
    right = np.bincount(cell[counted & (steps.state == _OK)], minlength=size)
    return (
        right.reshape(len(table), len(SKILLS)),
        np.bincount(cell[counted], minlength=size).reshape(len(table), len(SKILLS)),
    )


def support(rows: Rows, *by: str, thoughts: bool = False) -> dict[Key, Support]:
    """Whether the reasoning supports the answer, by columns.

    Args:
        rows: Of results, with steps.
        by: Names of columns.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: The rows lack a column.
    """
    found: dict[Key, Support] = {}
    for key, mine in Table.of(rows).groups(*by):
        steps = mine.steps.counted(thoughts)
        last = np.zeros(len(steps.skill), bool)
        last[steps.offsets[1:][steps.counts > 0] - 1] = True
        answer = last & (steps.skill == _CONCLUDE)
        reasoned = steps.per_reply(~answer) > 0
        bad = (~answer & (steps.state != _OK)) | (answer & (steps.state == _UNSUPPORTED))
        sound = steps.per_reply(bad) == 0
        right = mine.correct
        answered = right | (mine["parsed"].numbers() > 0)
        each = (
            right & reasoned & sound,
            right & reasoned & ~sound,
            ~right & answered & reasoned & sound,
            ~right & answered & reasoned & ~sound,
            right & ~reasoned,
            ~right & answered & ~reasoned,
            ~answered,
        )
        found[key] = Support(*(share(flags, mine.problems) for flags in each))
    return found


def hallucinations(rows: Rows, *by: str, thoughts: bool = False) -> dict[Key, Hallucinated]:
    """Names, cells, contents and values that were named and are not there, by columns.

    Which reasons say so stands in :data:`HALLUCINATIONS`; a value counts where it is said to be
    seen, since one that was worked out (a sum) is no part of the scene.

    Args:
        rows: Of results, with steps.
        by: Names of columns.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: The rows lack a column.
    """
    kinds = list(dict.fromkeys(HALLUCINATIONS.values()))
    kind_of = np.array(
        [kinds.index(HALLUCINATIONS[name]) if name in HALLUCINATIONS else -1 for name in REASONS]
    )
    found: dict[Key, Hallucinated] = {}
    for key, mine in Table.of(rows).groups(*by):
        steps = mine.steps.counted(thoughts)
        kind = kind_of[steps.reason]
        kind = np.where((steps.reason == _VALUE) & ~_SEES[steps.skill], -1, kind)
        made = steps.per_reply(kind >= 0)
        found[key] = Hallucinated(
            share(made > 0, mine.problems),
            share(kind >= 0, mine.problems[steps.owner]),
            {
                name: share(steps.per_reply(kind == place) > 0, mine.problems)
                for place, name in enumerate(kinds)
            },
        )
    return found


def _first(flags: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index among all steps of the first that is flagged in each reply, -1 for none."""
    flagged = np.flatnonzero(flags)
    place = np.searchsorted(flagged, offsets[:-1])
    at = np.append(flagged, offsets[-1])[place]
    return np.where(at < offsets[1:], at, -1)
