"""Verdicts as rewards, in the shape TRL calls them: policy, where verdicts are facts.

TRL passes every dataset column by name, so a dataset that carries ``address`` is judged by it
alone: no answer key travels with the prompt, and none can leak into it. Each function judges its
batch in one call into the core; :func:`weighted` judges once for several.

==============  ==================================================================================
name            points for one reply
==============  ==================================================================================
correctness     1 if the final answer is right, else 0
format          1 if exactly one final answer can be read, right or wrong, else 0
steps           s / max(n, d), halved unless the answer is right; s: right steps before the first
                that is not, n: steps in the reply, d: steps in the sample's own rationale
progress        1 if the answer is right, else ½ · c, halved again after an error; c: the
                component in ``PARTIAL`` (0 to 1), an error: a wrong step before the conclusion,
                or a fault of the answer in ``FAULTS``
transcription   share of the twin's lines that stand at their place; for view ``image_to_text``
==============  ==================================================================================
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.samples import samples
from avrgym.verdicts import SKILLS, STATES, Verdicts, verify

Completion: TypeAlias = str | bytes | Sequence[Mapping[str, Any]]
Points: TypeAlias = NDArray[np.float64]

#: What counts as being on the way: by task, a component of its verdicts.
PARTIAL: Mapping[str, str] = {
    "consecutive_table_readout": "prefix",
    "table_readout": "prefix",
    "grid_navigation": "closeness",
    "visual_analogy": "relation",
}

#: Components that say, if above 0, that the answer itself went wrong on the way.
FAULTS: tuple[str, ...] = ("hits", "left_grid")

_OK, _WRONG = STATES.index("ok"), STATES.index("wrong")
_CONCLUDE = SKILLS.index("conclude")


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


def _correctness(verdicts: Verdicts) -> Points:
    return verdicts.correct.astype(np.float64)


def _format(verdicts: Verdicts) -> Points:
    return verdicts.parsed.astype(np.float64)


def _steps(verdicts: Verdicts) -> Points:
    own = {address: 0 for address in verdicts.addresses}
    for address, (steps, _, _) in zip(own, _core.describe(list(own)), strict=True):
        own[address] = len(steps)
    due = np.array([own[address] for address in verdicts.addresses], np.float64)
    made = np.diff(verdicts.step_offsets)
    bad = np.flatnonzero(verdicts.step_state != _OK)
    # Of each reply, the first bad step at or after its own first; its end if there is none.
    first_bad = np.append(bad, len(verdicts.step_state))[
        np.searchsorted(bad, verdicts.step_offsets[:-1])
    ]
    right = np.minimum(first_bad - verdicts.step_offsets[:-1], made)
    share = right / np.maximum(np.maximum(made, due), 1)
    return np.where(verdicts.correct, share, share / 2)


def _progress(verdicts: Verdicts) -> Points:
    way = np.zeros(len(verdicts))
    tasks = np.array([address.partition("/")[0] for address in verdicts.addresses], object)
    for task, name in PARTIAL.items():
        if np.any(mine := tasks == task):
            way[mine] = np.nan_to_num(verdicts.component(name)[mine])
    wrong = (verdicts.step_state == _WRONG) & (verdicts.step_skill != _CONCLUDE)
    before = np.append(0, np.cumsum(wrong))[verdicts.step_offsets]
    astray = np.diff(before) > 0
    for name in FAULTS:
        astray |= np.nan_to_num(verdicts.component(name)) > 0
    return np.where(verdicts.correct, 1.0, way / np.where(astray, 4, 2))


def _transcription(verdicts: Verdicts) -> Points:
    twins = {address: "" for address in verdicts.addresses}
    for address, sample in zip(twins, samples(twins), strict=True):
        twins[address] = sample.twin
    pairs = zip(verdicts.replies, verdicts.addresses, strict=True)
    return np.array([_likeness(said, twins[address]) for said, address in pairs], np.float64)


def _likeness(said: str | bytes, twin: str) -> float:
    """Share of lines that agree at their place, spacing aside."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    given, wanted = (
        [" ".join(line.split()) for line in words.strip().splitlines()] for words in (text, twin)
    )
    agree = sum(line == other for line, other in zip(given, wanted, strict=False))
    return agree / max(len(given), len(wanted), 1)


_POLICIES: dict[str, Callable[[Verdicts], Points]] = {
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


def score(verdicts: Verdicts, reward: str | Mapping[str, float] = "correctness") -> Points:
    """Points for replies that are judged already, float64 (n,).

    Raises:
        TaskError: No such reward, or none at all.
    """
    points = np.zeros(len(verdicts))
    for name, weight in weights(reward).items():
        points += weight * _POLICIES[name](verdicts)
    return points


def _paid(
    reward: str | Mapping[str, float], completions: Sequence[Completion], address: Iterable[str]
) -> list[float]:
    points: list[float] = score(verify(address, map(reply, completions)), reward).tolist()
    return points


def correctness(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: 1 for a right final answer, else 0; see :class:`Reward`."""
    return _paid("correctness", completions, address)


def format(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: 1 if exactly one final answer can be read, else 0; see :class:`Reward`.

    Its use is early: give it little weight, it says nothing of the task.
    """
    return _paid("format", completions, address)


def steps(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: s / max(n, d), halved unless the answer is right; see :class:`Reward`.

    s counts the right steps before the first that is wrong or unsupported, n all steps of the
    reply, d those of the sample's own rationale. So neither stopping early nor going on for ever
    pays, and no reply that fails earns more than ½.
    """
    return _paid("steps", completions, address)


def progress(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: 1 for a right answer, else ½ · c, halved again after an error; see :class:`Reward`.

    c is the component that ``PARTIAL`` names: for the grid how near the walk ends to its
    destination, for the readouts how much of the list is right from its start.
    """
    return _paid("progress", completions, address)


def transcription(
    completions: Sequence[Completion], address: Sequence[str], **columns: object
) -> list[float]:
    """Points: the share of the twin's lines that stand at their place; see :class:`Reward`."""
    return _paid("transcription", completions, address)


def weighted(reward: Mapping[str, float]) -> Reward:
    """The weighted sum of several rewards, the batch judged once.

    Args:
        reward: Weights by name, e.g. ``{"correctness": 1.0, "progress": 0.5}``.

    Raises:
        TaskError: No such reward, or none at all.
    """
    given = weights(reward)

    def total(
        completions: Sequence[Completion], address: Sequence[str], **columns: object
    ) -> list[float]:
        return _paid(given, completions, address)

    total.__name__ = "+".join(f"{weight:g}*{name}" for name, weight in given.items())
    return total
