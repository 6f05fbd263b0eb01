"""Rewards as verl and EasyR1 call them: each row is judged by the address that it carries.

Both trainers load a function by the path of a file and pass on arguments from their own settings;
here ``reward`` is one: a name of :data:`avrgym.rewards.REWARDS`, or weights by name. Which reply
is owed, an answer or a transcript, a row's format says.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from avrgym._core import TaskError
from avrgym.core.verdicts import verify
from avrgym.prompts.format import Format
from avrgym.rewards import Points, right, score

Reward: TypeAlias = str | Mapping[str, float]

# What EasyR1 asks of the file: all replies of a step are judged in one call.
REWARD_NAME = "avrgym"
REWARD_TYPE = "batch"


def judged(
    addresses: Sequence[str],
    formats: Sequence[str],
    replies: Sequence[str],
    reward: Reward = "correctness",
) -> tuple[Points, Points, Points]:
    """Points of replies, whether they are right, and whether an answer could be read.

    Args:
        addresses: What was asked, n of them.
        formats: In which format, n of them.
        replies: What was said, n of them.
        reward: A name, or weights by name.

    Returns:
        Three times float64 (n,), each 0 to 1 under any one reward; right and read are 0 or 1.
            A transcript can always be read.

    Raises:
        TaskError: The lengths differ, an address names nothing, or there is no such reward.
    """
    verdicts = verify(addresses, replies)
    points = score(verdicts, reward, formats=formats)
    copied = [bool(name) and Format.parse(name).transcribes for name in formats]
    read = verdicts.parsed | np.array(copied, bool)
    return points, right(verdicts, formats).astype(np.float64), read.astype(np.float64)


def verl(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    reward: Reward = "correctness",
    **_: object,
) -> dict[str, float]:
    """What verl calls for each reply.

    Args:
        data_source: Not used; the address says more.
        solution_str: The reply.
        ground_truth: Not used.
        extra_info: The row's, with ``address`` and ``format`` as layout ``verl`` writes them.
        reward: See :func:`judged`.

    Returns:
        ``score``, the points; ``acc``, 1 if the answer is right; ``format``, 1 if one can be read.

    Raises:
        TaskError: The row has no address, or see :func:`judged`.
    """
    row = extra_info or {}
    if not row.get("address"):
        raise TaskError(
            f"extra_info has no address, only {', '.join(row) or 'nothing'}; "
            "train on what avrgym generate --layout verl wrote"
        )
    points, correct, read = judged(
        [str(row["address"])], [str(row.get("format", ""))], [solution_str], reward
    )
    return {"score": float(points[0]), "acc": float(correct[0]), "format": float(read[0])}


def easyr1(
    reward_inputs: Sequence[Mapping[str, Any]], reward: Reward = "correctness"
) -> list[dict[str, float]]:
    """What EasyR1 calls for all replies of a step.

    Args:
        reward_inputs: Of each reply ``response``, its words, and ``ground_truth``, what column
            ``ground_truth`` of layout ``easyr1`` has: nothing else of a row reaches a reward.
        reward: See :func:`judged`.

    Returns:
        Of each reply ``overall``, the points; ``accuracy``, 1 if the answer is right; ``format``, 1
        if one can be read.

    Raises:
        TaskError: A ground truth has no address, or see :func:`judged`.
    """
    rows = [_origin(each["ground_truth"]) for each in reward_inputs]
    columns = judged(
        [row["address"] for row in rows],
        [row["format"] for row in rows],
        [str(each["response"]) for each in reward_inputs],
        reward,
    )
    return [
        {"overall": points, "accuracy": correct, "format": read}
        for points, correct, read in zip(*(column.tolist() for column in columns), strict=True)
    ]


def origin(address: str, format: str) -> str:
    """Address and format as one string, where a trainer hands on no more than that."""
    return json.dumps({"address": address, "format": format})


def _origin(said: object) -> dict[str, str]:
    """What :func:`origin` put together."""
    try:
        row = json.loads(str(said))
        return {"address": str(row["address"]), "format": str(row["format"])}
    except (ValueError, TypeError, KeyError):
        raise TaskError(
            f"ground truth {str(said)[:60]!r} has no address; train on what avrgym generate "
            "--layout easyr1 wrote, with data.answer_key=ground_truth"
        ) from None
