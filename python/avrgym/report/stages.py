"""The stages of a run as its record tells them: any number, of any kind and name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from avrgym import _core
from avrgym.core.address import setting_of
from avrgym.report.names import SHADES, START, format_name, listed

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_ROLE = "trained on"  # where a stage does not say what it does with its levels


@dataclass(frozen=True, slots=True)
class Told:
    """One stage.

    Attributes:
        name: Of the stage within its run.
        label: What the page calls it.
        shade: The color behind its steps.
        role: What it does with a level, as its kind says: ``imitated``, ``reinforced``.
        drawn: The settings that it drew, each with its format, or None for any.
        shown: Those whose worked replies it imitated beside, likewise.
        first: Its first step, counted over the whole run.
        last: Its last one.
    """

    name: str
    label: str
    shade: str
    role: str
    drawn: frozenset[tuple[str, str | None]]
    shown: frozenset[tuple[str, str | None]]
    first: int
    last: int


def stages(events: Iterable[Mapping[str, Any]], rows: Rows) -> list[Told]:
    """Those that were begun or evaluated, in the order of the record; ``start`` comes first.

    Args:
        events: Of the run. ``stage`` events say a stage's name, kind, settings and steps, and may
            say its ``label``, ``shade``, ``role``, ``asks`` (settings with formats) and
            ``demonstrates`` (such too, of which it imitates worked replies).
        rows: Of results.
    """
    begun: dict[str, dict[str, Any]] = {}
    reached: dict[str, int] = {}
    for event in events:
        if event.get("event") == "stage":
            begun[event["stage"]] = dict(event)
        elif "step" in event:
            name = event["stage"]
            reached[name] = max(reached.get(name, 0), int(event["step"]))
    evaluated = dict.fromkeys(row["stage"] for row in rows)
    named = [START] if START in evaluated else []
    named += [name for name in {**begun, **reached, **evaluated} if name != START]
    kinds = list(dict.fromkeys(event.get("kind", name) for name, event in begun.items()))
    found: list[Told] = []
    at = 0
    for name in named:
        event = begun.get(name, {})
        steps = int(event.get("steps") or reached.get(name, 0))
        kind = str(event.get("kind", name))
        shade = SHADES[kinds.index(kind) % len(SHADES)] if kind in kinds else SHADES[0]
        found.append(
            Told(
                name,
                _label(name, kind, event),
                event.get("shade") or shade,
                event.get("role") or _ROLE,
                _canonical(_asked(event)),
                _canonical([(setting, shown) for setting, shown in event.get("demonstrates", ())]),
                at,
                at + steps,
            )
        )
        at += steps
    return found


def role(level: str, format: str, of: Sequence[Told]) -> str:
    """What training saw of a level in a format: ``imitated``, ``only reinforced``, ``never seen``.

    A level that was seen in other formats alone says so: ``imitated as text``.
    """
    elsewhere: dict[str, dict[str, None]] = {}
    here: dict[str, None] = {}
    did = [(each.role, pair) for each in of for pair in each.drawn]
    did += [("imitated", pair) for each in of for pair in each.shown]
    for what, (setting, shown) in did:
        if setting == level and shown in (None, format):
            here[what] = None
        elif setting == level:
            elsewhere.setdefault(what, {})[format_name(str(shown))] = None
    if here:
        return "imitated" if "imitated" in here else f"only {listed(list(here))}"
    if not elsewhere:
        return "never seen"
    return "; ".join(f"{what} as {listed(sorted(shown))}" for what, shown in elsewhere.items())


def _label(name: str, kind: str, event: Mapping[str, Any]) -> str:
    if name == START:
        return "before"
    label = str(event.get("label") or (kind.upper() if len(kind) < 5 else kind))
    return label if name == kind else name


_Asked: TypeAlias = list[tuple[str, str | None]]


def _asked(event: Mapping[str, Any]) -> _Asked:
    asks: _Asked = [(setting, shown) for setting, shown in event.get("asks", ())]
    return asks or [(setting, None) for setting in event.get("settings", ())]


def _canonical(asked: _Asked) -> frozenset[tuple[str, str | None]]:
    if not asked:
        return frozenset()
    canonical = _core.canonical([f"{setting_of(setting)}#train:0:0" for setting, _ in asked])
    return frozenset(
        (setting_of(address), shown) for address, (_, shown) in zip(canonical, asked, strict=True)
    )
