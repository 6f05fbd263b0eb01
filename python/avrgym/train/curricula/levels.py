"""Levels that take turns: evenly or by weight, or by a rule that climbs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated, Any, Literal

from avrgym._core import TaskError
from avrgym.config import Kinds
from avrgym.core.address import Address, setting_of
from avrgym.core.arguments import whole
from avrgym.core.ladder import expand
from avrgym.mixtures import Format, Mixture, Part, Phase
from avrgym.mixtures.parts import LARGEST
from avrgym.train.curricula.bands import cut
from avrgym.train.curricula.climb import Climb
from avrgym.train.curricula.climbing import Climbing
from avrgym.train.curricula.occasion import Occasion
from avrgym.train.curricula.planned import Planned
from avrgym.train.curricula.uniform import Uniform

# Weights are taken for fractions of denominators up to this, so that shares can be exact; where
# these have no common one that is small, for whole parts in so many of the largest.
FINEST, COARSE = 4096, 2**20


@dataclass(frozen=True, slots=True)
class Levels:
    """Any levels in any formats, each with its share of the prompts, without end.

    Attributes:
        kind: Names this kind in a run's file.
        task: The task of levels that name none.
        levels: Names such as ``rung0``, ranges of a ladder such as ``rung0..rung3``, or with their
            task such as ``table_readout/simple?rows=5``; one, several, or several with weights.
        climb: How they take turns, from the easiest to the hardest in the order given.
        widen: Ranges of parameters, such as ``{ cells = "1-16" }``, cut into ``bands`` that take
            turns as levels do, whatever else says what these parameters are. Several go up
            together, such as ``{ rows = "4-6", columns = "4-6" }``.
        bands: Into how many bands ranges are cut, 1 to 64: as nearly equal as whole numbers are. A
            range with fewer numbers rests on each for several bands.
        formats: What is shown and asked for, by weight.
        params: Overrides of all levels' parameters.
        template: How prompts are worded: one of ``avrgym.TEMPLATES``, or ``any``.
    """

    kind: Literal["levels"] = "levels"
    task: str = ""
    levels: str | tuple[str, ...] | Mapping[str, float] = ()
    climb: Annotated[Climb, Kinds("avrgym.train.curricula:CLIMBS")] = field(default_factory=Uniform)
    widen: Mapping[str, str] = field(default_factory=dict)
    bands: int = 4
    formats: Mapping[str, float] = field(default_factory=lambda: {"image": 1.0})
    params: Mapping[str, Any] = field(default_factory=dict)
    template: str = "plain"

    def __post_init__(self) -> None:
        if not self.levels:
            raise TaskError('levels are empty; give names such as "rung0" or "rung0..rung3"')
        if not self.formats:
            raise TaskError("formats are empty; give at least one, such as { image = 1 }")
        for name in self.formats:
            Format.parse(name)
        weights = [*self.formats.values(), *self._weights().values()]
        if wrong := [w for w in weights if not (math.isfinite(w) and w > 0)]:
            raise TaskError(f"weight {wrong[0]} is no share; give a number above 0")
        whole("bands", self.bands, 1, 64)
        if not isinstance(self.climb, Uniform) and len(set(self._weights().values())) > 1:
            raise TaskError(
                f"levels have weights, and climb {self.climb.kind} gives them others; name them "
                "in a list, easiest first, or leave climb out"
            )
        parts = self._parts({})
        if not isinstance(self.climb, Uniform) and len(_settings(parts)) == 1:
            raise TaskError(
                f"climb {self.climb.kind} has one level, {_settings(parts)[0]}, to climb; name "
                'several, or give widen, such as { cells = "1-16" }'
            )

    def rows(self, occasion: Occasion) -> int:
        """Without end."""
        return 0

    def adapts(self) -> bool:
        """As the climb does."""
        return self.climb.ADAPTS

    def asks(self, occasion: Occasion) -> list[tuple[str, Format]]:
        """All that it may ask: what addresses begin with, and the format."""
        return self.made(occasion).asks()

    def phases(self) -> tuple[str, ...]:
        """One."""
        return ()

    def of_phase(self, name: str) -> "Levels":
        """It has but one."""
        return self

    def made(self, occasion: Occasion) -> Planned | Climbing:
        """The curriculum itself."""
        parts = self._parts(occasion.wording)
        if not isinstance(self.climb, Uniform):
            levels = _settings(parts)
            rule = self.climb.made(levels)
            return Climbing(levels, self.formats, rule, occasion, self.template)
        weights = _whole([part.weight for part in parts])
        parts = [replace(p, weight=float(w)) for p, w in zip(parts, weights, strict=True)]
        # So many rows that each part's share of runs is a whole number.
        least = sum(weights) * occasion.together
        size = min(least * max(1, math.ceil((occasion.rows or least) / least)), LARGEST)
        phase = Phase("levels", size, tuple(parts), batch=occasion.together)
        seed = occasion.seed * 256 + occasion.place
        mixture = Mixture("levels", (phase,), seed, self.template)
        return Planned(mixture, "levels", occasion.held_out, fresh=True, budget=occasion.rows)

    def _weights(self) -> dict[str, float]:
        if isinstance(self.levels, str):
            return {self.levels: 1.0}
        if isinstance(self.levels, Mapping):
            return dict(self.levels)
        return dict.fromkeys(self.levels, 1.0)

    def _parts(self, wording: Mapping[str, Any]) -> list[Part]:
        parts = []
        for entry, weight in self._weights().items():
            named = entry if "/" in entry or not self.task else f"{self.task}/{entry}"
            for setting in expand([named], {**wording, **self.params}):
                at = Address.parse(f"{setting}#train:0:0")
                for band in cut(self.widen, self.bands):
                    [own] = expand([at.name], {**dict(at.params), **band})
                    params = dict(Address.parse(f"{own}#train:0:0").params)
                    parts += [
                        Part(at.task, at.level, Format.parse(name), weight * share, params)
                        for name, share in self.formats.items()
                    ]
        return parts


def _settings(parts: Sequence[Part]) -> list[str]:
    """What the addresses of parts begin with, each once."""
    return list(dict.fromkeys(setting_of(part.source(0).head) for part in parts))


def _whole(weights: Sequence[float]) -> list[int]:
    """Whole numbers, 1 or more, that are to each other as weights are, or nearly so."""
    most = max(weights)
    shares = [Fraction(weight / most).limit_denominator(FINEST) for weight in weights]
    scale = math.lcm(*(share.denominator for share in shares))
    if not all(shares) or sum(shares) * scale > COARSE:
        return [max(1, round(weight / most * COARSE)) for weight in weights]
    found = [int(share * scale) for share in shares]
    common = math.gcd(*found)
    return [number // common for number in found]
