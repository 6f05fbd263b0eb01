"""Verdicts as rewards, in the shape TRL calls them: policy, where verdicts are facts.

TRL passes every dataset column by name, so a dataset that carries ``address`` is judged by it
alone: no answer key travels with the prompt, and none can leak into it. Each function judges its
batch in one call into the core; :func:`weighted` judges once for several.

==============  ==================================================================================
name            points for one reply
==============  ==================================================================================
correctness     1 if the final answer is right, else 0
format          ½ if one answer can be read and is marked as asked, 1 if it is right as well
steps           ½ · s / max(n, d), and ½ more if the answer is right; s: right steps before the
                first that is not, each counted once; n: steps in the reply, repetitions and a
                missing answer among them; d: steps in the sample's own rationale
progress        1 if the answer is right, else ½ · c, halved again by a fault of the answer in
                ``FAULTS``; c: the component in ``PARTIAL`` (0 to 1)
transcription   how much more of the twin's words stand at their place than the level's most
                common words would have right, 0 to 1; for view ``image_to_text``
==============  ==================================================================================

No reward can be bought: whatever a reply says, one whose answer is wrong earns less than any whose
answer is right and whose rationale is whole, a right answer never earns less than the same words
with a wrong one, and what one constant reply earns is in ``docs/results/constants.md``, bounded.
Steps inside thoughts count only where that is asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.samples import samples
from avrgym.verdicts import FORMS, STATES, Verdicts, verify

Completion: TypeAlias = str | bytes | Sequence[Mapping[str, Any]]
Points: TypeAlias = NDArray[np.float64]
Words: TypeAlias = list[list[str]]
T = TypeVar("T")

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

#: Samples of a setting that tell what is common to all its twins.
REFERENCES = 32

_OK = STATES.index("ok")
_MARKED = [FORMS.index(form) for form in MARKED]


class Reward(Protocol):
    """What TRL calls: one score a completion, in order."""

    __name__: str

    def __call__(
        self, completions: Sequence[Completion], address: Sequence[str], **columns: object
    ) -> list[float]:
        """Scores completions.

        Args:
            completions: What was said, strings or message lists, n of them.
            address: What was asked, n of them.
            **columns: Whatever else TRL passes; ignored.

        Raises:
            TaskError: The lengths differ, or an address names nothing.
        """
        ...


def reply(completion: Completion) -> str | bytes:
    """The words of a completion: of a message list, the last message's."""
    if isinstance(completion, str | bytes):
        return completion
    content = completion[-1].get("content") if completion else None
    if isinstance(content, str):
        return content
    blocks = content or []
    return "".join(block.get("text") or "" for block in blocks if block.get("type") == "text")


def _correctness(verdicts: Verdicts, thoughts: bool) -> Points:
    return verdicts.correct.astype(np.float64)


def _format(verdicts: Verdicts, thoughts: bool) -> Points:
    marked = verdicts.parsed & np.isin(verdicts.form, _MARKED)
    return marked * (0.5 + 0.5 * verdicts.correct)


def _steps(verdicts: Verdicts, thoughts: bool) -> Points:
    asked = list(dict.fromkeys(verdicts.addresses))
    own = dict(zip(asked, _core.step_counts(asked).tolist(), strict=True))
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


def _progress(verdicts: Verdicts, thoughts: bool) -> Points:
    way = np.zeros(len(verdicts))
    tasks = np.array([address.partition("/")[0] for address in verdicts.addresses], object)
    for task, name in PARTIAL.items():
        if np.any(mine := tasks == task):
            way[mine] = np.nan_to_num(verdicts.component(name)[mine])
    astray = np.zeros(len(verdicts), bool)
    for name in FAULTS:
        astray |= np.nan_to_num(verdicts.component(name)) > 0
    return np.where(verdicts.correct, 1.0, way / np.where(astray, 4, 2))


def _transcription(verdicts: Verdicts, thoughts: bool) -> Points:
    twins = {address: "" for address in verdicts.addresses}
    for address, sample in zip(twins, samples(twins), strict=True):
        twins[address] = sample.twin
    pairs = zip(verdicts.replies, verdicts.addresses, strict=True)
    return np.array(
        [_likeness(said, twins[of], _common(of.partition("#")[0])) for said, of in pairs],
        np.float64,
    )


def _likeness(said: str | bytes, twin: str, common: Words) -> float:
    """Share of words at their place, corrected for chance as Cohen's kappa is (1960, eq. 1).

    Chance gets right of a twin what the words most common in its setting do, so those earn nothing.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    wanted = _words(twin)
    chance = _agreement(common, wanted)
    agreement = _agreement(_words(text), wanted)
    # Where all twins are one, there is nothing to see and nothing to earn but the whole.
    return (
        max(agreement - chance, 0.0) / (1.0 - chance) if chance < 1.0 else float(agreement == 1.0)
    )


def _words(text: str) -> Words:
    return [line.split() for line in text.strip().splitlines()]


def _agreement(given: Words, wanted: Words) -> float:
    """Words at their place in their line, as a share of the longer text's words."""
    agree = sum(
        word == other
        for line, due in zip(given, wanted, strict=False)
        for word, other in zip(line, due, strict=False)
    )
    return agree / max(sum(map(len, given)), sum(map(len, wanted)), 1)


