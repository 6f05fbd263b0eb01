"""What judges learn from: replies with a label for each step.

Labels of replies that were drawn are the verifier's. Others are given, such as those of rationales
that were corrupted on purpose, or shares of continuations that came out right.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.verdicts import SKILLS
from avrgym.evaluate.results import said
from avrgym.models.completion import Completion, Finish
from avrgym.prm.spans import spans
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

_LABELS = {"ok": 1.0, "wrong": 0.0, "unsupported": None}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply with its labels.

    Attributes:
        prompt: What was asked.
        reply: The exact bytes.
        ends: One past the last byte of each step, in the order of the reply, above 0.
        labels: Of each step, 1 if it is right, 0 if it is wrong; shares between are soft labels,
            None where nobody knows, which is not learned from.
        ids: The reply's tokens with the one that ended it; none where they are not known.
        skills: Of each step, of ``avrgym.SKILLS``; none where they are not known.
        right: Whether the reply is what was asked for; None where that is not known.
        finish: ``length`` where the reply was cut.

    Raises:
        TaskError: Labels are not one a step, a label is no share, or a step ends outside the reply.
    """

    prompt: Prompt
    reply: bytes
    ends: tuple[int, ...]
    labels: tuple[float | None, ...]
    ids: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()
    right: bool | None = None
    finish: Finish = "stop"

    def __post_init__(self) -> None:
        steps = len(self.ends)
        if len(self.labels) != steps or len(self.skills) not in (0, steps):
            raise TaskError(
                f"a reply of {steps} steps has {len(self.labels)} labels and {len(self.skills)} "
                "skills; give one a step"
            )
        for label in self.labels:
            if label is not None and not 0 <= label <= 1:
                raise TaskError(f"label {label} is no share; give 0 (wrong) to 1 (right), or None")
        for end in self.ends:
            if not 0 < end <= len(self.reply):
                raise TaskError(f"a step ends at byte {end} of a reply of {len(self.reply)} bytes")

    @property
    def first_error(self) -> int:
        """Index of the first step that is wrong rather than not, -1 for none."""
        known = enumerate(self.labels)
        return next((at for at, label in known if label is not None and label < 0.5), -1)

    @property
    def completion(self) -> Completion:
        """The reply as scorers take it."""
        return Completion(self.reply, self.ids, self.finish)

    def line(self) -> dict[str, Any]:
        """Plain values by name, as JSON holds them; the bytes in hexadecimal."""
        return {
            "address": self.prompt.address,
            "format": self.prompt.format.name,
            "template": self.prompt.template,
            "bytes": self.reply.hex(),
            "ends": list(self.ends),
            "labels": list(self.labels),
            "ids": list(self.ids),
            "skills": list(self.skills),
            "right": self.right,
            "finish": self.finish,
        }

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> "Labelled":
        """What :meth:`line` made plain."""
        held = {name: tuple(line[name]) for name in ("ends", "labels", "ids", "skills")}
        prompt = Prompt(line["address"], Format.parse(line["format"]), line["template"])
        reply = bytes.fromhex(line["bytes"])
        return cls(prompt, reply, right=line["right"], finish=line["finish"], **held)


def of_completions(prompts: Sequence[Prompt], replies: Sequence[Completion]) -> list[Labelled]:
    """Replies as a policy gave them, labelled by the verifier in one call.

    Raises:
        TaskError: An address names nothing, or the lengths differ.
    """
    found = spans(prompts, [each.reply for each in replies])
    cuts = found.offsets.tolist()
    told = zip(found.ok.tolist(), found.judged.tolist(), strict=True)
    labels = [float(ok) if known else None for ok, known in told]
    return [
        Labelled(
            prompt,
            said.reply,
            tuple(found.ends[cuts[at] : cuts[at + 1]].tolist()),
            tuple(labels[cuts[at] : cuts[at + 1]]),
            said.ids,
            tuple(SKILLS[code] for code in found.skill[cuts[at] : cuts[at + 1]]),
            bool(found.right[at]),
            said.finish,
        )
        for at, (prompt, said) in enumerate(zip(prompts, replies, strict=True))
    ]


def of_rows(rows: Iterable[Mapping[str, Any]]) -> list[Labelled]:
    """Rows of ``avrgym evaluate`` or of a run's results, by the verdicts that they hold.

    Nothing is judged again. Tokens are taken from a column ``ids`` where rows have it.

    Raises:
        KeyError: A row lacks what all have.
        TaskError: A format is unknown.
    """
    found = []
    for row in rows:
        # Older rows do not say what is thought, which is taken as said aloud.
        aloud = [step for step in row["steps"] if not (*step, False)[5]]
        found.append(
            Labelled(
                Prompt(row["address"], Format.parse(row["format"]), row.get("template") or "plain"),
                said(row),
                tuple(step[1] for step in aloud),
                tuple(_LABELS[step[3]] for step in aloud),
                tuple(row.get("ids") or ()),
                tuple(step[2] for step in aloud),
                row["correct"],
                row["finish"],
            )
        )
    return found


def balanced(
    rows: Sequence[Labelled], count: int, seed: int, balance: float = 0.5
) -> NDArray[np.int64]:
    """An order in which rows are learned, some more often than others.

    Rows are alike that are of one level and have their first error at one place and of one skill.
    Groups of n such rows get shares in proportion to n ** (1 - balance): at 0 every row is as
    frequent as any, at 1 every group is. Within a group no row comes again before all have come.

    Args:
        rows: 1 or more.
        count: How many are wanted.
        seed: Of the order.
        balance: 0 to 1.

    Returns:
        Indices of rows, int64 (count,).
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, row in enumerate(rows):
        first = row.first_error
        skill = row.skills[first] if row.skills and first >= 0 else ""
        groups.setdefault((setting_of(row.prompt.address), first, skill), []).append(at)
    rng = np.random.default_rng(seed)
    wanted = np.array([len(each) for each in groups.values()], float) ** (1 - balance)
    upto = np.cumsum(wanted) * (count / wanted.sum())
    # Rounded sums, so that shares add up to what is wanted.
    sizes = np.diff(np.rint(upto).astype(np.int64), prepend=0)
    drawn = [
        np.concatenate([rng.permutation(each) for _ in range(math.ceil(size / len(each)))])[:size]
        for each, size in zip(groups.values(), sizes.tolist(), strict=True)
        if size
    ]
    whole = np.concatenate(drawn) if drawn else np.empty(0)
    return rng.permutation(whole.astype(np.int64))
