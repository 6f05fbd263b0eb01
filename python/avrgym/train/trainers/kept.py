"""What is kept of replies: those that the verifier accepts, few of a prompt, none twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from avrgym import rewards
from avrgym.core import facts
from avrgym.core.address import Address
from avrgym.prompts.prompt import Prompt
from avrgym.train.trainers.heard import Drawn, Heard, told

_WHOLE = 1.0 - 1e-9  # points of a reward from 0 to 1 that is paid in full


@dataclass(frozen=True, slots=True)
class Rule:
    """What is kept; the attributes are those of :class:`avrgym.train.stages.rft.Rft`."""

    keep: Literal["answer", "steps"] = "steps"
    most: int = 4
    above: int = 0


def drawn(of: Heard, rule: Rule) -> list[Drawn]:
    """Replies with what the verifier said of them, and whether they are kept by a rule."""
    good = np.array([completion.finish == "stop" for completion in of.completions], bool)
    for reward in ("format", "steps") if rule.keep == "steps" else ("format",):
        good &= rewards.score(of.verdicts, reward, formats=of.formats) >= _WHOLE
    if rule.above:
        good &= _lengths([prompt.address for prompt in of.prompts]) > rule.above
    had: dict[Prompt, set[bytes]] = {}
    kept: list[bool] = []
    for prompt, reply, fine in zip(of.prompts, of.said, good, strict=True):
        mine = had.setdefault(prompt, set())
        kept.append(fine and len(mine) < rule.most and reply not in mine and _readable(reply))
        if kept[-1]:
            mine.add(reply)
    return told(of, list(map(bool, kept)))


def _lengths(addresses: Sequence[str]) -> np.ndarray:
    """How long problems are, each by the feature that its task names."""
    columns = facts.features(addresses)
    named = [facts.length(Address.parse(address).task) for address in addresses]
    return np.array([columns[name][at] for at, name in enumerate(named)])


def _readable(reply: bytes) -> bool:
    try:
        reply.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
