"""Which instances give way to others, because their content is excluded or there already.

The rows of a mixture are known without a plan; a plan is only the sparse list of exceptions.
Contents are found once for each instance, whatever the number of its formats, and kept on disk, 16
bytes each; they are compared by ranges of their hash, so memory holds the exceptions (some hundred
bytes each while they are settled) and the excluded contents (32 bytes each), and nothing that grows
with the dataset. In place of instance i comes the first of i + 2**40, i + 2 * 2**40, … whose
content is free, the same in all formats, which is what a stream does with excluded contents.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avrgym import _core, jobs
from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.data.contents import RECORD, Halves, Records, among, halves, record, repeated
from avrgym.data.excluded import Excluded, heads
from avrgym.data.settings import Settings, asked
from avrgym.files.storage import UNFINISHED, aside
from avrgym.mixtures import Mixture
from avrgym.mixtures.parts import LARGEST

# Instances whose contents are found by one job.
_SPAN = 65_536
_CHUNK = 8_192
_ATTEMPTS = 64
# A level is given up when this many instances would be left after the last attempt.
_HOPELESS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The exceptions.

    Attributes:
        heads: The sources, as addresses without an index.
        source: Which source an exception is of, (n,); sorted, then by ``old``.
        old: Its index there, (n,).
        new: The index of what comes in its place, (n,).
        excluded: By phase, how many rows were replaced because their content is excluded.
        dropped: By phase, how many because another instance of their format has it.
        duplicates: By phase, how many rows remain whose content another instance has.
    """

    heads: tuple[str, ...]
    source: NDArray[np.int64]
    old: NDArray[np.int64]
    new: NDArray[np.int64]
    excluded: dict[str, int]
    dropped: dict[str, int]
    duplicates: dict[str, int]

    def moved(self, addresses: Iterable[str]) -> list[str]:
        """Addresses, each exception replaced."""
        kept = list(addresses)
        if not len(self.old):
            return kept
        for ordinal, head in enumerate(self.heads):
            first, last = np.searchsorted(self.source, [ordinal, ordinal + 1])
            if first == last:
                continue
            places = [i for i, address in enumerate(kept) if address.startswith(head)]
            indices = np.array([int(kept[i][len(head) :]) for i in places], np.int64)
            at = np.minimum(first + np.searchsorted(self.old[first:last], indices), last - 1)
            for hit in np.flatnonzero(self.old[at] == indices):
                kept[places[hit]] = f"{head}{self.new[at[hit]]}"
        return kept


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one source, and the file for its contents."""

    head: str
    start: int
    stop: int
    file: str


def find_contents(span: Span) -> int:
    """Writes the contents of a stretch, uint64 (n, 2); a job of its own.

    Raises:
        OSError: The disk is full, or the path cannot be written.
    """
    file = Path(span.file)
    if not file.exists():
        found = np.empty((span.stop - span.start, 2), "<u8")
        for start in range(span.start, span.stop, _CHUNK):
            stop = min(start + _CHUNK, span.stop)
            hashes = _core.contents([f"{span.head}{i}" for i in range(start, stop)])
            found[start - span.start : stop - span.start] = halves(hashes)
            jobs.tell(stop - start)
        with aside(file, file.parent / UNFINISHED) as path:
            path.write_bytes(found.tobytes())  # NumPy's own writing does not say what went wrong
    return span.stop - span.start


def spans(settings: Settings, folder: Path) -> list[Span]:
    """The stretches whose contents a plan is made of, to be kept in a folder."""
    return [
        Span(head, start, min(start + _SPAN, given.stop), str(folder / f"{ordinal}-{start}"))
        for ordinal, (head, given) in enumerate(heads(settings.mixture).items())
        for start in range(given.start, given.stop, _SPAN)
    ]


def find(
    settings: Settings,
    wanted: list[Span],
    workers: int = 1,
    engine: str = "local",
    hear: Callable[[int], None] = lambda _: None,
) -> None:
    """Finds the contents of all stretches that are not there.

    Args:
        settings: What is to be written.
        wanted: What :func:`spans` gave of it.
        workers: See :func:`avrgym.jobs.run`.
        engine: See there.
        hear: See there; the amount is instances.

    Raises:
        TaskError: See there.
        OSError: See there, and at :func:`find_contents`.
    """
    running = jobs.run(find_contents, wanted, workers, engine, hear, asked(settings))
    with closing(running) as found:
        for _ in found:
            pass


def make(
    settings: Settings,
    excluded: Excluded,
    found_of: list[Span],
    hear: Callable[[int], None] = lambda _: None,
) -> Plan:
    """Works out the exceptions.

    Args:
        settings: What is to be written.
        excluded: What must not be in it.
        found_of: All its stretches; :func:`find` has found their contents.
        hear: Called with an amount of instances: all of them where nothing has to give way, else
            one that grows as what comes in the place of others is found.

    Raises:
        TaskError: Too few contents are left, or there are duplicates and none may be.
    """
    given = heads(settings.mixture)
    ordinals = {head: ordinal for ordinal, head in enumerate(given)}
    begun = [each.start for each in given.values()]

    def chunks(upto: dict[int, int]) -> Iterator[Records]:
        for span in found_of:
            ordinal = ordinals[span.head]
            if (length := min(upto.get(ordinal, 0), span.stop) - span.start) > 0:
                found: Halves = np.fromfile(span.file, "<u8", 2 * length).reshape(-1, 2)
                yield record(found, ordinal, np.arange(span.start, span.start + length, dtype="u8"))

    everything = {ordinals[head]: each.stop for head, each in given.items()}
    out = _gathered(chunk[among(_pairs(chunk), excluded.known)] for chunk in chunks(everything))
    again = np.empty(0, RECORD)
    duplicates = dict.fromkeys((phase.name for phase in settings.mixture.phases), 0)
    done: dict[tuple[tuple[int, int], ...], Records] = {}
    for phase, upto, tally in _formats(settings.mixture, ordinals):
        key = tuple(upto.items())
        if key not in done:
            instances = sum(stop - begun[ordinal] for ordinal, stop in upto.items())
            done[key] = _gathered(repeated(partial(chunks, upto), instances))
        # What is excluded gives way in any case; so do all that have the same content.
        left = done[key][~among(_pairs(done[key]), excluded.known)]
        duplicates[phase] += _rows(left, tally)
        again = _gathered([again, left])
    if settings.writing.duplicates == "fail" and len(again):
        head, index = tuple(given)[int(again[0]["source"])], int(again[0]["index"])
        raise TaskError(
            f"{len(again)} instances have the content of another one, {head}{index} among them; "
            "let them be dropped or counted, or take a level with more contents"
        )
    dropping = settings.writing.duplicates == "drop"
    bad = _gathered([out, again]) if dropping else out
    total = sum(map(len, given.values()))
    new = _replacements(
        bad,
        tuple(given),
        excluded,
        partial(chunks, everything),
        lambda waiting: hear(total - waiting),
    )
    tallies: dict[str, list[tuple[int, int]]] = {}
    for phase, _, tally in _formats(settings.mixture, ordinals):
        tallies.setdefault(phase, []).extend(tally)
    return Plan(
        heads=tuple(given),
        source=bad["source"].astype(np.int64),
        old=bad["index"].astype(np.int64),
        new=new,
        excluded={phase: _rows(out, tally) for phase, tally in tallies.items()},
        dropped={phase: _rows(again, tally) if dropping else 0 for phase, tally in tallies.items()},
        duplicates={phase: 0 for phase in duplicates} if dropping else duplicates,
    )


def save(plan: Plan, path: Path, within: Path) -> None:
    """Writes a plan, whole or not at all."""
    made = BytesIO()
    np.savez(
        made,
        heads=np.array(plan.heads),
        places=np.stack([plan.source, plan.old, plan.new]),
        phases=np.array(list(plan.excluded)),
        counts=np.array(
            [list(each.values()) for each in (plan.excluded, plan.dropped, plan.duplicates)]
        ),
    )
    with aside(path, within) as file:
        file.write_bytes(made.getvalue())


def load(path: Path) -> Plan:
    """Reads a plan that :func:`save` wrote."""
    with np.load(path) as kept:
        phases = [str(name) for name in kept["phases"]]
        excluded, dropped, duplicates = (
            dict(zip(phases, counts.tolist(), strict=True)) for counts in kept["counts"]
        )
        source, old, new = kept["places"]
        heads = tuple(str(head) for head in kept["heads"])
        return Plan(heads, source, old, new, excluded, dropped, duplicates)


def _formats(
    mixture: Mixture, ordinals: dict[str, int]
) -> Iterator[tuple[str, dict[int, int], list[tuple[int, int]]]]:
    """Of each phase and format: where each source's instances stop, and those of its parts."""
    for phase in mixture.phases:
        found: dict[str, list[tuple[int, int]]] = {}
        for part, count in zip(phase.parts, phase.counts(), strict=True):
            [first] = _core.canonical([part.source(mixture.seed).address(0)])
            mine = (ordinals[first.removesuffix("0")], part.first + count)
            found.setdefault(part.format.name, []).append(mine)
        for tally in found.values():
            upto: dict[int, int] = {}
            for ordinal, stop in sorted(tally):
                upto[ordinal] = max(upto.get(ordinal, 0), stop)
            yield phase.name, upto, tally


