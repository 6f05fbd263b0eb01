"""The rows of a phase in order: random access, exact counts, the same in every process."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from avrgym import _core
from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.mixtures.parts import LARGEST, Mixture, Phase
from avrgym.mixtures.permutation import key, shuffled
from avrgym.prompts.format import Format
from avrgym.prompts.prompt import Prompt

#: Contents that must not occur: their hashes, or whether a hash is one of them.
Exclude: TypeAlias = Collection[str] | Callable[[str], bool]

_ATTEMPTS = 64  # instances tried in place of one whose content is excluded


@dataclass(frozen=True, slots=True)
class Item:
    """A prompt at its place: a pure function of mixture, phase and index.

    Attributes:
        phase: The phase's name.
        index: The row's place in the phase, from 0.
        part: The part's place in the phase.
        prompt: What is asked there.
    """

    phase: str
    index: int
    part: int
    prompt: Prompt

    @property
    def address(self) -> str:
        """The canonical address."""
        return self.prompt.address

    @property
    def format(self) -> Format:
        """The part's."""
        return self.prompt.format

    @property
    def kept(self) -> float:
        """Share of the rationale's steps that the reply keeps, 0 to 1."""
        return self.prompt.kept

    def moved(self, address: str) -> "Item":
        """The same place with another sample."""
        return replace(self, prompt=replace(self.prompt, address=address))


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts whose rows are shuffled together: all, or in runs those of one modality."""

    name: str
    parts: NDArray[np.int64]
    starts: NDArray[np.int64]  # of the parts' rows among the group's
    ends: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many rows it has."""
        return int(self.ends[-1])


@dataclass(frozen=True, slots=True)
class _Plan:
    """A phase worked out."""

    phase: Phase
    groups: tuple[_Group, ...]
    strides: NDArray[np.int64]  # by how many instances a fresh pass is ahead of the one before
    firsts: NDArray[np.int64]  # of the parts' instances
    heads: tuple[str, ...]  # canonical addresses without their indices
    seed: int


def items(
    mixture: Mixture,
    phase: str,
    start: int,
    stop: int,
    *,
    fresh: bool = False,
    exclude: Exclude | None = None,
) -> list[Item]:
    """Rows ``start`` to ``stop`` of a phase, at a cost that depends on their number alone.

    Rows below ``size`` are the phase, each once, its parts shuffled together if the phase says so.
    Each further ``size`` rows are another pass, then in another order. With a ``batch`` of n, rows
    k n to (k + 1) n - 1 all show a picture or none does, in every pass.

    Args:
        mixture: What to draw from.
        phase: The phase's name.
        start: The first row, 0 or more; there is no last one.
        stop: One past the last row.
        fresh: Whether further passes bring new instances instead of the same ones again.
        exclude: Contents that must not occur. In place of an instance that is excluded comes
            another one, the same in all formats, so that counts stay exact.

    Raises:
        TaskError: There is no such phase or range, or nearly all of a level is excluded.
    """
    if start > stop:
        raise TaskError(f"rows {start} to {stop} are no range; give 0 <= start <= stop")
    return pick(mixture, phase, range(start, stop), fresh=fresh, exclude=exclude)


def pick(
    mixture: Mixture,
    phase: str,
    indices: Sequence[int],
    *,
    fresh: bool = False,
    exclude: Exclude | None = None,
) -> list[Item]:
    """The rows at some indices of a phase, in the order given; see :func:`items`.

    Raises:
        TaskError: There is no such phase or row, or nearly all of a level is excluded.
    """
    plan = _plan(mixture, phase)
    size, rows = plan.phase.size, plan.phase.rows
    try:
        turns, places = np.divmod(np.array(indices, np.uint64), np.uint64(size))
    except OverflowError:
        raise TaskError(f"row {min(indices)} does not exist; rows begin at 0") from None
    parts, instances = np.empty((2, len(indices)), np.int64)
    for turn in np.unique(turns).tolist():
        here = turns == turn
        parts[here], instances[here] = _drawn(plan, turn, places[here])
    if fresh:
        instances += turns.astype(np.int64) * plan.strides[parts]
    instances += plan.firsts[parts]
    found = list(zip(parts.tolist(), instances.tolist(), strict=True))
    addresses = _addresses(plan, found, exclude)
    formats = [part.format for part in plan.phase.parts]
    kept = mixture.internalise.kept if mixture.internalise else None
    return [
        Item(
            phase,
            index,
            part,
            Prompt(address, formats[part], mixture.template, kept(index / rows) if kept else 1.0),
        )
        for index, (part, _), address in zip(indices, found, addresses, strict=True)
    ]


