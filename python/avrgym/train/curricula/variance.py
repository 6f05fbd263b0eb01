"""Prompts that half of the replies get right are asked again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from avrgym.core.arguments import whole
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.train.curricula.climb import Fared, Floats, Rest, part


@dataclass(frozen=True, slots=True)
class Variance:
    """Prompts whose replies differ are kept and asked again (VCRL, arXiv 2509.19803).

    A group's variance over the largest that it could have, p = k (G - k) / ⌊G/2⌋⌈G/2⌉ for k of G
    replies right, is what it is worth. What is worth ``keep`` or more goes to a memory, where its
    priority P becomes alpha P + (1 - alpha) p. Levels are drawn evenly; as many prompts as were
    worth less in the drawing before are taken from the memory, the first by priority, in place of
    new ones. Unlike in the paper, groups that are worth less are still learned from; ``refill`` of
    the stage leaves out those that have nothing to teach.

    Attributes:
        kind: Names this kind in a run's file.
        keep: Kappa, from which on a prompt is worth keeping, 0 to 1.
        momentum: Alpha of priorities, 0 to 1.
        memory: Prompts that are kept at most, 1 or more; the last by priority go.
    """

    ADAPTS: ClassVar[bool] = True

    kind: Literal["variance"] = "variance"
    keep: float = 0.5
    momentum: float = 0.9
    memory: int = 256

    def __post_init__(self) -> None:
        part("keep", self.keep)
        part("momentum", self.momentum)
        whole("memory", self.memory, 1, 2**20)

    def made(self, levels: Sequence[str]) -> "Remembering":
        """The rule for some levels."""
        return Remembering(self, levels)


class Remembering:
    """The memory."""

    def __init__(self, spec: Variance, levels: Sequence[str]) -> None:
        """Begins with nothing."""
        self._spec, self._levels = spec, list(levels)
        self._kept: dict[Prompt, float] = {}
        self._lacking = 0  # prompts of the last drawing that were worth less

    def shares(self, time: float) -> Floats:
        """Even."""
        return np.full(len(self._levels), 1 / len(self._levels))

    def again(self, count: int, pictured: bool | None) -> list[Prompt]:
        """Prompts to ask again in place of new ones.

        Args:
            count: At most so many.
            pictured: Whether they must show a picture, or must not; None: either.
        """
        fit = [p for p in self._kept if pictured in (None, p.format.pictured)]
        return sorted(fit, key=lambda each: -self._kept[each])[: min(count, self._lacking)]

    def observe(self, fared: Sequence[Fared], time: float) -> None:
        """Keeps what is worth it and drops what is not any more."""
        self._lacking = 0
        for each in fared:
            most = (each.total // 2) * (each.total - each.total // 2)
            worth = each.right * (each.total - each.right) / most if most else 0.0
            if worth < self._spec.keep or not worth:
                self._lacking += 1
                self._kept.pop(each.prompt, None)
                continue
            before = self._kept.get(each.prompt, worth)
            weight = self._spec.momentum
            self._kept[each.prompt] = weight * before + (1 - weight) * worth
        if len(self._kept) > self._spec.memory:
            first = sorted(self._kept.items(), key=lambda item: -item[1])
            self._kept = dict(first[: self._spec.memory])

    def rests(self, time: float) -> Rest | None:
        """Never: it has no place to rest."""
        return None

    def state(self) -> dict[str, Any]:
        """The memory, in its order."""
        kept = [[p.address, p.format.name, p.template, worth] for p, worth in self._kept.items()]
        return {"kept": kept, "lacking": self._lacking}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with it."""
        self._lacking = state["lacking"]
        self._kept = {
            Prompt(address, Format.parse(name), template): worth
            for address, name, template, worth in state["kept"]
        }

    def metrics(self) -> dict[str, float]:
        """How many prompts are kept."""
        return {"kept": float(len(self._kept))}
