"""What the verifier buys beyond labels, over seeds, beside controls: ``docs/results/<task>.md``.

The run imitates short problems and then climbs in rounds on longer ones without labels. Of the same
seed and the same imitation it is compared with rounds that are not asked for the longest problems,
and with as many steps on more short problems, with gaps between positions and without; of the same
seed, with a model whose answers are digits alone. Finished runs are not run again.

    python scripts/lengths.py --seeds 0 1 2
    python scripts/lengths.py --config quickstart_table_readout --seeds 0 1 2
"""

import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import tyro
from study import share

from avrgym import TaskError
from avrgym.report.names import level_name
from avrgym.report.study import study as tables
from avrgym.runs.record import Record, write
from avrgym.train.curricula import Levels
from avrgym.train.curricula.bands import cut
from avrgym.train.curricula.occasion import Plan
from avrgym.train.run import train
from avrgym.train.shipped import find
from avrgym.train.spec import Run, load
from avrgym.train.stages import Rft, Sft

_SHORT = "No rounds: as many steps on more short ones"
_DIGITS = "No rounds, answers of digits alone"


@dataclass(frozen=True, slots=True)
class Lengths:
    """What to run."""

    config: str = "quickstart_consecutive_table_readout"
    """A file, or the name of a run that comes with the package; its last stage has rounds."""
    seeds: tuple[int, ...] = (0, 1, 2)
    controls: tuple[Literal["less", "short", "gaps", "digits"], ...] = (
        "less",
        "short",
        "gaps",
        "digits",
    )
    """``less``: rounds that never ask for the longest band; ``short``: no rounds; ``gaps``: none
    either, and positions as in the imitation before; ``digits``: none, and no wording of answers,
    so that digits are copied from the lines above."""
    split: Literal["val", "test"] = "test"
    """Choose settings on ``val``."""
    runs: Path = Path("runs/lengths")
    to: Path | None = None


def main(asked: Lengths, given: Sequence[str]) -> None:
    """Runs and writes; ``given`` are the words of the command line, for whom runs it again."""
    run = load(find(asked.config))
    variants = varied(run, asked.controls)
    records: dict[str, list[Record]] = {title: [] for title, _ in variants.values()}
    for seed in asked.seeds:
        first: Record | None = None
        for word, (title, variant) in variants.items():
            planned = replace(
                variant,
                name=f"{run.name}-{seed}-{word}",
                seed=seed,
                evaluation=replace(run.evaluation, split=asked.split),
            )
            if first and variant.wording == run.wording:
                share(first, planned, asked.runs / planned.name)
            record = train(planned, folder=asked.runs)
            records[title].append(record)
            first = first or record
    task = run.evaluation.settings(run.wording)[0].partition("/")[0]
    to = asked.to or Path("docs/results") / f"{task}.md"
    to.parent.mkdir(parents=True, exist_ok=True)
    write(to, "\n".join(page(run, asked, records, given)) + "\n")
    print(to)


def varied(run: Run, controls: Sequence[str]) -> dict[str, tuple[str, Run]]:
    """The run (``rounds``) and its controls, by their words, with titles.

    They differ in the last stage, and one in its wording.

    Raises:
        TaskError: It does not end in imitation and rounds on levels, or these cannot be fewer.
    """
    match run.stages:
        case (*_, Sft() as shown, Rft(curriculum=Levels() as asks) as last) if last.demonstrations:
            before = run.stages[:-1]
        case _:
            raise TaskError(
                f"{run.name} does not end in sft and an rft of levels beside demonstrations; give "
                "a run such as quickstart_consecutive_table_readout"
            )
    found = {"rounds": (f"Rounds that ask for {_said(asks)}", run)}
    if "less" in controls:
        fewer = _without_the_last(asks)
        stages = (*before, replace(last, curriculum=fewer))
        title = f"Rounds that ask for {_said(fewer)}"
        found["less"] = title, replace(run, stages=stages)
    more = as_many(last, last.demonstrations)
    if "short" in controls:
        found["short"] = _SHORT, replace(run, stages=(*before, more))
    if "gaps" in controls:
        again = replace(more, positions=shown.positions)
        found["gaps"] = f"{_SHORT}, with gaps", replace(run, stages=(*before, again))
    if "digits" in controls:
        wording = {name: value for name, value in run.wording.items() if name != "answer"}
        found["digits"] = _DIGITS, replace(run, wording=wording, stages=(*before, more))
    return found


