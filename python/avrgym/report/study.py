"""Runs over seeds as a page of Markdown."""

from collections.abc import Iterator, Mapping, Sequence

from avrgym.analyses.accuracy import accuracy
from avrgym.analyses.length import by_length
from avrgym.analyses.seeds import entry
from avrgym.core import facts
from avrgym.core.address import task_of
from avrgym.core.score import Score
from avrgym.report.names import format_name, level_name
from avrgym.report.stages import Told, role, stages
from avrgym.runs.record import Record

_NONE = Score(0, 0)


def study(variants: Mapping[str, Sequence[Record]]) -> Iterator[str]:
    """The lines of the tables: per cent right, by length, and seconds of CPU time.

    Args:
        variants: By title (``Credit by steps``), the runs of one variant, each of another seed, all
            of the same seeds in the same order; every run evaluates the same.
    """
    last: list[str] = []
    for title, runs in variants.items():
        held = [list(record.results()) for record in runs]
        told = stages(runs[0].events(), held[0])
        evaluated = [s for s in told if any(row["stage"] == s.name for row in held[0])]
        yield f"\n## {title}\n"
        for name in dict.fromkeys(row["format"] for row in held[0]):
            yield f"\n{format_name(name).capitalize()}\n"
            yield from _table(name, told, evaluated, held)
        final = evaluated[-1].name if evaluated else ""
        last += _lengths(title, [row for rows in held for row in rows if row["stage"] == final])
    yield "\n## By length, all seeds together\n"
    yield "Greedy, after the last stage, in the first format.\n"
    yield from last
    yield "\n## Seconds of CPU time, evaluations included\n"
    first = next(iter(variants.values()))
    seeds = [str(record.settings().get("seed", place)) for place, record in enumerate(first)]
    yield "| run, by seed | " + " | ".join(seeds) + " |\n|" + "---|" * (1 + len(seeds))
    for title, runs in variants.items():
        spent = [sum(e.get("cpu_seconds", 0.0) for e in r.events("done")) for r in runs]
        yield f"| {title} | " + " | ".join(f"{seconds:.0f}" for seconds in spent) + " |"


def _table(
    name: str,
    told: Sequence[Told],
    evaluated: Sequence[Told],
    held: Sequence[list[dict[str, object]]],
) -> Iterator[str]:
    """One format: a line per decoding and level, a column per stage, the last one's gain."""
    mine = [[row for row in rows if row["format"] == name] for rows in held]
    scores = [accuracy(rows, "level", "decoding", "stage") for rows in mine]
    gain = len(evaluated) > 2
    heads = ["level", "in training", "decoding", *(_after(stage) for stage in evaluated)]
    heads += ["gain of the last stage"] * gain
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    levels = dict.fromkeys(str(row["level"]) for row in mine[0])
    one = len({task_of(level) for level in levels}) == 1
    for decoding in dict.fromkeys(str(row["decoding"]) for row in mine[0]):
        for level in levels:
            shares = [
                [100 * found.get((level, decoding, stage.name), _NONE).accuracy for found in scores]
                for stage in evaluated
            ]
            cells = [entry(values) for values in shares]
            if gain:
                gained = [b - a for a, b in zip(shares[-2], shares[-1], strict=True)]
                cells.append(entry(gained, sign=True))
            said = level_name(level) if one else level
            yield f"| {said} | {role(level, name, told)} | {decoding} | {' | '.join(cells)} |"


def _lengths(title: str, rows: Sequence[dict[str, object]]) -> Iterator[str]:
    first = next((row["format"] for row in rows), None)
    greedy = [r for r in rows if r["format"] == first and r["decoding"] == "greedy"]
    for level, scores in by_length(greedy).items():
        length = facts.length(task_of(level)).replace("_", " ")
        yield f"| {level} by {length}, {title} | " + " | ".join(map(str, scores)) + " |"
        yield "|" + "---|" * (1 + len(scores))
        yield "| % | " + " | ".join(f"{100 * s.accuracy:.0f}" for s in scores.values()) + " |"
        yield "| of | " + " | ".join(str(s.total) for s in scores.values()) + " |\n"


def _after(stage: Told) -> str:
    return stage.label if stage.first == stage.last == 0 else f"after {stage.label}"