def _rows(bad: Records, tally: list[tuple[int, int]]) -> int:
    """How many rows of some parts have one of these instances."""
    return sum(
        int(((bad["source"] == ordinal) & (bad["index"] < stop)).sum()) for ordinal, stop in tally
    )


def _pairs(records: Records) -> Halves:
    return np.stack([records["high"], records["low"]], axis=1)


def _gathered(pieces: Iterable[Records]) -> Records:
    """Instances, each once, by source and index."""
    together = np.concatenate([np.empty(0, RECORD), *pieces])
    together = together[np.lexsort((together["index"], together["source"]))]
    fresh = np.ones(len(together), bool)
    fresh[1:] = (together["source"][1:] != together["source"][:-1]) | (
        together["index"][1:] != together["index"][:-1]
    )
    return together[fresh]


def _replacements(
    bad: Records,
    names: tuple[str, ...],
    excluded: Excluded,
    chunks: Callable[[], Iterable[Records]],
    hear: Callable[[int], None],
) -> NDArray[np.int64]:
    """The indices of what comes in place of each, (n,).

    Args:
        bad: What gives way.
        names: The sources, as addresses without an index.
        excluded: What must not be taken.
        chunks: Gives all instances, as often as it is called.
        hear: Called before each attempt with how many still wait.

    Raises:
        TaskError: Nothing free was found for one, or so little that nothing will be for many.
    """
    new = np.empty(len(bad), np.int64)
    waiting = np.arange(len(bad))
    taken: set[tuple[int, int]] = set()
    for attempt in range(1, _ATTEMPTS + 1):
        hear(len(waiting))
        if not len(waiting):
            return new
        tried = bad["index"][waiting].astype(np.int64) + attempt * LARGEST
        pairs = np.concatenate(
            [np.empty((0, 2), np.uint64)]
            + [
                halves(
                    _core.contents(
                        [
                            f"{names[source]}{index}"
                            for source, index in zip(
                                bad["source"][waiting[i : i + _CHUNK]].tolist(),
                                tried[i : i + _CHUNK].tolist(),
                                strict=True,
                            )
                        ]
                    )
                )
                for i in range(0, len(waiting), _CHUNK)
            ]
        )
        free = ~among(pairs, excluded.known)
        for chunk in chunks():
            held = _pairs(chunk)
            near = held[np.isin(held[:, 0], pairs[:, 0])]
            if len(near):
                free &= ~among(pairs, near)
        for i in np.flatnonzero(free):
            pair = (int(pairs[i, 0]), int(pairs[i, 1]))
            free[i] = pair not in taken
            taken.add(pair)
        new[waiting[free]] = tried[free]
        # Later attempts free no larger a share, because what was free is taken. Ten more than were
        # seen, so that no luck decides.
        share = min(1.0, (int(free.sum()) + 10) / len(waiting))
        waiting = waiting[~free]
        if len(waiting) * (1 - share) ** (_ATTEMPTS - attempt) > _HOPELESS:
            break
    if len(waiting):
        level = setting_of(names[bad[waiting[0]]["source"]])
        raise TaskError(
            f"{level} has too few contents: for {len(waiting)} of its instances {attempt} others "
            "in a row were excluded or there already; ask for fewer rows, exclude less, "
            "or let duplicates be counted"
        )
    return new


def replaced(plan: Plan) -> dict[str, Any]:
    """What a manifest says of the exceptions."""
    return {
        phase: {
            "excluded": plan.excluded[phase],
            "dropped": plan.dropped[phase],
            "duplicates": plan.duplicates[phase],
        }
        for phase in plan.excluded
    }
