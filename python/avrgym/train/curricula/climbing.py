"""Prompts of levels that take turns by a rule, drawn without end."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np

from avrgym.core.address import Address, setting_of
from avrgym.core.samples import Source
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt
from avrgym.train.curricula.climb import Fared, Floats, Rule
from avrgym.train.curricula.occasion import Occasion, Seen
from avrgym.train.curricula.standing import Standing

LOOSE = 32  # prompts for which shares are worked out together, where they come in no runs
FINEST = 4096  # denominator of the share of pictures


@runtime_checkable
class Recalls(Protocol):
    """A rule that asks prompts again."""

    def again(self, count: int, pictured: bool | None) -> list[Prompt]:
        """At most so many, that show a picture or do not; None: either."""
        ...


class Climbing:
    """Levels by a rule.

    The k-th prompt that is drawn is the k-th sample of its level, so that none comes twice and a
    run that goes on needs to know no more than how many there were. Shares are kept as nearly as
    whole numbers can in every drawing, not by chance alone.
    """

    def __init__(
        self,
        levels: Sequence[str],
        formats: Mapping[str, float],
        rule: Rule,
        occasion: Occasion,
        template: str,
    ) -> None:
        """Begins.

        Args:
            levels: Canonical settings, easiest first, each once.
            formats: What is shown and asked for, by weight.
            rule: Which levels, how often.
            occasion: The stage.
            template: How prompts are worded.
        """
        self._levels, self._rule, self._template = list(levels), rule, template
        self._arms = {level: arm for arm, level in enumerate(levels)}
        self._occasion = occasion
        seed = occasion.seed * 256 + occasion.place
        self._sources = [_source(level, seed, occasion.held_out) for level in levels]
        self._formats = [Format.parse(name) for name in formats]
        weights = np.array(list(formats.values()), np.float64)
        self._weights: Floats = weights / weights.sum()
        self._drawn = self._runs = 0
        self._standing = Standing(occasion.rows)
        self._told: list[str] = []  # levels of which people heard already that the climb rests
        self._news: list[str] = []

    @property
    def drawn(self) -> int:
        """How many were."""
        return self._drawn

    @property
    def pictured(self) -> float:
        """By the weights of formats."""
        shown = [each.pictured for each in self._formats]
        return float(self._weights[shown].sum())

    @property
    def time(self) -> float:
        """The share of the budget that was drawn, 0 to 1."""
        return min(1.0, self._drawn / self._occasion.rows) if self._occasion.rows else 0.0

    def asks(self) -> list[tuple[str, Format]]:
        """Every level in every format."""
        return [(level, format) for level in self._levels for format in self._formats]

    def draw(self, count: int, pictured: bool | None = None) -> list[Prompt]:
        """The next prompts, in runs of one modality where the stage needs them."""
        together = self._occasion.together
        found: list[Prompt] = []
        while len(found) < count:
            most = LOOSE if together == 1 else together
            which = self._modality() if pictured is None and together > 1 else pictured
            found += self._run(min(most, count - len(found)), which)
        return found

    def at(self, indices: Sequence[int]) -> list[Prompt]:
        """The prompts at some places, by chance of each place's own: of rules that go by time."""
        found: list[Prompt] = []
        for place in indices:
            rows = self._occasion.rows
            shares = self._rule.shares(min(1.0, place / rows) if rows else 0.0)
            chance = self._chance(1, place).random()
            found += self._prompts(np.outer(shares, self._weights), [chance], [place])
        return found

    def sample(self, count: int) -> list[Prompt]:
        """Level by level and format by format."""
        asked = [(a, f) for a in range(len(self._levels)) for f in range(len(self._formats))]
        pairs = [asked[i % len(asked)] for i in range(count)]
        return self._spelled(pairs, range(count))

    def observe(self, seen: Sequence[Seen]) -> None:
        """Tells the rule, and looks whether it still climbs."""
        fared = [
            Fared(self._arms[setting_of(each.prompt.address)], each.prompt, each.right, each.total)
            for each in seen
            if each.total
        ]
        self._standing.observe(seen, self._drawn)
        self._rule.observe(fared, self.time)
        rest = self._rule.rests(self.time)
        if rest and rest.level not in self._told:
            self._told.append(rest.level)
            self._news.append(rest.words)

    def state(self) -> dict[str, Any]:
        """All that what is drawn next depends on, and what it says of itself."""
        return {
            "drawn": self._drawn,
            "runs": self._runs,
            "rule": self._rule.state(),
            "standing": self._standing.state(),
            "told": self._told,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from there."""
        self._drawn, self._runs = state["drawn"], state["runs"]
        self._rule.restore(state["rule"])
        self._standing.restore(state["standing"])
        self._told = list(state["told"])

    def metrics(self) -> dict[str, float]:
        """Shares and success by level, and the rule's own numbers."""
        own = {name: round(value, 6) for name, value in self._rule.metrics().items()}
        return self._standing.metrics() | own

    def standing(self) -> dict[str, tuple[float, float]]:
        """Shares and success by level."""
        return self._standing.now()

    def news(self) -> list[str]:
        """That it climbs no more, each once."""
        found, self._news = [*self._news, *self._standing.news()], []
        return found

    def _modality(self) -> bool:
        """Whether the next run shows pictures: as often as weights say, evenly spaced."""
        share = Fraction(self.pictured).limit_denominator(FINEST)
        before, self._runs = -(-self._runs * share // 1), self._runs + 1
        return -(-self._runs * share // 1) > before

    def _run(self, count: int, pictured: bool | None) -> list[Prompt]:
        """Prompts of a run, in an order by lot, so that no process has the hard ones."""
        lot = self._chance(0, self._drawn)
        again = self._rule.again(count, pictured) if isinstance(self._rule, Recalls) else []
        fresh = count - len(again)
        weights = self._weights.copy()
        if pictured is not None:
            weights[[each.pictured != pictured for each in self._formats]] = 0.0
        shares = np.outer(self._rule.shares(self.time), weights / weights.sum())
        points = (lot.random() + np.arange(fresh)) / max(fresh, 1)
        indices = range(self._drawn, self._drawn + fresh)
        found = [*again, *self._prompts(shares, points.tolist(), indices)]
        self._drawn += count
        return [found[i] for i in lot.permutation(count).tolist()]

    def _prompts(
        self, shares: Floats, points: Sequence[float], indices: Sequence[int]
    ) -> list[Prompt]:
        """Prompts where points of [0, 1) fall among shares by level and format, (n, formats)."""
        ends = np.cumsum(shares)
        cells = np.searchsorted(ends, np.array(points) * ends[-1], side="right")
        cells = np.minimum(cells, np.flatnonzero(shares)[-1])  # a product may round up to the end
        pairs = [divmod(int(cell), len(self._formats)) for cell in cells]
        return self._spelled(pairs, indices)

    def _spelled(self, pairs: Sequence[tuple[int, int]], indices: Sequence[int]) -> list[Prompt]:
        """Prompts of levels and formats by their places, at indices of the levels."""
        found: dict[int, Prompt] = {}
        for arm in sorted({arm for arm, _ in pairs}):
            mine = [i for i, (each, _) in enumerate(pairs) if each == arm]
            addresses = self._sources[arm].addresses([indices[i] for i in mine])
            for i, address in zip(mine, addresses, strict=True):
                found[i] = Prompt(address, self._formats[pairs[i][1]], self._template)
        return [found[i] for i in range(len(pairs))]

    def _chance(self, use: int, place: int) -> np.random.Generator:
        """Chance that is the same wherever a run goes on, and whoever draws."""
        return np.random.default_rng([self._occasion.seed, self._occasion.place, use, place])


def _source(level: str, seed: int, held_out: int) -> Source:
    at = Address.parse(f"{level}#train:0:0")
    return Source(at.task, at.level, "train", seed, dict(at.params), held_out)
