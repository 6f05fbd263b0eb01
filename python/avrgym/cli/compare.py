"""The verb compare: two evaluations on the items that both were asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from avrgym._core import TaskError
from avrgym.analyses.beside import Beside, beside
from avrgym.analyses.interval import Estimate
from avrgym.analyses.table import Key, Table
from avrgym.cli.accuracies import aligned
from avrgym.core.extras import needs
from avrgym.evaluate.sides import rows_of

with needs("data"):
    import tyro

_SIDE = tyro.conf.arg(metavar="FOLDER")


@dataclass(frozen=True, slots=True)
class Compare:
    """Compare two evaluations, or stages of runs, on the items that both were asked.

    Differences are first minus second, with 95 % intervals by a paired bootstrap over problems; p
    is of McNemar's exact test, where every item has one reply and is a problem of its own. For
    example:

    avrgym compare runs/qwen runs/blind

    avrgym compare runs/quickstart runs/quickstart:start --by level

    Attributes:
        first: What avrgym evaluate or avrgym train wrote; a run's stage stands behind a colon, the
            last one is taken without.
        second: Likewise.
        by: Columns to tell apart, with commas between them.
        json: Print JSON.
    """

    first: Annotated[str, tyro.conf.Positional, _SIDE]
    second: Annotated[str, tyro.conf.Positional, _SIDE]
    by: str = "level,format"
    json: bool = False

    def do(self) -> bool:
        """Compares, and prints what was found."""
        by = [name.strip() for name in self.by.split(",") if name.strip()]
        names, held = zip(*(rows_of(word) for word in (self.first, self.second)), strict=True)
        first, second = (Table.of(rows) for rows in held)
        groups = beside(first, second, *by)
        whole = beside(first, second)[()]
        if whole.compared is None:
            raise TaskError(
                f"{names[0]} and {names[1]} have no item in common; compare evaluations of one "
                "suite, split and seed"
            )
        both = (*first["generator"].values, *second["generator"].values)
        judges = dict.fromkeys(both)
        if self.json:
            print(_json(names, by, groups, whole, list(judges)))
            return True
        print(_table(by, groups, whole))
        print(f"first: {names[0]}; second: {names[1]}")
        print(
            f"items in both: {whole.both:,}; only in the first: {whole.first:,}; only in the "
            f"second: {whole.second:,}"
        )
        if len(judges) > 1:
            print(f"judged by {', '.join(judges)}; avrgym judge FOLDER --write makes that one")
        return True


def _table(by: list[str], groups: Mapping[Key, Beside], whole: Beside) -> str:
    head = ("items", "first", "second", "difference", "95 % interval", "won", "lost", "p")
    rows = [(*by, *head)]
    for key, found in [*groups.items(), (("all",), whole)]:
        shown = [_word(key[at]) if at < len(key) else "" for at in range(len(by))]
        rows.append((*shown, *_cells(found)))
    return "\n".join(aligned(rows, len(by)))


def _cells(found: Beside) -> tuple[str, ...]:
    held = found.compared
    if held is None:
        return (f"{found.both:,}", *[""] * 7)
    counts = ("" if n is None else f"{n:,}" for n in (held.won, held.lost))
    return (
        f"{found.both:,}",
        f"{held.first.value:.1%}",
        f"{held.second.value:.1%}",
        f"{100 * held.gap.value:+.1f}",
        f"{100 * held.gap.low:+.1f} to {100 * held.gap.high:+.1f}",
        *counts,
        "" if held.p is None else f"{held.p:.2g}",
    )


def _json(
    names: tuple[str, ...],
    by: list[str],
    groups: Mapping[Key, Beside],
    whole: Beside,
    judges: list[str],
) -> str:
    made = {
        **{"first": names[0], "second": names[1], "judged_by": judges},
        "overall": _plain(whole),
        "groups": [dict(zip(by, key, strict=True)) | _plain(each) for key, each in groups.items()],
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def _plain(found: Beside) -> dict[str, Any]:
    items = {"both": found.both, "only_first": found.first, "only_second": found.second}
    if (held := found.compared) is None:
        return {"items": items}
    return {
        "items": items,
        **{
            name: {"value": each.value, "interval": [each.low, each.high]}
            for name, each in _named(held.first, held.second, held.gap).items()
        },
        **{"won": held.won, "lost": held.lost, "p": held.p},
    }


def _named(first: Estimate, second: Estimate, gap: Estimate) -> dict[str, Estimate]:
    return {"first": first, "second": second, "difference": gap}


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return " x ".join(map(str, value))
    return "" if value is None else str(value)