@lru_cache(maxsize=1024)
def _common(setting: str) -> Words:
    """A setting's most common words, each at its place, as far as most of its twins go."""
    twins = samples(f"{setting}#train:0:{index}" for index in range(REFERENCES))
    return [
        [_most_common(column) for column in _columns(line)]
        for line in _columns([_words(sample.twin) for sample in twins])
    ]


def _columns(rows: Sequence[Sequence[T]]) -> list[list[T]]:
    """What stands first in each row, then second, and so on, as far as most rows go."""
    length = _most_common([len(row) for row in rows])
    return [[row[at] for row in rows if at < len(row)] for at in range(length)]


def _most_common(things: Iterable[T]) -> T:
    return Counter(things).most_common(1)[0][0]


_POLICIES: dict[str, Callable[[Verdicts, bool], Points]] = {
    "correctness": _correctness,
    "format": _format,
    "steps": _steps,
    "progress": _progress,
    "transcription": _transcription,
}

#: The names that :func:`score` and :func:`weighted` know.
REWARDS: tuple[str, ...] = tuple(_POLICIES)


def weights(reward: str | Mapping[str, float]) -> dict[str, float]:
    """A reward by name, or several by weight, as weights by name.

    Raises:
        TaskError: No such reward, or none at all.
    """
    given = {reward: 1.0} if isinstance(reward, str) else dict(reward)
    if not given:
        raise TaskError(f"weights are empty; name at least one of {', '.join(REWARDS)}")
    for name in given:
        if name not in _POLICIES:
            raise TaskError(f'unknown reward "{name}"; known rewards: {", ".join(REWARDS)}')
    return given


def score(
    verdicts: Verdicts,
    reward: str | Mapping[str, float] = "correctness",
    *,
    thoughts: bool = False,
) -> Points:
    """Points for replies that are judged already, float64 (n,).

    Args:
        verdicts: Of n replies.
        reward: A name of :data:`REWARDS`, or weights by name.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: No such reward, or none at all.
    """
    points = np.zeros(len(verdicts))
    for name, weight in weights(reward).items():
        points += weight * _POLICIES[name](verdicts, thoughts)
    return points


def _paid(
    reward: str | Mapping[str, float],
    completions: Sequence[Completion],
    address: Iterable[str],
    *,
    strict: bool = False,
    thoughts: bool = False,
) -> list[float]:
    verdicts = verify(address, map(reply, completions), strict=strict)
    points: list[float] = score(verdicts, reward, thoughts=thoughts).tolist()
    return points


def correctness(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: 1 for a right final answer, else 0; see :class:`Reward`."""
    return _paid("correctness", completions, address)


def format(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: ½ if one answer can be read and is marked as asked, 1 if it is right too.

    See :class:`Reward`. Its use is early: give it little weight, it says little of the task.
    """
    return _paid("format", completions, address)


def steps(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: ½ · s / max(n, d), and ½ more for a right answer; see :class:`Reward`.

    s counts the right steps before the first that is wrong or unsupported, each once; n all steps
    of the reply, one more if it gives no answer; d those of the sample's own rationale. What is
    said again is length and earns nothing, and no reply that fails earns ½.
    """
    return _paid("steps", completions, address)


def progress(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: 1 for a right answer, else ½ · c, halved again by a fault; see :class:`Reward`.

    c is the component that ``PARTIAL`` names: for the grid how much nearer to its destination the
    walk ends than it began, for the readouts how much of the list is right from its start. A
    fault, an obstacle entered or the grid left, is the answer's own: what a rationale says on the
    way costs nothing here.
    """
    return _paid("progress", completions, address)


def transcription(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: the share of the twin's words at their place, corrected for chance.

    See :class:`Reward`: 1 for the twin, 0 for what the words most common in the setting get right.
    """
    return _paid("transcription", completions, address)


def weighted(
    reward: Mapping[str, float], *, strict: bool = False, thoughts: bool = False
) -> Reward:
    """The weighted sum of several rewards, the batch judged once.

    Args:
        reward: Weights by name, e.g. ``{"correctness": 1.0, "progress": 0.5}``.
        strict: Whether marked answers alone count.
        thoughts: Whether steps inside thoughts count as well.

    Raises:
        TaskError: No such reward, or none at all.
    """
    given = weights(reward)

    def total(
        completions: Sequence[Completion], address: Sequence[str], **columns: object
    ) -> list[float]:
        return _paid(given, completions, address, strict=strict, thoughts=thoughts)

    total.__name__ = "+".join(f"{weight:g}*{name}" for name, weight in given.items())
    return total
