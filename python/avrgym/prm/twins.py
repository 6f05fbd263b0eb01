"""Does a judge see? Steps that differ in one fact alone, of which one is right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate, share
from avrgym.analyses.skills import SEEING
from avrgym.core.corruption import corrupted
from avrgym.core.facts import steps
from avrgym.core.samples import samples
from avrgym.core.verdicts import SKILLS, verify
from avrgym.models.completion import Completion
from avrgym.prm.scorer import Scorer
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

#: A judge that tells fewer of seeing twins apart is said to judge text.
SEES = 0.9


@dataclass(frozen=True, slots=True)
class Twins:
    """A rationale up to a line of its, and the same with one word of one step there replaced.

    Attributes:
        prompt: What was asked.
        right: As it is.
        wrong: With the word.
        ends: One past the last byte of the step, in either.
        skill: Of the step.
    """

    prompt: Prompt
    right: bytes
    wrong: bytes
    ends: tuple[int, int]
    skill: str


def twins(
    addresses: Sequence[str],
    format: Format,
    *,
    skills: Sequence[str] = SKILLS,
    seed: int = 0,
    template: str = "plain",
) -> list[Twins]:
    """Twins of the rationales of samples, one each at most.

    What is said before is the same and right, and so is what is asked; the words of both are as
    many. So who cannot see can only tell them apart by what is likely.

    Args:
        addresses: Samples.
        format: In which they are asked.
        skills: Of which steps may be; each that a rationale has is as likely as any.
        seed: Of the draws.
        template: How prompts are worded.

    Raises:
        TaskError: An address names nothing, or there is no such skill.
    """
    made = [
        each
        for each in corrupted(addresses, kinds=["fact"], skills=skills, seed=seed)
        if each is not None
    ]
    asked = [each.address for each in made]
    found = []
    for each, sample, own in zip(made, samples(asked), steps(asked), strict=True):
        right, wrong = sample.rationale.encode(), each.reply.encode()
        end, more = own[each.step].end, len(wrong) - len(right)
        line = right.find(b"\n", end)
        line = len(right) if line < 0 else line
        prompt = Prompt(each.address, format, template)
        ends = end, end + more
        found.append(Twins(prompt, right[:line], wrong[: line + more], ends, each.skill))
    return [each for each, plain in zip(found, _plainly(found), strict=True) if plain]


def _plainly(pairs: Sequence[Twins]) -> list[bool]:
    """Whether the step itself is the first error, and not what follows from it."""
    judged = verify([each.prompt.address for each in pairs], [each.wrong for each in pairs])
    first = np.where(judged.first_error < 0, 0, judged.first_error) + judged.step_offsets[:-1]
    ends = np.append(judged.step_end, -1)[np.minimum(first, len(judged.step_end))]
    return [
        bool(wrong and end == each.ends[1])
        for each, wrong, end in zip(pairs, judged.first_error >= 0, ends, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """How many twins a judge tells apart: the share whose right step scores higher, ties half.

    Attributes:
        all: Of all twins; one half is chance.
        seeing: Of steps of seeing.
        thinking: Of the others.
        skills: By skill.
    """

    all: Estimate
    seeing: Estimate
    thinking: Estimate
    skills: dict[str, Estimate]

    @property
    def sees(self) -> bool:
        """Whether it tells steps of seeing apart, ``SEES`` of them or more."""
        return self.seeing.value >= SEES


def twin_test(scorer: Scorer, pairs: Sequence[Twins]) -> Told:
    """How many twins a judge tells apart.

    Args:
        scorer: Of steps.
        pairs: See :func:`twins`.

    Raises:
        TaskError: The scorer says nothing of steps.
    """
    prompts = [each.prompt for each in pairs]
    sides = [
        scores_at(scorer, prompts, replies, [each.ends[side] for each in pairs])
        for side, replies in enumerate(
            ([each.right for each in pairs], [each.wrong for each in pairs])
        )
    ]
    told = np.where(sides[0] == sides[1], 0.5, sides[0] > sides[1]).astype(np.float64)
    skill = np.array([each.skill for each in pairs], dtype=object)
    sees = np.isin(skill, SEEING)
    return Told(
        share(told),
        share(told[sees]),
        share(told[~sees]),
        {name: share(told[skill == name]) for name in SKILLS if np.any(skill == name)},
    )


def scores_at(
    scorer: Scorer, prompts: Sequence[Prompt], replies: Sequence[bytes], ends: Sequence[int]
) -> NDArray[np.float64]:
    """The score of one step of each reply, float64 (n,); 0 where the judge finds no such step.

    Args:
        scorer: Of steps.
        prompts: What was asked, n of them.
        replies: What was said.
        ends: Where the step ends, in bytes.

    Raises:
        TaskError: The scorer says nothing of steps.
    """
    said = scorer.scores(prompts, [Completion(reply, finish="length") for reply in replies])
    at = np.flatnonzero(said.ends == np.asarray(ends, np.int64)[said.owner])
    found = np.zeros(len(replies))
    found[said.owner[at]] = said.score[at]
    if np.isnan(found).any():
        raise TaskError(
            "this judge says nothing of steps, only of whole replies, and twins are steps; give "
            "one with a head for steps"
        )
    return found