@lru_cache(maxsize=64)
def _plan(mixture: Mixture, phase: str) -> _Plan:
    found = mixture.phase(phase)
    counts = np.array(found.counts(), np.int64)
    sources = [part.source(mixture.seed) for part in found.parts]
    firsts = [source.address(0) for source in sources]
    heads = tuple(address.removesuffix("0") for address in _core.canonical(firsts))
    # As far as the largest part goes, whatever its wording: so smaller parts go on beside it with
    # the same instances, and none comes again.
    streams = [(source.task, source.level, source.split, source.seed) for source in sources]
    most: dict[tuple[str, str, str, int], int] = {}
    for stream, count in zip(streams, counts.tolist(), strict=True):
        most[stream] = max(most.get(stream, 0), count)
    strides = np.array([most[stream] for stream in streams], np.int64)
    begun = np.array([part.first for part in found.parts], np.int64)
    return _Plan(found, _groups(found, counts), strides, begun, heads, mixture.seed)


def _groups(phase: Phase, counts: NDArray[np.int64]) -> tuple[_Group, ...]:
    """In runs the parts of the first one's modality before the others; else all together."""
    places = np.arange(len(phase.parts))
    pictured = np.array([part.format.pictured for part in phase.parts])
    named = {"": places}
    if phase.in_runs:
        named = {"picture": places[pictured], "text": places[~pictured]}
    groups = []
    for name, parts in sorted(named.items(), key=lambda each: int(each[1][0])):
        ends = np.cumsum(counts[parts])
        groups.append(_Group(name, parts, ends - counts[parts], ends))
    return tuple(groups)


def _drawn(
    plan: _Plan, turn: int, places: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Parts and instances at places of one pass, each (n,)."""
    name, shuffle = f"{plan.seed}\0{turn}\0{plan.phase.name}", plan.phase.shuffle
    rows = places.astype(np.int64)
    if shuffle and len(plan.groups) > 1:
        # Runs change places with runs; whose they are is told by where they come from.
        batch = plan.phase.batch
        runs, within = np.divmod(places, np.uint64(batch))
        runs_from = shuffled(runs, plan.phase.size // batch, key(name, "runs"))
        rows = runs_from * batch + within.astype(np.int64)
    parts, instances = np.empty((2, len(places)), np.int64)
    first = 0
    for group in plan.groups:
        here = (first <= rows) & (rows < first + group.size)
        mine = rows[here] - first
        if shuffle:
            mine = shuffled(mine.astype(np.uint64), group.size, key(name, group.name))
        found = np.searchsorted(group.ends, mine, side="right")
        parts[here], instances[here] = group.parts[found], mine - group.starts[found]
        first += group.size
    return parts, instances


def _addresses(plan: _Plan, found: list[tuple[int, int]], exclude: Exclude | None) -> list[str]:
    addresses = [f"{plan.heads[part]}{instance}" for part, instance in found]
    if exclude is None:
        return addresses
    if isinstance(exclude, str):  # a collection too, of its letters
        raise TaskError(f"exclude {exclude[:40]!r} is one string; give a set of content hashes")
    is_out = exclude if callable(exclude) else exclude.__contains__
    waiting = list(range(len(addresses)))
    for attempt in range(1, _ATTEMPTS + 1):
        hashes = _core.contents([addresses[i] for i in waiting])
        waiting = [i for i, content in zip(waiting, hashes, strict=True) if is_out(content)]
        if not waiting:
            return addresses
        for i in waiting:
            part, instance = found[i]
            addresses[i] = f"{plan.heads[part]}{instance + attempt * LARGEST}"
    level = setting_of(plan.heads[found[waiting[0]][0]])
    raise TaskError(
        f"of {level} nearly all contents are excluded ({_ATTEMPTS} instances in a row were); "
        "exclude fewer, or take a level with more contents"
    )
