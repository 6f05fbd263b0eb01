"""Verdicts as rewards, in the shape TRL calls them: policy, where verdicts are facts.

TRL passes every dataset column by name, so a dataset that carries ``address`` is judged by it
alone: no answer key travels with the prompt, and none can leak into it. A column ``format`` says
which reply is owed: behind ``image_to_text`` the twin and no answer, behind ``-direct`` no steps.
Without it an answer is owed. Each function judges its batch in one call into the core;
:func:`weighted` judges once for several.

==============  ==================================================================================
name            points for one reply
==============  ==================================================================================
correctness     1 if the final answer is right, else 0
format          ½ if one answer can be read and is marked as asked, 1 if it is right as well
steps           ½ · s / max(n, d), and ½ more if the answer is right; s: right steps before the
                first that is not, each counted once; n: steps in the reply, repetitions and a
                missing answer among them; d: steps in the sample's own rationale
progress        1 if the answer is right, else ½ · c, halved again by a fault of the answer; c: the
                component that the task names as partial credit (``core.facts``), 0 to 1
transcription   how much more of the twin's words stand at their place than the level's most
                common words would have right, 0 to 1; for formats ``image_to_text``, of a reply's
                first lines ``image_via_text``, and of its one section ``<transcribe>``
                ``structured``
tags            how many of the tags owed are there in order, as a share of those owed or of those
                in the reply, whichever are more; for format ``structured``
==============  ==================================================================================

Of a transcript (``image_to_text``) every reward pays 1 if it is the whole twin; else ``steps`` and
``progress`` pay half of what ``transcription`` does, ``format`` ½ for the twin's lines with as many
words, ``correctness`` 0. Of an answer alone (``-direct``) ``steps`` is ``correctness``.

No reward can be bought: whatever a reply says, one whose answer is wrong earns less than any whose
answer is right and whose rationale is whole, a right answer never earns less than the same words
with a wrong one, and what one constant reply earns is in ``docs/results/constants.md``, bounded.
``tags`` alone looks at no contents, so that a constant reply earns all of it: give it little
weight, beside others. It pays nothing in formats without tags, and where the format is not known it
wants all four sections.
Steps inside thoughts count only where that is asked for.
"""

from collections.abc import Sequence

from avrgym.rewards.answers import MARKED
from avrgym.rewards.owed import Formats, right
from avrgym.rewards.registry import (
    POLICIES,
    REWARDS,
    Weighted,
    paid,
    score,
    weighted,
    weights,
)
from avrgym.rewards.shape import Completion, Points, Policy, Reward, replies, reply
from avrgym.rewards.transcripts import REFERENCES

__all__ = [
    "MARKED",
    "POLICIES",
    "REFERENCES",
    "REWARDS",
    "Completion",
    "Formats",
    "Points",
    "Policy",
    "Reward",
    "Weighted",
    "correctness",
    "format",
    "progress",
    "replies",
    "reply",
    "right",
    "score",
    "steps",
    "tags",
    "transcription",
    "weighted",
    "weights",
]


def correctness(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: 1 for a right final answer, else 0; see :class:`Reward`."""
    return paid("correctness", completions, address, format)


def format(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: ½ if one answer can be read and is marked as asked, 1 if it is right too.

    See :class:`Reward`. Its use is early: give it little weight, it says little of the task.
    """
    return paid("format", completions, address, format)


def steps(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: ½ · s / max(n, d), and ½ more for a right answer; see :class:`Reward`.

    s counts the right steps before the first that is wrong or unsupported, each once; n all steps
    of the reply, one more if it gives no answer; d those of the sample's own rationale. What is
    said again is length and earns nothing, and no reply that fails earns ½.
    """
    return paid("steps", completions, address, format)


def progress(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: 1 for a right answer, else ½ · c, halved again by a fault; see :class:`Reward`.

    c is the component that the task names as partial credit (:func:`avrgym.core.facts.partial`):
    how much of a list is right from its start, how much nearer to its destination a walk ends than
    it began. Faults (:func:`avrgym.core.facts.faults`), such as an obstacle entered, are the
    answer's own: what a rationale says on the way costs nothing here.
    """
    return paid("progress", completions, address, format)


def transcription(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: the share of the twin's words at their place, corrected for chance.

    See :class:`Reward`: 1 for the twin, 0 for what the words most common in the setting get right.
    """
    return paid("transcription", completions, address, format)


def tags(
    completions: Sequence[Completion],
    address: Sequence[str],
    *,
    format: Formats = None,
    **columns: object,
) -> list[float]:
    """Points: the share of the tags of sections that are there, once each and in order.

    See :class:`Reward`. The longest common subsequence of tags found and owed, over the more of the
    two; what stands between tags changes nothing, and tags in thoughts are none.
    """
    return paid("tags", completions, address, format)
