"""Levels whose answers are not shown to who is trained on them."""

from collections.abc import Sequence

from avrgym._core import TaskError
from avrgym.core.address import setting_of
from avrgym.core.ladder import expand


def hides(levels: Sequence[str], setting: str) -> bool:
    """Whether answers of a level are not shown, whatever the wording it is asked in.

    Args:
        levels: Hidden ones, such as ``grid_navigation/rung2..rung3``.
        setting: The level asked about, with what is said of its wording behind ``?``.
    """
    return not {setting, setting.partition("?")[0]}.isdisjoint(expand(levels))


def shown(levels: Sequence[str], addresses: Sequence[str]) -> list[bool]:
    """Whether the answer of each address is shown."""
    return [not hides(levels, setting_of(address)) for address in addresses]


def check(levels: Sequence[str], asked: Sequence[str]) -> None:
    """Looks whether every hidden level is asked for at all.

    Args:
        levels: Hidden ones.
        asked: What a stage asks for, as addresses begin.

    Raises:
        TaskError: One is not; so its answers would not be hidden wherever they were meant to be.
    """
    for level in expand(levels):
        if not any(hides([level], setting) for setting in asked):
            known = ", ".join(dict.fromkeys(setting.partition("?")[0] for setting in asked))
            raise TaskError(
                f'credit.hidden has "{level}", and the stage never asks for it; it asks for {known}'
            )
