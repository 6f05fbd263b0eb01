"""The verb search: what choosing among several replies brings, by strategy and scorer."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from avrgym._core import TaskError
from avrgym.analyses.interval import Estimate
from avrgym.cli.accuracies import folded
from avrgym.cli.codes import writing
from avrgym.cli.options import default
from avrgym.core.arguments import named
from avrgym.core.extras import needs
from avrgym.evaluate.sides import rows_of
from avrgym.files import storage
from avrgym.search import RANKINGS
from avrgym.search.aggregation import AGGREGATIONS
from avrgym.search.candidates import Candidates
from avrgym.search.frontier import Choice, Scored, ceilings, exact, frontier, judged, likelihood
from avrgym.search.rerank import Point, parts

with needs("data"):
    import tyro


@dataclass(frozen=True, slots=True)
class Search:
    """Choose among the replies of an evaluation, as majority, best of n and weighted votes do.

    Nothing is asked: rows are read. Accuracy is that of the choice, by strategy, scorer and number
    of replies; ceiling is how often there is a right one to choose. For example:

    avrgym evaluate --policy runs/quickstart --suite ladder --decodings sampled --draws 16
    --to runs/drawn

    avrgym search runs/drawn --scorers exact,likelihood --figure frontier.svg

    Attributes:
        folder: What avrgym evaluate or avrgym train wrote, several sampled replies a problem; a
            run's stage stands behind a colon.
        scorers: Who scores: exact (the verifier), likelihood (the model's own confidence), or the
            folder of a process reward model; with commas between them.
        aggregation: How scores of steps become one: last, min, mean or product.
        choose_on: An evaluation of split val, on which the aggregation of each strategy is chosen.
        by: Columns to tell apart, with commas between them.
        model: Folder of the model or the run that replied, whose weights are counted for FLOPs; a
            run's own replies need none.
        figure: Write accuracy against FLOPs as SVG, or against tokens where those are not known.
        json: Print JSON.
    """

    folder: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FOLDER")]
    scorers: str = "exact,likelihood"
    aggregation: str = "last"
    choose_on: Annotated[str | None, default("none")] = None
    by: str = "level"
    model: Annotated[Path | None, default("none")] = None
    figure: Annotated[Path | None, default("none")] = None
    json: bool = False

    def do(self) -> bool:
        """Chooses, and prints how often that was right."""
        word, rows = rows_of(self.folder)
        names = [name.strip() for name in self.scorers.split(",") if name.strip()]
        candidates = Candidates.of(rows)
        scored = [_scored(name, candidates) for name in names]
        if twice := [name for name, n in Counter(each.name for each in scored).items() if n > 1]:
            raise TaskError(f"two scorers are called {twice[0]}; give folders of different names")
        choice = Choice(named("aggregation", self.aggregation, AGGREGATIONS))
        if self.choose_on is not None:
            choice = _chosen(self.choose_on, names)
        policy = _weights(word, self.model)
        groups = dict(_groups(candidates, scored, choice, self.by, policy))
        if self.figure is not None:
            with writing("give another file with --figure", self.figure):
                storage.write_text(self.figure, _figure(groups), self.figure.parent)
        print(_json(word, groups) if self.json else _table(word, candidates, groups))
        return True


#: Of a group of problems: what each strategy does, and how often there is a right reply.
_Group: TypeAlias = tuple[list[Point], Mapping[int, Estimate]]

_SCORERS: Mapping[str, Callable[[Candidates], Scored]] = {"exact": exact, "likelihood": likelihood}


def _scored(name: str, candidates: Candidates) -> Scored:
    """What a scorer says of all replies.

    Raises:
        TaskError: There is none of that name, and no judge in such a folder.
    """
    if name in _SCORERS or not (Path(name).is_dir() or ":" in name or "+" in name):
        return _SCORERS[named("scorer", name, _SCORERS)](candidates)
    from avrgym.prm.scorers import called, found
    from avrgym.train.quiet import quieten

    quieten()
    return judged(called(name), found(name), candidates)


def _weights(word: str, model: Path | None) -> int | None:
    """Of the model that replied, if that is known.

    Raises:
        TaskError: There is no such folder, or no model in it.
    """
    before, _, stage = word.rpartition(":")
    run = Path(before) if before and not Path(word).exists() else Path(word)
    if model is None and not (run / "run.json").exists():
        return None
    from avrgym.models.play import latest
    from avrgym.models.size import weights
    from avrgym.runs.record import Record

    if model is None:
        return weights(Record(run).model(stage) if run == Path(before) else latest(run))
    if not model.is_dir():
        raise TaskError(f"--model {model} is no folder; name one of a run or of a model")
    found = weights(latest(model) if (model / "run.json").exists() else model)
    if found is None:
        raise TaskError(
            f"--model {model} does not say how many weights it has (an adapter, packed weights, or "
            "none at all); leave it out"
        )
    return found


def _chosen(word: str, names: Sequence[str]) -> Choice:
    """The aggregation by what does best on another evaluation.

    Raises:
        TaskError: It was measured on split ``test``, or there is nothing to choose among.
    """
    _, rows = rows_of(word)
    if tested := [row["split"] for row in rows if row["split"] != "val"]:
        raise TaskError(
            f"--choose-on {word} is of split {tested[0]}; choose on val, and measure on test: "
            "evaluate with --split val"
        )
    candidates = Candidates.of(rows)
    held = [_scored(name, candidates) for name in names]
    return Choice(on=(candidates, {each.name: each for each in held}))


def _groups(
    candidates: Candidates,
    scored: Sequence[Scored],
    choice: Choice,
    by: str,
    policy: int | None,
) -> Iterator[tuple[str, _Group]]:
    """All problems, and those of each group by columns, if there are several."""
    rankings = [kind() for kind in RANKINGS]
    yield (
        "all",
        (list(frontier(candidates, rankings, scored, choice, policy)), ceilings(candidates)),
    )
    columns = [name.strip() for name in by.split(",") if name.strip()]
    held: dict[str, list[int]] = {}
    for place, draws in enumerate(candidates.rows):
        if unknown := [name for name in columns if name not in draws[0]]:
            raise TaskError(
                f"rows have no column {unknown[0]!r}; give one of {', '.join(draws[0])}"
            )
        held.setdefault(" ".join(str(draws[0][name]) for name in columns), []).append(place)
    for name, places in held.items() if len(held) > 1 else ():
        mine = candidates.only(places)
        points = frontier(mine, rankings, [each.only(places) for each in scored], choice, policy)
        yield name, (list(points), ceilings(mine))


def _lines(points: Sequence[Point]) -> dict[str, list[Point]]:
    """The points of each strategy with each scorer, in order of n."""
    held: dict[str, list[Point]] = {}
    for each in points:
        name = each.strategy.replace("_", " ")
        if each.scorer:
            name += f", {each.scorer}"
        held.setdefault(name, []).append(each)
    return held


def _table(word: str, candidates: Candidates, groups: Mapping[str, _Group]) -> str:
    sizes = list(next(iter(groups.values()))[1])
    width = shutil.get_terminal_size().columns
    told = []
    for group, (points, most) in groups.items():
        rows = [(group, *(f"n = {n}" for n in sizes))]
        costs = [(f"n = {sizes[-1]}", "aggregation", "tokens", "calls", "judged", "FLOPs")]
        for name, line in _lines(points).items():
            rows.append((name, *(_cell(each.accuracy) for each in line)))
            costs.append((name, line[-1].aggregation, *_took(line[-1])))
        rows.append(("a right one is there", *(_cell(most[n]) for n in sizes)))
        told.append("\n".join(folded(rows, width)))
        told.append("\n".join([*folded(costs, width), *_fooled(points)]))
    tokens = candidates.tokens.mean()
    told.append(
        f"{word}: {len(candidates):,} problems, {candidates.draws} replies each"
        + (f", {tokens:.0f} tokens a reply" if tokens else "")
        + "; per cent right with the 95 % interval; tokens, calls and FLOPs of a problem"
    )
    return "\n\n".join(told)


def _fooled(points: Sequence[Point]) -> Iterator[str]:
    """Where what a scorer gives rises while what is right falls."""
    for name, line in _lines(points).items():
        if top := parts(line):
            last = line[-1]
            yield (
                f"{name}: right most often at n = {top.n}; from there to n = {last.n} its score "
                f"rises from {top.value:.3f} to {last.value:.3f}, accuracy falls from "
                f"{top.accuracy.value:.1%} to {last.accuracy.value:.1%}, first errors of seeing go "
                f"from {top.seeing:.1%} to {last.seeing:.1%}, of thinking from {top.thinking:.1%} "
                f"to {last.thinking:.1%}"
            )


def _took(each: Point) -> tuple[str, str, str, str]:
    """Tokens, calls, tokens that the scorer read, and FLOPs, of a problem."""
    known = bool(each.tokens)
    return (
        f"{each.tokens:,.0f}" if known else "unknown",
        f"{each.calls:,.0f}",
        f"{each.judged:,.0f}" if known or not each.scorer else "unknown",
        "unknown" if each.flops != each.flops else f"{each.flops:.2g}",
    )


def _cell(found: Estimate) -> str:
    return f"{100 * found.value:.1f} ({100 * found.low:.0f} - {100 * found.high:.0f})"


def _figure(groups: Mapping[str, _Group]) -> str:
    from avrgym.report.charts import Line, bands
    from avrgym.report.palette import declared

    known = all(each.flops == each.flops for points, _ in groups.values() for each in points)

    def spent(each: Point) -> float:
        return each.flops if known else each.tokens or each.n

    panels = {}
    for group, (points, most) in groups.items():
        lines = _lines(points)
        panels[group] = {
            name: Line([spent(each) for each in line], [each.accuracy for each in line])
            for name, line in lines.items()
        }
        first = next(iter(lines.values()))
        at = [spent(each) for each in first]
        panels[group]["a right one is there"] = Line(at, [most[each.n] for each in first])
    # By itself it has no page that says what its colours are.
    light, dark = declared(False), declared(True)
    style = f":root {{ {light} }} @media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    drawn = any(each.tokens for points, _ in groups.values() for each in points)
    below = "FLOPs a problem" if known else "tokens a problem" if drawn else "replies to a problem"
    head, mark, rest = bands(panels, "right", doubled=below).partition(">")
    return f"{head}{mark}<style>{style}</style>{rest}"


def _json(word: str, groups: Mapping[str, _Group]) -> str:
    made = {
        "folder": word,
        "groups": {
            group: {
                "points": [_plain(each) for each in points],
                "ceiling": {str(n): _interval(each) for n, each in most.items()},
            }
            for group, (points, most) in groups.items()
        },
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def _plain(each: Point) -> dict[str, Any]:
    held = asdict(each) | {"accuracy": _interval(each.accuracy)}
    return {name: None if value != value else value for name, value in held.items()}


def _interval(found: Estimate) -> dict[str, Any]:
    return {"value": found.value, "interval": [found.low, found.high], "n": found.n}
