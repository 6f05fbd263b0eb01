"""Where a climb stands: what each stage that draws replies drew, and how it fared, over time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from avrgym.core.address import task_of
from avrgym.core.score import Score
from avrgym.report.cells import sentences
from avrgym.report.inquiry import Inquiry
from avrgym.report.names import level_name, listed
from avrgym.report.section import Analysis, Cell, Figure, Head, Section, Sheet
from avrgym.report.stages import Rows, Told

PARTS = 10  # into which the drawings of a stage are cut, or as many as there are drawings
ALIKE = 0.1  # of all replies: levels whose shares lie within it count as drawn alike
_STANDING = ("share", "success")  # of the log, which events `sampled` have by the step

# What the log says of groups that were drawn and not learned from, and why that was.
_LEFT = {
    "left_out": "all of their replies were right, or all wrong",
    "noise": "all of their replies were wrong and paid alike",
}

_NOTE = (
    "Of replies drawn in training, all formats together, those left out among them. A stage's "
    "drawings are cut into ten parts: at first and at the end are the first and the last one; what "
    "was right is of the first and the last part in which the level was drawn. The climb's own "
    "numbers, and what was left out, are of the trainer's log."
)


def _ask(inquiry: Inquiry) -> Section | None:
    runs = [source for source in inquiry.gathered.sources if source.is_run]
    figures, sheets, words = list[Figure](), list[Sheet](), list[str]()
    for source in runs:
        for stage in source.stages:
            of = f"{stage.label} of {source.name}" if len(runs) > 1 else stage.label
            mine = [event for event in source.events if event.get("stage") == stage.name]
            drawn = [event for event in mine if event["event"] == "sampled" and event["total"]]
            if not drawn:
                continue
            parts = _parts(drawn)
            figures.append(Figure(f"{of}: what was drawn, and right", _drawing(stage, drawn)))
            sheets += _sheets(of, mine, drawn, parts)
            words += _words(of, mine, drawn, parts)
    return Section(sentences(words), tuple(sheets), tuple(figures), _NOTE) if sheets else None


def _sheets(of: str, mine: Rows, drawn: Rows, parts: Sequence[dict[str, Score]]) -> Iterator[Sheet]:
    name = _names(drawn)
    rows = list[tuple[Cell, ...]]()
    for level, score in _scores(drawn).items():
        shares = (_share(part, level) for part in (parts[0], parts[-1]))
        was, now = (score.accuracy for score in _ends(parts, level))
        rows.append((name(level), score.total, *shares, was, now, now - was))
    heads = (
        *(Head("level"), Head("replies", "count")),
        *(Head("drawn at first", "share"), Head("drawn at the end", "share")),
        *(Head("right at first", "share"), Head("right at the end", "share")),
        Head("change", "points"),
    )
    yield Sheet(f"{of}: levels", heads, tuple(rows))
    if own := _own(mine, name):
        numbers = tuple(
            (key, values[0], values[-1], min(values), max(values)) for key, values in own.items()
        )
        ends = (Head(text, "number") for text in ("first", "last", "lowest", "highest"))
        yield Sheet(f"{of}: the climb's own numbers", (Head("number"), *ends), numbers)
    if left := _left(mine):
        yield Sheet(
            f"{of}: groups not learned from",
            (Head("why"), Head("groups", "count")),
            tuple(left.items()),
        )
    if warned := _warned(mine):
        yield Sheet(
            f"{of}: warnings",
            (Head("step", "count"), Head("what")),
            tuple((event["step"], event["text"]) for event in warned),
        )


def _words(of: str, mine: Rows, drawn: Rows, parts: Sequence[dict[str, Score]]) -> Iterator[str]:
    """What happened, a sentence each: what was drawn, what was learned, what stood still."""
    name = _names(drawn)
    levels = list(_scores(drawn))
    last = {level: _share(parts[-1], level) for level in levels}
    most = [level for level in levels if last[level] > max(last.values()) - ALIKE]
    if len(levels) == 1:
        said = f"{of} drew {name(levels[0])} alone"
    elif most == levels:
        said = f"{of} drew its {len(levels)} levels about alike at the end"
    else:
        first, end = (
            f"{100 * sum(_share(part, level) for level in most):.0f}"
            for part in (parts[0], parts[-1])
        )
        said = f"{of} drew {end} % from {listed([*map(name, most)])} at the end ({first} at first)"
    ends = {level: _ends(parts, level) for level in levels}
    moved = max(levels, key=lambda level: abs(ends[level][1].accuracy - ends[level][0].accuracy))
    was, now = (f"{100 * score.accuracy:.0f}" for score in ends[moved])
    yield f"{said}; {name(moved)} went from {was} to {now} % right"
    for why, count in _left(mine).items():
        yield f"{of} left out {count:,.0f} groups: {why}"
    for event in _warned(mine):
        yield f"{of}, step {event['step']:,}: {event['text']}"


def _drawing(stage: Told, drawn: Rows) -> Callable[[], str]:
    def draw() -> str:
        from avrgym.report import figures

        return figures.standing(stage, drawn)

    return draw


def _parts(drawn: Rows) -> list[dict[str, Score]]:
    """Scores by level in each part of a stage's drawings, in order."""
    steps = sorted({event["step"] for event in drawn})
    count = min(PARTS, len(steps))
    part = {step: place * count // len(steps) for place, step in enumerate(steps)}
    held: list[list[Mapping[str, Any]]] = [[] for _ in range(count)]
    for event in drawn:
        held[part[event["step"]]].append(event)
    return [_scores(each) for each in held]


def _scores(drawn: Rows) -> dict[str, Score]:
    """By level, the easier names first, as the terminal has them."""
    found: dict[str, Score] = {}
    for event in sorted(drawn, key=lambda event: (len(event["level"]), event["level"])):
        of, score = event["level"], Score(event["right"], event["total"])
        found[of] = found.get(of, Score(0, 0)) + score
    return found


def _share(part: Mapping[str, Score], level: str) -> float:
    """What share of a part's replies is of a level."""
    whole = sum(score.total for score in part.values())
    return part[level].total / whole if level in part else 0.0


def _ends(parts: Sequence[Mapping[str, Score]], level: str) -> tuple[Score, Score]:
    """How replies of a level fared in the first and the last part that has any."""
    held = [part[level] for part in parts if level in part]
    return held[0], held[-1]


def _names(drawn: Rows) -> Callable[[str], str]:
    """What levels are called: without their task where all are of one."""
    one = len({task_of(event["level"]) for event in drawn}) == 1
    return level_name if one else str


def _own(mine: Rows, name: Callable[[str], str]) -> dict[str, list[float]]:
    """The climb's own numbers by name, as they were logged one after the other."""
    found: dict[str, list[float]] = {}
    for event in mine:
        if event["event"] == "log":
            for key, value in event.get("curriculum", {}).items():
                what, _, level = key.partition("/")
                if what not in _STANDING:
                    found.setdefault(f"{what}, {name(level)}" if level else what, []).append(value)
    return found


def _left(mine: Rows) -> dict[str, float]:
    """Groups that were drawn and not learned from, by reason; those of which there are any.

    A line of the log has the mean of the drawings since the line before.
    """
    found = dict.fromkeys(_LEFT, 0.0)
    drawings = {event["step"] for event in mine if event["event"] == "sampled"}
    before = 0
    for event in mine:
        if event["event"] == "log":
            since = sum(before < step <= event["step"] for step in drawings)
            before = event["step"]
            for key in found:
                found[key] += event.get(key, 0.0) * since
    return {_LEFT[key]: count for key, count in found.items() if round(count)}


def _warned(mine: Rows) -> list[Mapping[str, Any]]:
    return [event for event in mine if event["event"] == "warning"]


CLIMB = Analysis("climb", "Where the climb stands", "a stage that draws replies", _ask, rows=False)