def _said(asks: Levels) -> str:
    """What rounds ask for: the range that is widened, or the levels."""
    named = [asks.levels] if isinstance(asks.levels, str) else list(asks.levels)
    ranges = [f"{name} = {range_}" for name, range_ in asks.widen.items()]
    return ", ".join(ranges or named)


def _without_the_last(asks: Levels) -> Levels:
    """All that is asked but the longest: the last band, or the last level."""
    if asks.widen and asks.bands > 1:
        bands = cut(asks.widen, asks.bands)
        ends = {name: (bands[0][name], bands[-2][name]) for name in asks.widen}
        less = {name: f"{a.split('-')[0]}-{b.split('-')[1]}" for name, (a, b) in ends.items()}
        return replace(asks, widen=less, bands=asks.bands - 1)
    if not asks.widen and not isinstance(asks.levels, str | Mapping) and len(asks.levels) > 1:
        return replace(asks, levels=asks.levels[:-1])
    raise TaskError("there is but one thing to ask for; leave less out of controls")


def page(
    run: Run, asked: Lengths, records: Mapping[str, Sequence[Record]], given: Sequence[str]
) -> Iterator[str]:
    """The lines of the page."""
    seeds = " ".join(map(str, asked.seeds))
    yield f"# {run.name}: longer than shown\n"
    yield (
        f"Split `{asked.split}`, up to {run.evaluation.items} samples of distinct content a "
        "level; none of their contents occurs in training. Per cent of answers right, each cell "
        "with its digit unless digits alone are asked for: mean over seeds ± half the 95 % "
        f"interval over seeds (Student), then seed by seed (seeds {seeds}). Runs of one seed and "
        "wording share their imitation. What is *only judged* "
        "was asked for in rounds, and replies that the verifier accepted were imitated; there was "
        "no label.\n"
    )
    yield f"Written by `{shlex.join(['python', 'scripts/lengths.py', *given])}`.\n"
    yield from tables(records)
    yield "\n## Replies drawn in rounds, all seeds together\n"
    yield (
        "At the temperature of the stage, to problems of training; a round is drawn before its "
        "steps. Per cent right, and of how many replies how many were kept.\n"
    )
    for title, runs in records.items():
        yield from _rounds(title, runs)


def _rounds(title: str, runs: Sequence[Record]) -> Iterator[str]:
    counts: dict[tuple[str, int], Counter[str]] = {}
    for record in runs:
        for event in record.events("sampled"):
            if "kept" in event:
                mine = counts.setdefault((event["level"], event["round"]), Counter())
                mine.update({name: event[name] for name in ("right", "kept", "total")})
    if not counts:
        return
    rounds = sorted({round for _, round in counts})
    heads = [f"round {round + 1} | kept" for round in rounds]
    yield f"| {title} | {' | '.join(heads)} |"
    yield "|" + "---|" * (1 + 2 * len(rounds))
    for level in sorted({level for level, _ in counts}, key=_in_order):
        cells = [
            f"{100 * c['right'] / c['total']:.0f} | {c['kept']:,} of {c['total']:,}"
            for c in (counts[level, round] for round in rounds)
        ]
        yield f"| {level_name(level)} | {' | '.join(cells)} |"
    yield ""


def as_many(rounds: Rft, shown: Plan) -> Sft:
    """The control of rounds: as many steps alike, on more of what is demonstrated."""
    return Sft(
        name="more",
        steps=rounds.steps,
        batch=rounds.batch,
        at_once=rounds.at_once,
        positions=rounds.positions,
        curriculum=shown,
        probe_every=rounds.probe_every,
        trl=rounds.trl,
    )


def _in_order(level: str) -> list[tuple[int, str]]:
    """Sorts bands by their numbers."""
    return [(int(part or 0), between) for between, part in re.findall(r"(\D*)(\d*)", level)]


if __name__ == "__main__":
    main(tyro.cli(Lengths, description=__doc__), sys.argv[1:])
