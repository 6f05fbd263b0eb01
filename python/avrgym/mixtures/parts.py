"""What a mixture is: frozen values, checked when they are made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd

from avrgym._core import TaskError
from avrgym.core.arguments import all_made, made, number, quoted, spoken, table, truth, whole
from avrgym.core.samples import Source
from avrgym.prompts.format import Format, Named
from avrgym.prompts.templates import chosen

#: The largest phase, rows.
LARGEST = 1 << 40

# Sizes on either side that are looked at for one that runs of one modality fit.
_TRIED = 2048

_ONCE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """One ingredient of a phase.

    Attributes:
        task: One of ``avrgym.TASKS``.
        level: One of ``avrgym.levels(task)``.
        format: What of each instance is shown and asked for.
        weight: Its share of the phase's rows, relative to the other parts'; above 0.
        params: Overrides of the level's parameters, e.g. ``{"trace": "dfs"}``.
        seed: Which instances, in [0, 2**64); the mixture's if None.
        split: ``train``, ``val`` or ``test``.
        count: So many rows exactly, whatever the weights; they share what is left.
        first: The index of its first instance; the same in all parts of one task, level,
            split and seed.
    """

    task: str
    level: str
    format: Named = field(default_factory=Format)
    weight: float = 1.0
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    seed: int | None = None
    split: str = "train"
    count: int | None = None
    first: int = 0

    def __post_init__(self) -> None:
        if type(self.first) is not int or not 0 <= self.first < LARGEST:
            said = quoted(self.first)
            raise TaskError(f"first {said} is no index; give a whole number from 0 on")
        made("format", self.format, Format)
        object.__setattr__(self, "params", table("params", self.params))
        if number("weight", self.weight) <= 0:
            raise TaskError(f"weight {self.weight} is no share; give a number above 0")
        if self.count is not None:
            object.__setattr__(self, "count", whole("count", self.count, 1, LARGEST))
        self.source(0)

    def source(self, seed: int) -> Source:
        """Where its instances come from, in a mixture of this seed."""
        own = seed if self.seed is None else self.seed
        return Source(self.task, self.level, self.split, own, self.params)


@dataclass(frozen=True, slots=True)
class Phase:
    """Rows that belong together in time: one run of a trainer.

    Attributes:
        name: Names the phase within its mixture.
        size: How many rows, each different.
        parts: What they are made of.
        epochs: How often a trainer goes over them.
        shuffle: Whether rows come shuffled; else part after part, each in the order of its
            instances, as tables for evaluation want them.
        batch: Rows come in runs of so many, of which all show a picture or none does; 1: as they
            fall. Runs and the rows of each modality are shuffled; unshuffled, the parts of the
            first one's modality come before the others. Both modalities' rows are multiples of it,
            where there are both, so that counts stay exact and no run is mixed or short.
    """

    name: str
    size: int
    parts: tuple[Part, ...]
    epochs: float = 1.0
    shuffle: bool = True
    batch: int = 1

    def __post_init__(self) -> None:
        made("name", self.name, str)
        object.__setattr__(self, "parts", all_made("parts", self.parts, Part))
        if not self.parts:
            raise TaskError(f'phase "{self.name}" has no parts; give it one or more')
        object.__setattr__(self, "size", whole("size", self.size, 1, LARGEST))
        truth("shuffle", self.shuffle)
        if number("epochs", self.epochs) <= 0:
            raise TaskError(f"epochs {self.epochs} is no number of passes; give one above 0")
        for part, count in zip(self.parts, self.counts(), strict=True):
            if part.first + count > LARGEST:
                raise TaskError(
                    f"instances {part.first} to {part.first + count - 1} are out of range; "
                    f"the last one is {LARGEST - 1}"
                )
        check_runs(self.name, self.parts, self.size, self.batch)

    @property
    def mixes(self) -> bool:
        """Whether some rows show a picture and some do not."""
        return all(_modalities(self.parts, self.counts()))

    @property
    def in_runs(self) -> bool:
        """Whether such rows are kept apart, in runs of ``batch``."""
        return self.batch > 1 and self.mixes

    @property
    def rows(self) -> int:
        """How many rows a trainer sees: ``size`` times ``epochs``, to the nearest row."""
        return round(self.size * self.epochs)

    def pictured(self) -> list[str]:
        """What the addresses of those parts begin with that show pictures."""
        return [part.source(0).head for part in self.parts if part.format.pictured]

    def counts(self) -> list[int]:
        """How many of the ``size`` rows each part has.

        Raises:
            TaskError: The exact counts do not fit the size.
        """
        return _shared_out(self.name, self.parts, self.size)


def check_runs(
    name: str,
    parts: Sequence[Part],
    size: int,
    batch: int,
    epochs: Fraction = _ONCE,
) -> None:
    """Whether a phase of these parts can come in runs of one modality, its counts as they are.

    Args:
        name: The phase's.
        parts: What it is made of.
        size: How many rows it has.
        batch: How many rows a run has.
        epochs: How often the caller counts each row.

    Raises:
        TaskError: A run would be mixed or short; the message names sizes and a batch that fit.
    """
    if type(batch) is not int or not 1 <= batch <= LARGEST:
        said = quoted(batch)
        raise TaskError(f"batch {said} is no number of rows; give a whole number from 1 on")

    shown, told = _modalities(parts, _shared_out(name, parts, size))
    if not (shown and told) or not (shown % batch or told % batch):
        return
    if near := _sizes_in_runs(name, parts, size, batch):
        remedies = [f"size = {' or '.join(str(math.ceil(rows * epochs)) for rows in near)}"]
    else:
        with_one, without = (
            " or ".join(str(rows) for rows in sorted({n - n % batch, n + -n % batch}) if rows)
            for n in (shown, told)
        )
        remedies = [f"counts that sum to {with_one} with a picture and {without} without"]
    common = gcd(shown, told)
    if (smaller := next(i for i in range(min(batch, common), 0, -1) if not common % i)) > 1:
        remedies.append(f"batch = {smaller}")
    remedies.append("leave batch out")
    raise TaskError(
        f'batch {batch} does not fit phase "{name}": {shown} of its {size} rows show a picture, '
        f"{told} do not, and both must be multiples of {batch}; give {', or '.join(remedies)}"
    )


def _sizes_in_runs(name: str, parts: Sequence[Part], size: int, batch: int) -> list[int]:
    """The nearest sizes below and above that runs of one modality fit; few or none are far off."""
    if all(part.count is not None for part in parts):
        return []

    def fits(size: int) -> bool:
        counts = _shared_out(name, parts, size)
        return all(counts) and not any(rows % batch for rows in _modalities(parts, counts))

    floor, least = size - size % batch, sum(part.count or 0 for part in parts) + 1
    ways = (
        range(floor, least - 1, -batch),
        range(max(floor, -(-least // batch) * batch - batch) + batch, LARGEST, batch),
    )
    found = (next(filter(fits, way[:_TRIED]), None) for way in ways)
    return [rows for rows in found if rows is not None]


def _modalities(parts: Sequence[Part], counts: Sequence[int]) -> tuple[int, int]:
    """How many rows show a picture, and how many do not."""
    shown = sum(rows for part, rows in zip(parts, counts, strict=True) if part.format.pictured)
    return shown, sum(counts) - shown


def _shared_out(name: str, parts: Sequence[Part], size: int) -> list[int]:
    """How many of so many rows each part has; see :meth:`Phase.counts`."""
    given = sum(part.count or 0 for part in parts)
    weights = [Fraction(part.weight) if part.count is None else None for part in parts]
    total = sum(weight for weight in weights if weight is not None)
    rest = size - given
    if rest < 0 or (rest > 0 and not total):
        raise TaskError(
            f'counts of phase "{name}" sum to {given}, its size is {size}; '
            "make them fit, or give a part a weight instead of a count"
        )
    counts = [part.count or 0 for part in parts]
    shares = {i: rest * w / total for i, w in enumerate(weights) if w is not None}
    for i, share in shares.items():
        counts[i] = math.floor(share)
    # Largest remainder: what rounding down left over goes to those who lost most by it.
    losers = sorted(shares, key=lambda i: (counts[i] - shares[i], i))
    for i in losers[: size - sum(counts)]:
        counts[i] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Internalise:
    """Weans a model from its rationale while a phase goes on (chain-of-thought internalisation).

    The first share of the phase's rows has whole rationales; then leading steps are dropped, more
    from level to level; the last share has the answer alone.

    Attributes:
        full: Share of rows with the whole rationale.
        shorten: Share of rows over which it shrinks linearly.
        none: Share of rows without it; the three sum to 1.
        levels: Into how many lengths the shrinking is cut, the whole and the empty one included.
    """

    full: float = 0.3
    shorten: float = 0.4
    none: float = 0.3
    levels: int = 101

    def __post_init__(self) -> None:
        shares = (self.full, self.shorten, self.none)
        for name, share in zip(("full", "shorten", "none"), shares, strict=True):
            number(name, share)
        if min(shares) < 0 or not math.isclose(sum(shares), 1, abs_tol=1e-9):
            raise TaskError(f"shares {shares} of full, shorten and none must be >= 0 and sum to 1")
        whole("levels", self.levels, 2, LARGEST)

    def kept(self, position: float) -> float:
        """The share of a rationale's steps that is kept at a position of the phase.

        Args:
            position: 0 at the phase's first row, 1 behind its last.
        """
        if position < self.full:
            return 1.0
        if position >= self.full + self.shorten:
            return 0.0
        level = math.floor((position - self.full) / self.shorten * self.levels)
        return 1 - min(level, self.levels - 1) / (self.levels - 1)


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a model is trained on, from the first row to the last.

    Attributes:
        name: For people; it does not enter any row.
        phases: In order.
        seed: Of the instances, where a part has none of its own, and of the order of rows.
        template: How prompts are worded: one of ``avrgym.TEMPLATES``, or ``any``.
        internalise: How rationales shrink over each phase; None keeps them whole.
    """

    name: str
    phases: tuple[Phase, ...]
    seed: int = 0
    template: str = "plain"
    internalise: Internalise | None = None

    def __post_init__(self) -> None:
        made("name", self.name, str)
        whole("seed", self.seed, 0, 2**64 - 1)
        object.__setattr__(self, "phases", all_made("phases", self.phases, Phase))
        if self.internalise is not None:
            made("internalise", self.internalise, Internalise)
        if not self.phases:
            raise TaskError(f'mixture "{self.name}" has no phases; give it one or more')
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise TaskError(f"phases {names} share a name; give each its own")
        chosen(self.template, "")
        # Further passes go on where the longest part of a stream ended, whatever its wording.
        begun: dict[tuple[str, str, str, int], int] = {}
        for phase in self.phases:
            for part in phase.parts:
                source = part.source(self.seed)
                stream = (source.task, source.level, source.split, source.seed)
                if begun.setdefault(stream, part.first) != part.first:
                    raise TaskError(
                        f"parts of {source.task}/{source.level} with seed {source.seed} begin at "
                        f"{begun[stream]} and at {part.first}; give them one first, or other seeds"
                    )

    def phase(self, name: str) -> Phase:
        """A phase by name.

        Raises:
            TaskError: No phase has it.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        known = ", ".join(phase.name for phase in self.phases)
        raise TaskError(f"{spoken(self.name)} has no phase {spoken(name)}; its phases: {known}")
